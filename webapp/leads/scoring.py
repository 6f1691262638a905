"""Scoring: open leads a set at a time, each with its owner's model, each set in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache

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
from webapp.leads.histories import OpenLeads, id_of, open_leads
from webapp.leads.in_force import InForce, all_in_force
from webapp.leads.models import Lead
from webapp.leads.patterns import Habits, habits_of
from webapp.leads.predicting import ASKED_KINDS, patterns_of, uplifts
from webapp.leads.rules import many
from webapp.leads.rules.moments import chosen
from webapp.leads.rules.personal import SURENESS
from webapp.leads.rules.score import Floats, scores
from webapp.leads.storing_scores import Columns, Said, write_log, write_scores

IS_OPEN = Lead.stage.in_(OPEN)
ACTION_WORDS = np.array([one.value for one in many.ACTIONS], object)
PRIORITY_WORDS = np.array([one.value for one in many.PRIORITIES], object)
CONFIDENCES = np.array([one.value for one in SURENESS], object)
MOVED = 0.01  # a probability that differs from the stored one by so much is logged
_read: LRUCache[tuple[UUID | None, UUID | None], Habits] = LRUCache(2_000)  # by owner and job
Places = NDArray[np.int64]


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
    scored, logged = score_leads(session, criteria, now, context.stop_if_asked, context.lease.job_id)
    session.commit()
    count = len(scored[0])
    outcome = {"result": "scored", "scored": count, "note": f"{count:,} scored."}
    with context.effect(outcome) as writing:
        write_scores(writing, scored, now)
        write_log(writing, logged, now)


def _close(context: ItemContext) -> None:
    with context.effect({"result": "watched"}) as writing:
        watch_drift(writing, context.clock.now())


def score_leads(
    session: Session,
    criteria: Sequence[ColumnElement[bool]],
    now: datetime,
    pause: Callable[[], None],
    job_id: UUID | None = None,
) -> tuple[Columns, list[Said]]:
    """Score the leads that meet the criteria: columns to store, and predictions to log.

    The sets of one job share what their owners' closed leads say.
    """
    owners = {row[0] for row in session.execute(select(Lead.owner_id).where(*criteria).distinct())}
    whole = Whole(_models(session, owners), {one: _habits(session, one, job_id) for one in owners})
    kinds = tuple(dict.fromkeys(kind for one in whole.mine.values() for kind in one.kinds))
    found = open_leads(session, criteria, now, (*ASKED_KINDS, *kinds))
    made = Made(len(found))
    for owner, places in _by_owner(found).items():
        pause()
        _score(found, places, whole, owner, made)
    return made.columns(found), made.to_log(found)


def _models(session: Session, owners: set[UUID | None]) -> dict[UUID | None, InForce]:
    models = all_in_force(session, [one for one in owners if one is not None])
    return {None: InForce(), **dict(models.items())}


def _habits(session: Session, owner: UUID | None, job_id: UUID | None) -> Habits:
    """A person's habits, read once a job: its sets meet the same persons again and again."""
    key = owner, job_id
    known = _read.get(key) if job_id else None
    if known is None:
        known = habits_of(session, owner, services().zone(session), with_hours=False)
        if job_id:
            _read[key] = known
    return known


def _by_owner(found: OpenLeads) -> dict[UUID | None, Places]:
    """The places of each owner's leads."""
    if not len(found):
        return {}
    number = {owner: place for place, owner in enumerate(dict.fromkeys(found.owners))}
    whose = np.fromiter(map(number.__getitem__, found.owners), np.int64, len(found))
    order = np.argsort(whose, kind="stable")
    ends = np.cumsum(np.bincount(whose, minlength=len(number)))[:-1]
    return dict(zip(map(id_of, number), np.split(order, ends), strict=True))


class Made:
    """What is made of a set's leads, in arrays along them, an owner after the other."""

    def __init__(self, leads: int) -> None:
        self.score, self.probability = np.zeros(leads), np.zeros(leads)
        self.confidence, self.action, self.priority, self.number = np.zeros((4, leads), np.int64)
        self.risk = np.zeros(leads, bool)

    def columns(self, found: OpenLeads) -> Columns:
        """What is stored, in the order of `storing_scores.COLUMNS`."""
        return (
            np.rint(self.score).astype(int).tolist(),
            self.probability.tolist(),
            CONFIDENCES[self.confidence].tolist(),
            ACTION_WORDS[self.action].tolist(),
            PRIORITY_WORDS[self.priority].tolist(),
            self.risk.tolist(),
            self.number.tolist(),
            found.updated,
            found.keys,
        )

    def to_log(self, found: OpenLeads) -> list[Said]:
        """The predictions that are new, of another version, or moved."""
        same = (found.version == self.number) & (np.abs(self.probability - found.probability) < MOVED)
        return [
            (found.keys[place], found.owners[place], number, p)
            for place, number, p in zip(
                np.flatnonzero(~same).tolist(),
                self.number[~same].tolist(),
                self.probability[~same].tolist(),
                strict=True,
            )
        ]


def _score(found: OpenLeads, places: Places, whole: Whole, owner: UUID | None, made: Made) -> None:
    """Score one owner's leads."""
    mine, habits = whole.mine[owner], whole.habits[owner]
    theirs = np.zeros(len(found), bool)
    theirs[places] = True
    moments = chosen(found.moments, theirs)
    predicted = mine.predict(moments)
    raised = uplifts(mine, moments, predicted)
    made.score[places] = scores(moments.standing, mine.multipliers)
    made.probability[places] = predicted.probability
    made.confidence[places] = predicted.confidences()
    made.number[places] = mine.number
    made.action[places], made.priority[places], made.risk[places] = _advice(
        found, places, predicted.probability, habits, raised
    )


def _advice(
    found: OpenLeads,
    places: Places,
    probability: Floats,
    habits: Habits,
    raised: Mapping[Action, Floats],
) -> tuple[Places, Places, many.Flags]:
    """Action, priority and risk of each, as places in the lists of words."""
    all_of_them, median = found.moments, habits.median_value or np.nan
    standings = many.Standings(
        stage=all_of_them.stage[places],
        probability=probability,
        quiet_days=np.minimum(all_of_them.standing.quiet_days, all_of_them.standing.age_days)[places],
        outreach_days=found.outreach_days[places],
        value_ratio=all_of_them.values[places] / median,
    )
    return many.chosen_of_many(standings, patterns_of(habits, {}).limit[0], raised)


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
