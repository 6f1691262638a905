"""Scoring: open leads a set at a time, each with its owner's model, each set in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.db import company_of, lock_key, unit, widen_cache
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import LIVE, Job
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.sets import borders
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.jobs.when import When
from webapp.core.services import services
from webapp.leads.accuracy import watch_drift
from webapp.leads.facts import OPEN, Action
from webapp.leads.histories import OpenLeads, open_leads
from webapp.leads.in_force import InForce, all_in_force
from webapp.leads.models import Lead
from webapp.leads.patterns import Habits, habits_of
from webapp.leads.predicting import ASKED_KINDS, patterns_of, uplifts
from webapp.leads.rules import many
from webapp.leads.rules.moments import chosen
from webapp.leads.rules.personal import SURENESS
from webapp.leads.rules.score import Floats, scores
from webapp.leads.storing_scores import write_log, write_scores

IS_OPEN = Lead.stage.in_(OPEN)
ACTION_WORDS = [one.value for one in many.ACTIONS]
PRIORITY_WORDS = [one.value for one in many.PRIORITIES]
CONFIDENCES = [one.value for one in SURENESS]
MOVED = 0.01  # a probability that differs from the stored one by so much is logged


@dataclass(frozen=True)
class Whole:
    """What a set's scoring needs beside its leads: its owners' models and habits."""

    mine: dict[UUID | None, InForce]
    habits: dict[UUID | None, Habits]


def start_scoring(session: Session, actor: Actor, starter: Starter, *, size: int) -> Job:
    """Start a job over all open leads; one at work is answered instead."""
    with unit(session):
        lock_key(session, company_of(session), "scoring")
        live = running_scoring(session)
        if live is not None:
            return live
        ends = list(borders(session, Lead.id, size, IS_OPEN))
        sets = [
            NewItem(
                f"Leads {number * size + 1:,} to {(number + 1) * size:,}",
                {"first": str(first), "last": str(last)},
            )
            for number, (first, last) in enumerate(ends)
        ]
        return starter.start(
            session, actor, SCORE, "Score open leads", [*sets, NewItem("Watch", {"close": True})]
        )


def running_scoring(session: Session) -> Job | None:
    """The company's scoring that waits or is at work."""
    live = select(Job).where(Job.kind == SCORE.name, Job.state.in_(LIVE))
    return session.scalar(live.order_by(Job.id.desc()).limit(1))


def work(context: ItemContext) -> None:
    """Score a set, or look at what the scoring found."""
    if context.params.get("close"):
        _close(context)
        return
    session, now = context.session, context.clock.now()
    widen_cache(session)
    ends = UUID(context.params["first"]), UUID(context.params["last"])
    criteria = [IS_OPEN, Lead.id.between(*ends)]
    rows, logged = score_leads(session, criteria, now, context.stop_if_asked)
    session.commit()
    outcome = {"result": "scored", "scored": len(rows), "note": f"{len(rows):,} scored."}
    with context.effect(outcome) as writing:
        write_scores(writing, rows, now)
        write_log(writing, logged, now)


def _close(context: ItemContext) -> None:
    with context.effect({"result": "watched"}) as writing:
        watch_drift(writing, context.clock.now())


def score_leads(
    session: Session, criteria: Sequence[ColumnElement[bool]], now: datetime, pause: Callable[[], None]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, Any, int, float]]]:
    """Score the leads that meet the criteria: rows to store, and predictions to log."""
    owners = {row[0] for row in session.execute(select(Lead.owner_id).where(*criteria).distinct())}
    zone = services().zone(session)
    whole = Whole(
        _models(session, owners),
        {one: habits_of(session, one, zone, with_hours=False) for one in owners},
    )
    kinds = tuple(dict.fromkeys(kind for one in whole.mine.values() for kind in one.kinds))
    found = open_leads(session, criteria, now, (*ASKED_KINDS, *kinds))
    rows: list[tuple[Any, ...]] = [()] * len(found)
    logged: list[tuple[Any, Any, int, float]] = []
    for owner, places in _by_owner(found).items():
        pause()
        for place, row in _scored(found, places, whole, owner):
            rows[place] = row
            p, number = row[1], row[6]
            before, version = found.before[place]
            if before is None or version != number or abs(p - before) >= MOVED:
                logged.append((found.keys[place], owner, number, p))
    return rows, logged


def _models(session: Session, owners: set[UUID | None]) -> dict[UUID | None, InForce]:
    models = all_in_force(session, [one for one in owners if one is not None])
    return {None: InForce(), **dict(models.items())}


def _by_owner(found: OpenLeads) -> dict[UUID | None, NDArray[np.int64]]:
    """The places of each owner's leads."""
    places: dict[UUID | None, list[int]] = {}
    for place, owner in enumerate(found.owners):
        places.setdefault(owner, []).append(place)
    return {owner: np.array(some, np.int64) for owner, some in places.items()}


def _scored(
    found: OpenLeads, places: NDArray[np.int64], whole: Whole, owner: UUID | None
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows to store of one owner's leads, each with its place."""
    mine, habits = whole.mine[owner], whole.habits[owner]
    theirs = np.zeros(len(found), bool)
    theirs[places] = True
    moments = chosen(found.moments, theirs)
    predicted = mine.predict(moments)
    raised = uplifts(mine, moments, predicted)
    columns = (
        np.rint(scores(moments.standing, mine.multipliers)).astype(int).tolist(),
        predicted.probability.tolist(),
        [CONFIDENCES[place] for place in predicted.confidences().tolist()],
        *_advice(found, places, predicted.probability, habits, raised),
    )
    for place, row in zip(places.tolist(), zip(*columns, strict=True), strict=True):
        yield place, (*row, mine.number, found.updated[place], found.keys[place])


def _advice(
    found: OpenLeads,
    places: NDArray[np.int64],
    probability: Floats,
    habits: Habits,
    raised: Mapping[Action, Floats],
) -> tuple[list[str], list[str], list[bool]]:
    """Action, priority and risk of each, as they are stored."""
    all_of_them, median = found.moments, habits.median_value or np.nan
    standings = many.Standings(
        stage=all_of_them.stage[places],
        probability=probability,
        quiet_days=np.minimum(all_of_them.standing.quiet_days, all_of_them.standing.age_days)[places],
        outreach_days=found.outreach_days[places],
        value_ratio=all_of_them.values[places] / median,
    )
    limit = patterns_of(habits, {}).limit[0]
    action, priority, risk = many.chosen_of_many(standings, limit, raised)
    return (
        [ACTION_WORDS[place] for place in action.tolist()],
        [PRIORITY_WORDS[place] for place in priority.tolist()],
        risk.tolist(),
    )


def nightly(context: ItemContext) -> None:
    """Start the scoring of all open leads."""
    session, made = context.session, services()
    said = "No open leads."
    if session.scalar(select(Lead.id).where(IS_OPEN).limit(1)) is not None:
        job = start_scoring(session, context.actor, made.starter, size=made.settings.lead_set)
        said = f"{job.total - 1:,} sets of leads to score."
    with context.effect({"result": "started", "note": said}):
        pass


SCORE = JobKind(
    "leads.score",
    "Score leads",
    Queue.BATCH,
    Permission.LEADS_WRITE,
    work,
    where=lambda _session, _job: "/leads",
)
NIGHTLY = JobKind(
    "leads.nightly",
    "Start the scoring of leads",
    Queue.BATCH,
    Permission.LEADS_MANAGE,
    nightly,
)
SCHEDULES = (Schedule("leads.score", "Score open leads", NIGHTLY, When(hour=2), lambda _: {}),)
