"""What happens to lessons at night: stale ones are written again within the day's money, old trials go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.errors import DomainError
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.when import When
from webapp.core.services import services
from webapp.core.text import plural
from webapp.lessons.batch import MOST_ITEMS, Choice, start_batch
from webapp.lessons.courses import all_courses
from webapp.lessons.estimate import Estimate, estimate, service_now
from webapp.lessons.models import Attempt, Course, Proposal, ProposalKind

TRIAL_DAYS = 7


def refresh(context: ItemContext) -> None:
    """Start a batch of what is missing or stale for each course that asks for it.

    Batches know the same batch at work, so that a second try starts nothing twice.
    """
    said, spent = list[str](), 0
    for course in all_courses(context.session):
        context.stop_if_asked()
        if course.nightly:
            cost, sentence = _refresh(context, course, spent)
            spent += cost
            said.append(f"{course.name}: {sentence}")
    note = "; ".join(said) or "No course asks for it"
    with context.effect({"result": "looked", "note": f"{note}."[:1000]}):
        pass


def _refresh(context: ItemContext, course: Course, spent: int) -> tuple[int, str]:
    """Start the course's batch; what it may cost, and what is said of it."""
    session, choice = context.session, Choice(course_id=course.id, unattended=True)
    told = estimate(session, choice, service_now(session))
    most = _affordable(told, spent)
    if told.sums.items and not most:
        return 0, "nothing, today’s spending limit is reached"
    try:
        job, _ = start_batch(session, context.actor, replace(choice, most=most), services().starter)
    except DomainError as error:
        if error.code != "nothing_to_do":
            raise
        return 0, "all is current"
    left = told.sums.items - job.total
    later = f", {left:,} left for another night" if left > 0 else ""
    return _cost_of(told, job.total), f"{plural(job.total, 'lesson')} to write{later}"


def _affordable(told: Estimate, spent: int) -> int:
    """How many lessons the rest of the day's money pays for."""
    most = min(told.sums.items, MOST_ITEMS)
    if not told.cost:
        return most
    return min(most, int(max(0, told.left - spent) / (told.cost / told.sums.items)))


def _cost_of(told: Estimate, items: int) -> int:
    return round(told.cost * items / told.sums.items) if told.sums.items else 0


def tidy(context: ItemContext) -> None:
    """Drop trials that nobody took for a week, and the record of tries past its days."""
    now = context.clock.now()
    with context.effect() as session:
        _drop_trials(session, now - timedelta(days=TRIAL_DAYS))
        before = now - timedelta(days=int(context.params["days"]))
        session.execute(delete(Attempt).where(Attempt.at < before))


def _drop_trials(session: Session, before: object) -> None:
    old = (Proposal.kind == ProposalKind.TRIAL, Proposal.created_at < before)
    session.execute(delete(Proposal).where(*old))


REFRESH = JobKind("lessons.nightly", "Refresh stale lessons", Queue.BATCH, Permission.LESSONS_WRITE, refresh)
TIDY = JobKind("lessons.tidy", "Tidy up lessons", Queue.BATCH, Permission.LESSONS_WRITE, tidy)
SCHEDULES = (
    Schedule("lessons.nightly", "Refresh stale lessons", REFRESH, When(hour=1), lambda _: {}),
    Schedule(
        "lessons.tidy",
        "Drop old trials and records of tries",
        TIDY,
        When(hour=3, minute=45),
        lambda settings: {"days": settings.job_days},
    ),
)
