"""The schedule: what areas have done regularly, each company by its own clock, each due time once.

RQ brings a scheduler of its own. It keeps due times in its process, counts in UTC and writes pickles
into Redis; here a restart, a lost Redis and a company's time zone must not matter, so the rows are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.access import Actor, Permission
from webapp.core.audit import AuditAction
from webapp.core.db import Row, Tenant, company_of, every_company, lock_key, scope_to, unit
from webapp.core.errors import Conflict
from webapp.core.jobs.kinds import JobKind
from webapp.core.jobs.models import Job
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.jobs.when import When, next_due
from webapp.settings import Settings

log = structlog.get_logger()
NOBODY = "the schedule"


@dataclass(frozen=True)
class Schedule:
    """Something that is done regularly: one job of a kind, with values read from the settings."""

    name: str
    label: str
    kind: JobKind
    when: When
    params: Callable[[Settings], dict[str, Any]]


class ScheduleRow(Tenant, Row, kw_only=True):
    """Where a company stands with one schedule. `plan` is what `next_at` was computed from."""

    __tablename__ = "schedules"
    __table_args__ = (UniqueConstraint("company_id", "name"),)

    name: Mapped[str] = mapped_column(String(60))
    plan: Mapped[str] = mapped_column(String(120))
    next_at: Mapped[datetime]
    last_at: Mapped[datetime | None] = mapped_column(default=None)
    last_job_id: Mapped[UUID | None] = mapped_column(default=None)
    paused_at: Mapped[datetime | None] = mapped_column(default=None)
    paused_by: Mapped[str] = mapped_column(String(200), default="")


@dataclass(frozen=True)
class Line:
    """A schedule as the company sees it, with the job of its last run."""

    schedule: Schedule
    row: ScheduleRow
    job: Job | None


@dataclass(frozen=True)
class Scheduler:
    """Starts what is due. `companies` answers every company with its time zone, `zone` the session's own."""

    starter: Starter
    settings: Settings
    schedules: tuple[Schedule, ...]
    companies: Callable[[Session], Iterable[tuple[UUID, ZoneInfo]]]
    zone: Callable[[Session], ZoneInfo]

    def tick(self, session: Session) -> int:
        """Do one round over all companies; answers how many jobs were started.

        What was due while nobody looked runs once. Several schedulers may tick at once.
        """
        started = 0
        for company_id, schedule, zone in self._unsettled(session):
            scope_to(session, company_id)
            try:
                started += self._attend(session, schedule, zone)
            except Exception:
                session.rollback()
                log.exception("a schedule could not be attended to; the next round follows")
        scope_to(session, None)
        return started

    def lines(self, session: Session) -> list[Line]:
        """Answer the company's schedules; one that no scheduler has met yet stands with its first run."""
        rows = {row.name: row for row in session.scalars(select(ScheduleRow))}
        zone = self.zone(session)
        found = [(one, rows.get(one.name) or self._fresh(one, zone)) for one in self.schedules]
        ids = [row.last_job_id for _, row in found if row.last_job_id]
        jobs = {job.id: job for job in session.scalars(select(Job).where(Job.id.in_(ids)))} if ids else {}
        return [Line(one, row, jobs.get(row.last_job_id) if row.last_job_id else None) for one, row in found]

    def run_now(self, session: Session, actor: Actor, schedule: Schedule) -> Job:
        """Start the schedule's job for the actor; its next due time stays. Raises Conflict while one runs."""
        with unit(session):
            row = self._held(session, schedule, self.zone(session))
            if self._busy(session, row):
                raise Conflict("It is running already.")
            return self._start(session, actor, schedule, row, None)

    def pause(self, session: Session, actor: Actor, schedule: Schedule) -> None:
        """Start nothing of this schedule until it is resumed."""
        with unit(session):
            row = self._held(session, schedule, self.zone(session))
            if row.paused_at is None:
                row.paused_at, row.paused_by = self.starter.clock.now(), actor.name
                self.starter.auditor.record(session, actor, AuditAction.SCHEDULE_PAUSED, row)

    def resume(self, session: Session, actor: Actor, schedule: Schedule) -> None:
        """Let the schedule go on with its next due time; what was due meanwhile is not made up for."""
        with unit(session):
            zone = self.zone(session)
            row = self._held(session, schedule, zone)
            if row.paused_at is not None:
                row.paused_at, row.paused_by, row.next_at = None, "", self._next(schedule, zone)
                self.starter.auditor.record(session, actor, AuditAction.SCHEDULE_RESUMED, row)

    def _unsettled(self, session: Session) -> list[tuple[UUID, Schedule, ZoneInfo]]:
        # The scheduler serves every company: it reads due times and zones, nothing else.
        with every_company(session):
            companies = list(self.companies(session))
            rows = {(row.company_id, row.name): row for row in session.scalars(select(ScheduleRow))}
            now = self.starter.clock.now()

            def settled(company_id: UUID, one: Schedule, zone: ZoneInfo) -> bool:
                row = rows.get((company_id, one.name))
                if row is None or row.plan != _plan(one, zone):
                    return False
                return row.paused_at is not None or row.next_at > now

            found = [
                (company_id, one, zone)
                for company_id, zone in companies
                for one in self.schedules
                if not settled(company_id, one, zone)
            ]
            session.commit()
        return found

    def _attend(self, session: Session, schedule: Schedule, zone: ZoneInfo) -> bool:
        with unit(session):
            row = self._held(session, schedule, zone)
            if row.plan != _plan(schedule, zone):  # the company moved, or the schedule did
                row.plan, row.next_at = _plan(schedule, zone), self._next(schedule, zone)
            if row.paused_at or row.next_at > self.starter.clock.now() or self._busy(session, row):
                return False
            actor = Actor(company_id=company_of(session), permissions=frozenset(Permission), name=NOBODY)
            key = f"schedule:{schedule.name}:{row.next_at.isoformat()}"
            self._start(session, actor, schedule, row, key)
            row.next_at = self._next(schedule, zone)
        return True

    def _start(
        self, session: Session, actor: Actor, schedule: Schedule, row: ScheduleRow, key: str | None
    ) -> Job:
        item = NewItem(schedule.label, schedule.params(self.settings))
        job = self.starter.start(session, actor, schedule.kind, schedule.label, [item], key=key)
        row.last_at, row.last_job_id = self.starter.clock.now(), job.id
        return job

    def _held(self, session: Session, schedule: Schedule, zone: ZoneInfo) -> ScheduleRow:
        """The company's row, made when it is missing, kept from others until the unit ends."""
        lock_key(session, company_of(session), "schedule", schedule.name)
        named = select(ScheduleRow).where(ScheduleRow.name == schedule.name).with_for_update()
        row = session.scalar(named)
        if row is None:
            row = self._fresh(schedule, zone)
            session.add(row)
            session.flush()
        return row

    def _fresh(self, schedule: Schedule, zone: ZoneInfo) -> ScheduleRow:
        plan = _plan(schedule, zone)
        return ScheduleRow(name=schedule.name, plan=plan, next_at=self._next(schedule, zone))

    def _next(self, schedule: Schedule, zone: ZoneInfo) -> datetime:
        return next_due(schedule.when, self.starter.clock.now(), zone)

    @staticmethod
    def _busy(session: Session, row: ScheduleRow) -> bool:
        job = session.get(Job, row.last_job_id) if row.last_job_id else None
        return job is not None and job.state.live


def _plan(schedule: Schedule, zone: ZoneInfo) -> str:
    return f"{schedule.when.words}, {zone.key}"
