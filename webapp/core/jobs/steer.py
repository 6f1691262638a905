"""What people do to a job: look it up, stop it, have its unfinished items tried again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction
from webapp.core.db import after_commit, unit
from webapp.core.errors import Conflict, NotFound
from webapp.core.jobs.models import ItemState, Job, JobItem, JobState, log_event
from webapp.core.jobs.start import Starter


def find_job(session: Session, job_id: UUID) -> Job:
    """Answer the company's job of this id. Raises NotFound."""
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound("There is no such job.")
    return job


def _held(session: Session, job_id: UUID) -> Job:
    """The job as it is now, locked for the caller's unit: a worker may claim or end it at this moment."""
    job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise NotFound("There is no such job.")
    return job


def cancel(session: Session, actor: Actor, job_id: UUID, starter: Starter) -> Job:
    """Stop the job: a queued one never starts, a running one stops within seconds.

    Finished items stay. A job that has ended is left as it is; one that has done everything ends as done.
    """
    with unit(session):
        job = _held(session, job_id)
        now = starter.clock.now()
        if job.state.live and job.cancel_asked_at is None:
            job.cancel_asked_at, job.cancel_asked_by = now, actor.name
            if job.state is JobState.QUEUED:
                job.state, job.finished_at = JobState.CANCELLED, now
            starter.auditor.record(session, actor, AuditAction.JOB_CANCELLED, job)
            log_event(session, job, now, "asked to stop", actor.name)
    return job


def retry(
    session: Session, actor: Actor, job_id: UUID, starter: Starter, *, reason: str | None = None
) -> Job:
    """Queue the job again for its unfinished items only; `reason` chooses those that failed for one.

    Raises Conflict while it is live, and when there is nothing to do again.
    """
    with unit(session):
        job = _held(session, job_id)
        if job.state.live:
            raise Conflict("This job is still running.")
        if job.state is JobState.DONE:
            raise Conflict("Nothing is left to do in this job.")
        if job.forgotten_at is not None:
            raise Conflict("What this job was given has been forgotten since. Please start it anew.")
        failed = update(JobItem).where(JobItem.job_id == job.id, JobItem.state == ItemState.FAILED)
        if reason is not None:
            failed = failed.where(JobItem.problem == reason)
        session.execute(failed.values(state=ItemState.WAITING, problem_code="", problem=""))
        left = _states(session, job.id)
        if not left.get(ItemState.WAITING):
            raise Conflict("No item of this job failed for this reason.")
        _requeue(job, starter)
        job.failed = left.get(ItemState.FAILED, 0)
        starter.auditor.record(session, actor, AuditAction.JOB_RETRIED, job)
        log_event(session, job, starter.clock.now(), "tried again", actor.name)
        after_commit(session, lambda: starter.ring(job.id, job.queue))
    return job


def _states(session: Session, job_id: UUID) -> dict[ItemState, int]:
    rows = session.execute(
        select(JobItem.state, func.count()).where(JobItem.job_id == job_id).group_by(JobItem.state)
    )
    return dict(rows.all())


def _requeue(job: Job, starter: Starter) -> None:
    job.state = JobState.QUEUED
    job.claims = 0
    job.problem_code = job.problem = job.cancel_asked_by = ""
    job.cancel_asked_at = job.finished_at = job.lease_until = None
    job.rung_at = starter.clock.now()
