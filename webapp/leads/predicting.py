"""What one person's model says of one lead, why, and what to do next; answered predictions are logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.leads.facts import Action, Confidence, Stage, Tone
from webapp.leads.histories import OpenLeads, open_leads
from webapp.leads.in_force import InForce, in_force
from webapp.leads.models import Lead, Prediction, Salesperson, ScoringModel
from webapp.leads.patterns import Habits, answers_by_lead, habits_of
from webapp.leads.rules import actions
from webapp.leads.rules.explaining import Case, Explained, default_factors, factors, in_words, similar
from webapp.leads.rules.moments import Moments, chosen, with_activity
from webapp.leads.rules.personal import Predicted, design
from webapp.leads.rules.score import Floats, scores
from webapp.leads.rules.timing import Hours, read_window

# The kind of activity that stands for an action, when the model is asked what one more would do.
KIND_OF = {
    Action.CALL: "call",
    Action.EMAIL: "email_open",
    Action.MEETING: "meeting",
    Action.SEND_LISTING: "property_view",
}
ASKED_KINDS = tuple(KIND_OF.values())


@dataclass(frozen=True)
class Told:
    """A prediction of one lead, probability and interval from 0 to 1; `cases` are the closed leads like it.

    `score` is the lead score from 0 to 100, with the person's multipliers where a model is in force.
    """

    lead_id: UUID
    staff_id: UUID | None
    number: int
    at: datetime
    probability: float
    low: float
    high: float
    own: float
    confidence: Confidence
    score: int
    explained: Explained
    cases: tuple[Case, ...]
    sentence: str
    advice: actions.Advice | None


@dataclass(frozen=True)
class Asker:
    """Who asks: their model, habits, preferences and the company's clock, read once for many leads."""

    mine: InForce
    habits: Habits
    around: actions.Circumstances
    cases: Mapping[str, Any] | None


def asker(
    session: Session, staff_id: UUID | None, zone: ZoneInfo, clock: Clock, *, with_cases: bool = True
) -> Asker:
    """Read everything about the person that predictions and advice need."""
    mine = in_force(session, staff_id)
    cases = None
    if with_cases and mine.version_id is not None:
        stored = session.scalar(select(ScoringModel.cases).where(ScoringModel.id == mine.version_id))
        cases = {**stored, "columns": np.array(stored["columns"], float)} if stored else None
    return Asker(mine, habits_of(session, staff_id, zone), _around(session, staff_id, zone, clock), cases)


def _around(session: Session, staff_id: UUID | None, zone: ZoneInfo, clock: Clock) -> actions.Circumstances:
    row = session.execute(
        select(Salesperson.contact_time, Salesperson.tone).where(Salesperson.staff_id == staff_id)
    ).first()
    window, tone = (read_window(row.contact_time), row.tone) if row else (None, Tone.PROFESSIONAL)
    return actions.Circumstances(clock.now(), zone, window, tone)


def tell(session: Session, who: Asker, lead_ids: list[UUID]) -> list[Told]:
    """Predict these leads with the person's model, with factors and advice, in the order of their ids."""
    now = who.around.now
    kinds = (*who.mine.kinds, *ASKED_KINDS)
    found = open_leads(session, [Lead.id.in_(lead_ids)], now, kinds)
    predicted = who.mine.predict(found.moments)
    raised = uplifts(who.mine, found.moments, predicted)
    points = scores(found.moments.standing, who.mine.multipliers)
    answers = answers_by_lead(session, lead_ids, who.around.zone)
    return [
        _told(who, found, place, predicted, raised, float(points[place]), answers)
        for place in range(len(found))
    ]


def _told(
    who: Asker,
    found: OpenLeads,
    place: int,
    predicted: Predicted,
    raised: Mapping[Action, Floats],
    points: float,
    answers: Mapping[UUID, Hours],
) -> Told:
    alone = np.zeros(len(found), bool)
    alone[place] = True
    key = found.keys[place]
    lead_id = key if isinstance(key, UUID) else UUID(key)
    model, moments = who.mine.model, chosen(found.moments, alone)
    cases = similar(model, who.cases, moments) if model and who.cases else []
    probability = float(predicted.probability[place])
    standing = standing_of(found, place, probability, who.habits, answers.get(lead_id))
    patterns = patterns_of(who.habits, {one: float(gain[place]) for one, gain in raised.items()})
    return Told(
        lead_id,
        who.mine.staff_id,
        who.mine.number,
        who.around.now,
        probability=probability,
        low=float(predicted.low[place]),
        high=float(predicted.high[place]),
        own=float(predicted.own[place]),
        confidence=predicted.confidence(place),
        score=round(points),
        explained=factors(model, moments) if model else default_factors(moments),
        cases=tuple(cases),
        sentence=in_words(cases, own=model is not None),
        advice=actions.advise(standing, patterns, who.around),
    )


def uplifts(mine: InForce, moments: Moments, predicted: Predicted) -> dict[Action, Floats]:
    """By how many points one more activity of each action's kind moves each lead; empty for the default."""
    if mine.model is None or not len(moments):
        return {}
    x = design(mine.model.encoder, moments)
    gained: dict[Action, Floats] = {}
    for action, kind in KIND_OF.items():
        more = mine.model.predict_columns(mine.model.columns_again(with_activity(moments, kind), x))
        gained[action] = 100.0 * (more.probability - predicted.probability)
    return gained


def standing_of(
    found: OpenLeads, place: int, probability: float, habits: Habits, hours: Hours | None = None
) -> actions.Standing:
    """One lead as the rules of advice read it."""
    standing = found.moments.standing
    quiet, value = float(standing.quiet_days[place]), float(found.moments.values[place])
    since, median = float(found.outreach_days[place]), habits.median_value
    return actions.Standing(
        stage=found.stages[place],
        probability=probability,
        quiet_days=min(quiet, float(standing.age_days[place])),
        outreach_days=None if np.isinf(since) else since,
        value_ratio=None if np.isnan(value) or not median else value / median,
        counts={
            kind: int(standing.counts[place, standing.kinds.index(kind)]) for kind in ("call", "meeting")
        },
        hours=hours or {},
    )


def patterns_of(habits: Habits, raised: Mapping[Action, float]) -> actions.Patterns:
    """The person's patterns beside what one more activity would do for one lead."""
    return actions.Patterns(raised, habits.longest_quiet_won_days, habits.won, habits.hours)


def log_predictions(session: Session, told: list[Told]) -> None:
    """Keep what was answered: one row a prediction. Closed leads are not predicted, only told of."""
    asked = select(Lead.id, Lead.stage).where(Lead.id.in_([one.lead_id for one in told]))
    stages = {row.id: row.stage for row in session.execute(asked)}
    with unit(session):
        for one in told:
            stage: Stage | None = stages.get(one.lead_id)
            if stage is not None and not stage.closed:
                session.add(
                    Prediction(
                        lead_id=one.lead_id,
                        staff_id=one.staff_id,
                        model_number=one.number,
                        probability=one.probability,
                        at=one.at,
                    )
                )
