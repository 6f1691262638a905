"""The sweeper: rings again for what nobody works on, and ends what cannot go on."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from webapp.core.clock import Clock
from webapp.core.db import every_company, unit
from webapp.core.jobs.kinds import Patience
from webapp.core.jobs.models import Job, JobState, log_event

log = structlog.get_logger()
PATIENCE = 5.0  # seconds a rung job may stay queued while its queue is empty
LONG_PATIENCE = 60.0  # while other messages wait there: its own may be among them, or lost
STOP_PATIENCE = 5.0  # seconds a process may take to stop by itself
MOST_CLAIMS = 5  # a job whose process ended so often is set aside
SET_ASIDE = (
    "The process that worked on this job ended or fell silent {claims} times, so the job was set aside. "
    "Its finished items are kept."
)
OVER_LIMIT = "Stopped after {time} without finishing anything. Its finished items are kept."


class Hold(enum.Enum):
    """How a work process stands to the job that it was started for."""

    HOLDS = enum.auto()
    ANOTHERS = enum.auto()  # not claimed yet, or claimed by another since
    OVER = enum.auto()  # it is to end now, whatever it is doing


@dataclass(frozen=True)
class Sweeper:
    """Looks over every company's live jobs. `waiting` answers how many messages a queue holds, or None."""

    clock: Clock
    ring: Callable[[UUID, str], None]
    waiting: Callable[[str], int | None]
    patience: Patience

    def sweep(self, session: Session) -> int:
        """Do one round; answers how many jobs were rung for or ended."""
        # The sweeper serves every company: it sees ids and states, never contents.
        with every_company(session):
            stuck = [(job.id, job.queue) for job in session.scalars(self._stuck())]
            session.commit()
            # Asked before any unit: a queue server that hangs must not hold the write lock.
            waiting = {queue: self.waiting(queue) for queue in {queue for _, queue in stuck}}
            return sum(self._mend(session, job_id, waiting[queue]) for job_id, queue in stuck)

    def look(self, session: Session, job_id: UUID, worker: str) -> Hold:
        """Answer how the process called `worker` stands to the job, setting aside a job that is stuck."""
        with every_company(session):  # a worker serves every company; see `claim`
            job = session.get(Job, job_id)
            if job is not None and job.worker == worker and self._overdue(job):
                with unit(session):
                    self._ended(session, session.get_one(Job, job_id, with_for_update=True))
            hold = self._hold(session.get(Job, job_id), worker)
            session.commit()
            return hold

    def horse_ended(self, session: Session, job_id: UUID, worker: str) -> bool:
        """Hand on at once the job of a process that ended while it held it; answers whether it did."""
        with every_company(session):
            mine = select(Job).where(Job.id == job_id, Job.worker == worker, Job.state == JobState.RUNNING)
            with unit(session):
                job = session.scalar(mine.with_for_update())
                if job is None:
                    return False
                log_event(session, job, self.clock.now(), "its process ended", worker)
                job.lease_until = None
                if self._ended(session, job):
                    return True
                job.rung_at, queue = self.clock.now(), job.queue
        self.ring(job_id, queue)
        return True

    def _hold(self, job: Job | None, worker: str) -> Hold:
        if job is None:
            return Hold.ANOTHERS
        if job.worker != worker:
            return Hold.ANOTHERS
        late = self.clock.now() - timedelta(seconds=STOP_PATIENCE)
        # One that still moves on is stopping: it may have to take back what it did.
        quiet = job.progress_at is None or job.progress_at < late
        deaf = quiet and job.cancel_asked_at is not None and job.cancel_asked_at < late
        return Hold.OVER if job.state is JobState.INTERRUPTED or deaf else Hold.HOLDS

    def _stuck(self) -> Select[Any]:
        now = self.clock.now()
        slow = now - timedelta(seconds=self.patience.shortest())
        silent = or_(Job.lease_until.is_(None), Job.lease_until < now)
        expired = and_(Job.state == JobState.RUNNING, or_(silent, Job.progress_at < slow))
        unheard = and_(
            Job.state == JobState.QUEUED,
            or_(Job.rung_at.is_(None), Job.rung_at < now - timedelta(seconds=PATIENCE)),
        )
        return select(Job).where(or_(expired, unheard)).order_by(Job.id).limit(500)

    def _mend(self, session: Session, job_id: UUID, waiting: int | None) -> bool:
        with unit(session):
            job = session.scalar(self._stuck().where(Job.id == job_id).with_for_update())
            if job is None:
                return False
            if (job.state is JobState.RUNNING or job.cancel_asked_at) and self._ended(session, job):
                return True
            if job.state is JobState.RUNNING and job.lease_until and job.lease_until >= self.clock.now():
                return False  # slow for an impatient kind, and of another
            patience = PATIENCE if job.state is JobState.RUNNING or waiting == 0 else LONG_PATIENCE
            if not self._rung_before(job, patience):
                return False
            job.rung_at = self.clock.now()
            queue = job.queue
        log.info("ringing again", job=str(job_id))
        self.ring(job_id, queue)
        return True

    def _rung_before(self, job: Job, seconds: float) -> bool:
        return job.rung_at is None or job.rung_at < self.clock.now() - timedelta(seconds=seconds)

    def _overdue(self, job: Job) -> bool:
        if job.state is not JobState.RUNNING or job.progress_at is None:
            return False
        return job.progress_at < self.clock.now() - timedelta(seconds=self.patience.of(job.kind))

    def _silent(self, job: Job) -> bool:
        return job.lease_until is None or job.lease_until < self.clock.now()

    def _ended(self, session: Session, job: Job) -> bool:
        """End the job inside the caller's unit when it was stopped, is stuck or has had all its tries."""
        now = self.clock.now()
        over = job.state is JobState.QUEUED or self._silent(job) or self._overdue(job)
        if job.cancel_asked_at and over:
            job.state, job.finished_at = JobState.CANCELLED, now
            log_event(session, job, now, "stopped")
        elif self._overdue(job):
            words = duration(self.patience.of(job.kind))
            self._set_aside(session, job, "over_limit", OVER_LIMIT.format(time=words))
        elif job.claims >= MOST_CLAIMS and self._silent(job):
            self._set_aside(session, job, "set_aside", SET_ASIDE.format(claims=job.claims))
        else:
            return False
        job.fence += 1  # whoever still holds the old one may write no more
        return True

    def _set_aside(self, session: Session, job: Job, code: str, problem: str) -> None:
        now = self.clock.now()
        job.state, job.finished_at = JobState.INTERRUPTED, now
        job.problem_code, job.problem = code, problem
        log_event(session, job, now, "set aside", problem)


def duration(seconds: float) -> str:
    """Say a length of time in words: seconds below two minutes, else whole minutes."""
    count, word = (
        (round(seconds), "second") if seconds < 120 and seconds != 60 else (round(seconds / 60), "minute")
    )
    return f"{count} {word}{'' if count == 1 else 's'}"
