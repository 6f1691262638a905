"""Which jobs somebody may see, and how many stand under each tab."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.jobs.kinds import JobKind
from webapp.core.jobs.models import LIVE, Job, JobState
from webapp.core.services import services

ATTENTION = (JobState.DONE_WITH_FAILURES, JobState.FAILED, JobState.INTERRUPTED)
GROUPS = {
    "running": tuple(LIVE),
    "attention": ATTENTION,
    "finished": (JobState.DONE, JobState.CANCELLED),
}


def may_see(who: Actor) -> ColumnElement[bool]:
    """Jobs of the areas in which the caller may do something: a title names people."""
    return Job.kind.in_([kind.name for kind in services().kinds if reads(who, kind)])


def reads(who: Actor, kind: JobKind) -> bool:
    """Whether the actor may do anything in the kind's area."""
    area = kind.permission.value.partition(".")[0]
    return any(held.value.partition(".")[0] == area for held in who.permissions)


def counts_for(session: Session, who: Actor) -> dict[str, int]:
    """Count the jobs under each tab; "" is all of them, "scheduled" the schedules."""
    rows = session.execute(select(Job.state, func.count(Job.id)).where(may_see(who)).group_by(Job.state))
    found = dict(rows.all())
    counts = {name: sum(found.get(state, 0) for state in states) for name, states in GROUPS.items()}
    return {**counts, "": sum(found.values()), "scheduled": len(services().scheduler.schedules)}
