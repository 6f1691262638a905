"""What recommendations brought in a period: follow rates, times, revenue, each by what decided it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import String, select, type_coerce
from sqlalchemy.orm import Session

from webapp.archetypes.facts import Archetype
from webapp.archetypes.models import Recommendation
from webapp.archetypes.rules.measure import (
    Decisions,
    Estimate,
    follow_rate,
    mean_revenue,
    median_time,
    uplift,
)
from webapp.archetypes.rules.ruleset import Level
from webapp.core.money import exponent_of

MOST = 50_000  # decisions that are read; the newest
FOLLOW_TARGET, BIG_SPENDER_TARGET, SECONDS_TARGET = 0.65, 0.75, 30
WEEKS = (4, 12, 52)
ENOUGH = 30  # decisions; below them a page should not judge


@dataclass(frozen=True)
class Slice:
    """One value of what recommendations are parted by, with its figures."""

    name: str
    follow: Estimate
    seconds: Estimate
    revenue: Estimate


@dataclass(frozen=True)
class Brought:
    """A period's figures. `personal` are members with a personalized answer that nobody overrode.

    `other_currency` counts decisions whose revenue is not in the company's currency; `capped` says that
    older decisions of the period were not read; `known` counts those whose revenue is told.
    """

    since: datetime
    until: datetime
    overall: Slice
    big_spenders: Slice
    by: dict[str, list[Slice]]
    personal: Slice
    held_out: Slice
    uplift: Estimate
    decisions: int
    capped: bool
    known: int
    other_currency: int
    currency: str


@dataclass(frozen=True)
class _Row:
    """A decided recommendation as it is read."""

    person: Any
    archetype: Archetype
    urgency: str
    rule: int
    held_out: bool
    overridden: bool
    recommended: Any
    selected: Any
    seconds: int | None
    revenue: int | None
    currency: str
    decided_at: datetime


RULES = {
    1: "1 Big spender, soon",
    2: "2 High flexibility",
    3: "3 Average, far off",
    4: "4 Average, near",
    5: "5 Average, at once",
    6: "6 Big spender, far off",
    7: "7 New member",
}
PARTS: dict[str, Callable[[_Row, ZoneInfo], str]] = {
    "archetype": lambda row, _: row.archetype.label,
    "urgency": lambda row, _: row.urgency,
    "rule": lambda row, _: RULES[row.rule],
    "week": lambda row, zone: _week(row.decided_at, zone),
}
ORDER = {level.value: place for place, level in enumerate(Level)}  # of urgency; the rest goes by its words


def brought(session: Session, now: datetime, zone: ZoneInfo, currency: str, weeks: int = WEEKS[1]) -> Brought:
    """Measure what was decided in the last weeks; one statement, at most 50,000 rows, the newest."""
    since = now - timedelta(weeks=weeks)
    rows = _read(session, since, now)
    capped = len(rows) > MOST
    rows = rows[:MOST]
    seen = _decisions(rows, currency)
    hand, held = (np.array([getattr(one, name) for one in rows], bool) for name in ("overridden", "held_out"))
    personal, control = seen.where(~hand & ~held), seen.where(held)
    big = np.array([one.archetype is Archetype.BIG_SPENDER for one in rows], bool)
    return Brought(
        since=rows[-1].decided_at if capped else since,
        until=now,
        overall=_slice("All", seen.where(~held)),
        big_spenders=_slice("Big spenders", seen.where(big & ~held)),
        by={part: list(_parted(rows, seen, ~held, part, zone)) for part in PARTS},
        personal=_slice("Personalized", personal),
        held_out=_slice("Held out", control),
        uplift=uplift(personal, control),
        decisions=len(rows),
        capped=capped,
        known=int((~np.isnan(seen.revenue)).sum()),
        other_currency=sum(one.currency != currency for one in rows),
        currency=currency,
    )


def _read(session: Session, since: datetime, until: datetime) -> list[_Row]:
    asked = (
        select(
            type_coerce(Recommendation.person_id, String),
            Recommendation.archetype,
            Recommendation.urgency,
            Recommendation.rule,
            Recommendation.held_out,
            Recommendation.overridden,
            Recommendation.recommended,
            Recommendation.selected,
            Recommendation.decided_seconds,
            Recommendation.revenue_minor,
            Recommendation.currency,
            Recommendation.decided_at,
        )
        .where(Recommendation.decided_at > since, Recommendation.decided_at <= until)
        .order_by(Recommendation.decided_at.desc())
        .limit(MOST + 1)
    )
    return [_Row(*values) for values in map(tuple, session.execute(asked))]


def _decisions(rows: Sequence[_Row], currency: str) -> Decisions:
    places = {person: place for place, person in enumerate(dict.fromkeys(one.person for one in rows))}
    unit = 10.0 ** exponent_of(currency)

    def money(one: _Row) -> float:
        return np.nan if one.revenue is None or one.currency != currency else one.revenue / unit

    return Decisions(
        np.array([places[one.person] for one in rows], np.int64),
        np.array([one.selected.value == one.recommended.value for one in rows], bool),
        np.array([np.nan if one.seconds is None else one.seconds for one in rows], float),
        np.array([money(one) for one in rows], float),
    )


def _parted(rows: Sequence[_Row], seen: Decisions, kept: Any, part: str, zone: ZoneInfo) -> Iterator[Slice]:
    keys = np.array([PARTS[part](one, zone) for one in rows], object)
    for key in sorted(set(keys[kept].tolist()), key=lambda one: (ORDER.get(one, 0), one)):
        yield _slice(key, seen.where(kept & (keys == key)))


def _slice(name: str, seen: Decisions) -> Slice:
    return Slice(name, follow_rate(seen), median_time(seen), mean_revenue(seen))


def _week(moment: datetime, zone: ZoneInfo) -> str:
    year, week, _ = moment.astimezone(zone).isocalendar()
    return f"{year}-W{week:02}"


def verdict(told: Brought) -> str:
    """The finding as a sentence, with its numbers."""
    rate = told.overall.follow
    if rate.n < ENOUGH or rate.value is None or rate.low is None or rate.high is None:
        return f"Not enough data: {rate.n} decisions in this period, and {ENOUGH} are needed to judge."
    place = "above" if rate.low >= FOLLOW_TARGET else "below" if rate.high < FOLLOW_TARGET else "near"
    sentence = (
        f"Members took what was recommended in {rate.value * 100:.0f} % of {rate.n:,} decisions "
        f"({rate.low * 100:.0f} to {rate.high * 100:.0f} %), "
        f"{place} the target of {FOLLOW_TARGET * 100:.0f} %."
    )
    return f"{sentence} {_uplift_in_words(told)}"


def _uplift_in_words(told: Brought) -> str:
    found = told.uplift
    if found.value is None or found.low is None or found.high is None:
        return "There are too few held-out members with revenue to say what personalization brings."
    between = f"{found.low:+,.0f} to {found.high:+,.0f} {told.currency}"
    if found.low > 0:
        return f"Personalization brings {found.value:,.0f} {told.currency} more a transaction ({between})."
    if found.high < 0:
        return f"Personalization costs {-found.value:,.0f} {told.currency} a transaction ({between})."
    return f"Whether personalization brings more a transaction is open ({between})."
