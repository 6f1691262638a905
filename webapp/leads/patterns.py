"""What a person's own closed leads say beside the model: how long won ones were quiet, when answers came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from webapp.leads.facts import ANSWERING, CLOSED, Stage
from webapp.leads.histories import DAY, major
from webapp.leads.models import Activity, Lead
from webapp.leads.rules.timing import Hours

MOST_WON = 1_000  # the newest won leads that are looked at


@dataclass(frozen=True)
class Habits:
    """One person's: the longest silence of a won lead in days, of how many, answers by hour, median value."""

    longest_quiet_won_days: float | None = None
    won: int = 0
    hours: Hours = field(default_factory=dict)
    median_value: float | None = None


def habits_of(session: Session, staff_id: UUID | None, zone: ZoneInfo, *, with_hours: bool = True) -> Habits:
    """Read the habits of a person in the session's company; nothing for nobody."""
    if staff_id is None:
        return Habits()
    won = (
        select(Lead.id)
        .where(Lead.closer_id == staff_id, Lead.stage == Stage.WON, Lead.closed_at.is_not(None))
        .order_by(Lead.closed_at.desc(), Lead.id)
        .limit(MOST_WON)
    )
    quiet, count = _longest_quiet(session, list(session.scalars(won)))
    hours = answers_of(session, won, zone) if with_hours else {}
    return Habits(quiet, count, hours, _median_value(session, staff_id))


def _longest_quiet(session: Session, ids: list[UUID]) -> tuple[float | None, int]:
    """The longest time between two things that happened with a won lead, from its beginning to its close."""
    if not ids:
        return None, 0
    raw = union_all(
        select(Lead.id.label("lead"), Lead.opened_at.label("at")).where(Lead.id.in_(ids)),
        select(Lead.id, Lead.closed_at).where(Lead.id.in_(ids)),
        select(Activity.lead_id, Activity.at)
        .join(Lead, Lead.id == Activity.lead_id)
        .where(Activity.lead_id.in_(ids), Activity.at > Lead.opened_at, Activity.at < Lead.closed_at),
    ).subquery()
    rows = session.execute(select(raw.c.lead, raw.c.at).order_by(raw.c.lead, raw.c.at)).all()
    at = [row.at.timestamp() for row in rows]
    gaps = [
        (at[place + 1] - at[place]) / DAY
        for place in range(len(rows) - 1)
        if rows[place].lead == rows[place + 1].lead
    ]
    return max(gaps, default=0.0), len(ids)


def answers_of(session: Session, leads: Select[Any], zone: ZoneInfo) -> Hours:
    """When these leads answered or were reached, counted by weekday and hour of the company's clock."""
    asked = select(Activity.at).where(Activity.lead_id.in_(leads), Activity.kind.in_(ANSWERING))
    local = (at.astimezone(zone) for at in session.scalars(asked))
    return dict(Counter((at.weekday(), at.hour) for at in local))


def answers_by_lead(session: Session, lead_ids: Sequence[UUID], zone: ZoneInfo) -> dict[UUID, Hours]:
    """The same for each of these leads; those without an answer are left out."""
    asked = select(Activity.lead_id, Activity.at).where(
        Activity.lead_id.in_(lead_ids), Activity.kind.in_(ANSWERING)
    )
    found: dict[UUID, Counter[tuple[int, int]]] = {}
    for lead_id, at in session.execute(asked):
        local = at.astimezone(zone)
        found.setdefault(lead_id, Counter())[local.weekday(), local.hour] += 1
    return {lead_id: dict(hours) for lead_id, hours in found.items()}


def _median_value(session: Session, staff_id: UUID) -> float | None:
    rows = session.execute(
        select(Lead.value_minor, Lead.currency)
        .where(Lead.closer_id == staff_id, Lead.stage.in_(CLOSED), Lead.value_minor.is_not(None))
        .order_by(Lead.closed_at.desc())
        .limit(MOST_WON)
    ).all()
    values = [value for row in rows if (value := major(*row)) is not None]
    return median(values) if values else None
