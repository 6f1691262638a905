"""The count of experiments by a job: hourly, and where so many users met one that no page waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from webapp.accounts.companies import zone_of
from webapp.core.access import Actor, Permission
from webapp.core.db import company_of, lock_key, unit
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import LIVE, Job
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.jobs.when import When
from webapp.core.services import services
from webapp.core.text import plural
from webapp.experiments.assigning import running
from webapp.experiments.experiments import metrics_of
from webapp.experiments.facts import State
from webapp.experiments.models import Experiment
from webapp.experiments.numbers import count_anew
from webapp.experiments.results import Results, concluded, conclusion


def recount(context: ItemContext) -> None:
    """Count those that run, or the one that is asked for; what a stopped one found is kept with it."""
    session, one = context.session, context.job_params.get("experiment")
    rows = _asked(session, UUID(one)) if one else [*running(session), *_unconcluded(session)]
    found = dict[UUID, dict[str, Any]]()
    for row in rows:
        counted = _counted(context, row)
        if row.state is State.STOPPED:
            found[row.id] = conclusion(counted)
        context.stop_if_asked()
    note = f"{plural(len(rows), 'experiment')} counted." if rows else "None runs."
    with context.effect({"result": "counted", "experiments": len(rows), "note": note}):
        for row in rows:
            if row.id in found and not row.concluded:
                row.concluded = found[row.id]


def start_count(session: Session, actor: Actor, row: Experiment, starter: Starter) -> Job:
    """Start a job that counts the experiment; one that waits or is at work is answered instead."""
    with unit(session):
        lock_key(session, company_of(session), "recount", row.id)
        live = select(Job).where(Job.kind == RECOUNT.name, Job.state.in_(LIVE))
        for job in session.scalars(live):
            if job.params.get("experiment") == str(row.id):
                return job
        params = {"experiment": str(row.id)}
        return starter.start(session, actor, RECOUNT, f"Count {row.name}", [NewItem(row.name)], params=params)


def _counted(context: ItemContext, row: Experiment) -> Results:
    session, metrics = context.session, metrics_of(context.session, row.id)
    numbers = count_anew(session, row, metrics, context.clock.now(), zone_of(session), services().store)
    return concluded(row, metrics, numbers)


def _asked(session: Session, experiment_id: UUID) -> Sequence[Experiment]:
    return session.scalars(select(Experiment).where(Experiment.id == experiment_id)).all()


def _unconcluded(session: Session) -> Sequence[Experiment]:
    """Those that were stopped before what they found could be kept."""
    stopped = (
        select(Experiment).where(Experiment.state == State.STOPPED).options(undefer(Experiment.concluded))
    )
    return [row for row in session.scalars(stopped) if not row.concluded]


def _where(_session: Session, job: Job) -> str | None:
    one = job.params.get("experiment")
    return f"/experiments/{one}" if one else None


RECOUNT = JobKind(
    "experiments.recount",
    "Count experiments",
    Queue.BATCH,
    Permission.EXPERIMENTS_READ,
    recount,
    where=_where,
)
SCHEDULES = (
    Schedule("experiments.recount", "Count running experiments", RECOUNT, When(minute=35), lambda _: {}),
)
