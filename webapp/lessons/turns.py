"""Whose turn it is to write a lesson for a learner: one running job at a time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.core.db import company_of, lock_key
from webapp.core.jobs.models import LIVE, Job, JobState
from webapp.lessons.models import Turn

Pair = tuple[UUID, UUID]  # person, lesson


def lock_pair(session: Session, pair: Pair) -> None:
    """Let one unit at a time work on this (person, lesson)."""
    lock_key(session, company_of(session), "lesson", *pair)


def take_turn(session: Session, pair: Pair, job_id: UUID, now: datetime) -> bool:
    """Take the turn inside the caller's unit; False while another running job has it.

    A job that ended, or waits in a queue after its worker died, has no turn to keep.
    """
    lock_pair(session, pair)
    row = _turn(session, pair)
    if row is not None and row.job_id != job_id and _runs(session, row.job_id):
        return False
    if row is None:
        session.add(Turn(person_id=pair[0], lesson_id=pair[1], job_id=job_id, taken_at=now))
    else:
        row.job_id, row.taken_at = job_id, now
    return True


def give_back(session: Session, pair: Pair, job_id: UUID) -> None:
    """End the job's turn inside the caller's unit; another's stays."""
    mine = (Turn.person_id == pair[0], Turn.lesson_id == pair[1], Turn.job_id == job_id)
    session.execute(delete(Turn).where(*mine))


def holder(session: Session, pair: Pair) -> UUID | None:
    """The running job that has the turn."""
    row = _turn(session, pair)
    return row.job_id if row is not None and _runs(session, row.job_id) else None


def promise_turn(session: Session, pair: Pair, job_id: UUID, now: datetime) -> None:
    """Note inside the caller's unit that this queued job will write the lesson.

    Calls for the same lesson find it and wait for it too. A job that runs first may still take the turn.
    """
    row = _turn(session, pair)
    if row is None:
        session.add(Turn(person_id=pair[0], lesson_id=pair[1], job_id=job_id, taken_at=now))
    else:
        row.job_id, row.taken_at = job_id, now


def writing_job(session: Session, pair: Pair) -> Job | None:
    """The live job that has the turn or was promised it."""
    statement = (
        select(Job)
        .join(Turn, Turn.job_id == Job.id)
        .where(Turn.person_id == pair[0], Turn.lesson_id == pair[1], Job.state.in_(LIVE))
    )
    return session.scalar(statement)


def _turn(session: Session, pair: Pair) -> Turn | None:
    return session.scalar(select(Turn).where(Turn.person_id == pair[0], Turn.lesson_id == pair[1]))


def _runs(session: Session, job_id: UUID) -> bool:
    return session.scalar(select(Job.state).where(Job.id == job_id)) is JobState.RUNNING
