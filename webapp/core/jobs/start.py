"""Accept a job: its row, its items, its key and its audit row in the caller's one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import after_commit, lock_key, new_id
from webapp.core.db.scope import company_of
from webapp.core.errors import Forbidden
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import ItemState, Job, JobItem, log_event

AT_ONCE = 5_000  # items in one statement


@dataclass(frozen=True)
class NewItem:
    """An item to be done: what it concerns in words, and the values its work needs."""

    subject: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Starter:
    """Accepts jobs; `ring` tells a worker after the commit and may fail without harm."""

    clock: Clock
    auditor: Auditor
    ring: Callable[[UUID, str], None]

    def start(
        self,
        session: Session,
        actor: Actor,
        kind: JobKind,
        title: str,
        items: Sequence[NewItem],
        *,
        params: dict[str, Any] | None = None,
        key: str | None = None,
    ) -> Job:
        """Add the job to the caller's unit, or answer the one already accepted under the key."""
        if not actor.may(kind.permission):
            who = "This token’s scopes do" if actor.token_id else "Your role does"
            raise Forbidden(f"{who} not allow this: {kind.permission.label}.")
        known = self.accepted(session, key) if key else None
        if known:
            return known
        job = self._row(actor, kind, title, params or {}, len(items), key)
        session.add(job)
        session.flush()
        add_items(session, job, items)
        self.auditor.record(session, actor, AuditAction.JOB_STARTED, job)
        log_event(session, job, job.created_at, "asked for", actor.name)
        after_commit(session, lambda: self.ring(job.id, job.queue))
        return job

    def accepted(self, session: Session, key: str) -> Job | None:
        """Answer the job accepted under the key; until the unit ends nobody else accepts one."""
        lock_key(session, company_of(session), key)
        return session.scalar(select(Job).where(Job.idempotency_key == key))

    @staticmethod
    def _queue(actor: Actor, kind: JobKind) -> Queue:
        """What a program asks for stands behind what a person waits for."""
        return Queue.DEFAULT if actor.token_id and kind.queue is Queue.LLM else kind.queue

    def _row(
        self, actor: Actor, kind: JobKind, title: str, params: dict[str, Any], total: int, key: str | None
    ) -> Job:
        now = self.clock.now()
        return Job(
            kind=kind.name,
            title=title[:200],
            queue=self._queue(actor, kind).value,
            params=params,
            staff_id=actor.staff_id,
            token_id=actor.token_id,
            asked_by=actor.name,
            request_id=actor.request_id,
            idempotency_key=key,
            total=total,
            created_at=now,
            rung_at=now,
        )


def add_items(session: Session, job: Job, items: Sequence[NewItem]) -> None:
    """Write the job's items set by set, past the mapper: a batch has tens of thousands.

    They belong to the job's company; PostgreSQL checks that against the session's.
    """
    common = {"company_id": job.company_id, "job_id": job.id, "state": ItemState.WAITING, "tries": 0}
    common |= {"outcome": {}, "problem_code": "", "problem": ""}
    table: Any = JobItem.__table__
    for start in range(0, len(items), AT_ONCE):
        rows = [
            {
                **common,
                "id": new_id(),
                "position": start + place,
                "subject": one.subject[:200],
                "params": one.params,
            }
            for place, one in enumerate(items[start : start + AT_ONCE])
        ]
        session.connection().execute(insert(table), rows)
