"""The nightly forgetting: what old jobs were given and gave, and keys of calls past their age."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.idempotency import KEPT, IdempotencyKey
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import LIVE, Job, JobItem
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.when import When

AT_ONCE = 200


def forget(context: ItemContext) -> None:
    """Empty the values and outcomes of jobs that ended so many days ago; their counts and log stay."""
    before = context.clock.now() - timedelta(days=int(context.params["days"]))
    while old := _old(context.session, before):
        context.stop_if_asked()
        with context.lease.unit(context.session) as session:
            session.execute(update(JobItem).where(JobItem.job_id.in_(old)).values(params={}, outcome={}))
            session.execute(
                update(Job).where(Job.id.in_(old)).values(params={}, forgotten_at=context.clock.now())
            )
    with context.effect() as session:
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at <= context.clock.now() - KEPT))


def _old(session: Session, before: object) -> list[UUID]:
    statement = (
        select(Job.id)
        .where(Job.state.not_in(LIVE), Job.finished_at < before, Job.forgotten_at.is_(None))
        .limit(AT_ONCE)
    )
    found = list(session.scalars(statement))
    session.commit()
    return found


FORGET = JobKind("jobs.forget", "Forget what old jobs held", Queue.BATCH, Permission.JOBS_SCHEDULE, forget)
NIGHTLY = Schedule(
    "jobs.forget",
    "Forget what old jobs were given",
    FORGET,
    When(hour=3, minute=30),
    lambda settings: {"days": settings.job_days},
)
