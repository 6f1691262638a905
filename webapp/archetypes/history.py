"""Members' histories summed in the database: one row a member for what they made, one for what they got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, Select, String, and_, case, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.archetypes.facts import DeclineReason, RequestStatus, Way
from webapp.archetypes.models import MemberRequest as Asked
from webapp.archetypes.rules.answer import Counted
from webapp.archetypes.rules.detect import Histories

ACCEPTED, DECLINED = RequestStatus.ACCEPTED, RequestStatus.DECLINED
DECIDED = Asked.status.in_((ACCEPTED, DECLINED))
ANSWERABLE = Asked.status.in_((ACCEPTED, DECLINED, RequestStatus.EXPIRED))
TIMED = and_(DECIDED, Asked.answer_seconds.is_not(None))


@dataclass(frozen=True)
class Span:
    """Which members are looked at (ids from `first` to `last`), and which requests.

    Those asked after `since`, up to `until`; `currency` is the company's.
    """

    first: UUID
    last: UUID
    since: datetime
    until: datetime
    currency: str

    @classmethod
    def of_one(cls, person_id: UUID, until: datetime, days: int, currency: str) -> Self:
        """The look-back of one member."""
        return cls(person_id, person_id, until - timedelta(days=days), until, currency)

    def around(self, whose: InstrumentedAttribute[Any]) -> tuple[ColumnElement[bool], ...]:
        """The criteria of the span for one side of the requests."""
        members = whose == self.first if self.first == self.last else whose.between(self.first, self.last)
        return (members, Asked.asked_at > self.since, Asked.asked_at <= self.until)


@dataclass(frozen=True)
class Seen:
    """The sums of these persons, with the counts by way: (persons, ways, accepted and decided).

    `broken` marks histories that cannot be: amounts or times below zero.
    """

    persons: tuple[UUID, ...]
    histories: Histories
    made: NDArray[np.int64]
    received: NDArray[np.int64]
    broken: NDArray[np.bool_]


def look(session: Session, span: Span, persons: Sequence[UUID]) -> Seen:
    """Sum the histories of these persons, who must lie in the span; whoever has none has zeros."""
    made = _read(session, _made(span), persons)
    got = _read(session, _received(span), persons)
    first = [None if one is None else one.timestamp() for one in made["first_asked"]]
    sums = {name: np.array(values, float) for name, values in {**made, **got}.items() if name in SUMS}
    histories = Histories(
        **sums,
        first_asked=np.array([span.until.timestamp() if one is None else one for one in first], float),
        median_answer=medians(got["answers"], got["timed"]),
    )
    broken = np.array(made["broken"], float) + np.array(got["broken"], float) > 0
    return Seen(tuple(persons), histories, _by_ways(made), _by_ways(got), broken)


SUMS = {one.name for one in fields(Histories)} - {"first_asked", "median_answer"}


def _count(*criteria: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(and_(*criteria))


def _sum(column: Any, *criteria: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column).filter(and_(*criteria)), 0), BigInteger)


def _ways() -> dict[str, ColumnElement[Any]]:
    ends = {"accepted": Asked.status == ACCEPTED, "decided": DECIDED}
    return {
        f"{way.value}_{word}": _count(Asked.kind == way, end) for word, end in ends.items() for way in Way
    }


def _made(span: Span) -> Select[Any]:
    accepted = Asked.status == ACCEPTED
    paid = and_(accepted, Asked.offered_minor > 0, Asked.currency == span.currency)
    bought = and_(accepted, Asked.kind == Way.BUYOUT, Asked.paid_ppm.is_not(None))
    priced = and_(DECIDED, Asked.kind != Way.SWAP)
    refused = and_(Asked.status == DECLINED, Asked.decline_reason == DeclineReason.PRICE)
    sums: dict[str, ColumnElement[Any]] = {
        "made": func.count(),
        "decided": _count(DECIDED),
        "accepted": _count(accepted),
        "swaps": _count(accepted, Asked.kind == Way.SWAP),
        "paid_minor": _sum(Asked.offered_minor, paid),
        "paid": _count(paid),
        "ratio_ppm": _sum(Asked.paid_ppm, bought),
        "ratios": _count(bought),
        "priced": _count(priced),
        "refused": _count(priced, refused),
        "first_asked": func.min(Asked.asked_at),
        "broken": _count(or_(Asked.offered_minor < 0, Asked.paid_ppm < 0)),
    }
    return _grouped(Asked.requester_id, {**sums, **_ways()}, span)


def _received(span: Span) -> Select[Any]:
    accepted = Asked.status == ACCEPTED
    sums: dict[str, ColumnElement[Any]] = {
        "received": _count(ANSWERABLE),
        "answered": _count(DECIDED),
        "given": _count(accepted),
        "swaps_given": _count(accepted, Asked.kind == Way.SWAP),
        "timed": _count(TIMED),
        "answers": func.aggregate_strings(case((TIMED, cast(Asked.answer_seconds, String))), ","),
        "broken": _count(Asked.answer_seconds < 0),
    }
    return _grouped(Asked.responder_id, {**sums, **_ways()}, span)


def _grouped(
    whose: InstrumentedAttribute[Any], sums: Mapping[str, ColumnElement[Any]], span: Span
) -> Select[Any]:
    columns = [one.label(name) for name, one in sums.items()]
    return select(whose.label("person"), *columns).where(*span.around(whose)).group_by(whose)


def _read(session: Session, statement: Select[Any], persons: Sequence[UUID]) -> dict[str, list[Any]]:
    """The columns by name, in the order of the persons; without a row zero, or None for what is no number."""
    places = {person: place for place, person in enumerate(persons)}
    answered = session.execute(statement)
    names = list(answered.keys())[1:]
    columns: dict[str, list[Any]] = {
        name: [None if name in {"answers", "first_asked"} else 0] * len(persons) for name in names
    }
    for person, *values in answered:
        place = places.get(person)
        if place is not None:
            for name, value in zip(names, values, strict=True):
                columns[name][place] = value
    return columns


def medians(answers: Sequence[str | None], counts: Sequence[int]) -> NDArray[np.float64]:
    """The median of each list of whole seconds, written as text with commas; NaN for an empty one."""
    count = np.array(counts, int)
    told = ",".join(one for one in answers if one)
    values = np.array(told.split(","), float) if told else np.array([], float)
    owner = np.repeat(np.arange(len(count)), count)
    ordered = values[np.lexsort((values, owner))]
    begin = np.cumsum(count) - count
    found = np.full(len(count), np.nan)
    there = count > 0
    low, high = begin + (count - 1) // 2, begin + count // 2
    found[there] = (ordered[low[there]] + ordered[high[there]]) / 2
    return found


def _by_ways(columns: Mapping[str, list[Any]]) -> NDArray[np.int64]:
    """The counts as (persons, ways, accepted and decided)."""
    ends = [[columns[f"{way.value}_{word}"] for way in Way] for word in ("accepted", "decided")]
    return np.array(ends, np.int64).transpose(2, 1, 0)


def counts_of(ways: NDArray[np.int64]) -> Counted:
    """One person's counts by way, those with none left out."""
    return {way.value: (int(row[0]), int(row[1])) for way, row in zip(Way, ways, strict=True) if row[1]}


def company_counts(session: Session, since: datetime, until: datetime) -> Counted:
    """How many of the company's requests were accepted and decided in the span, by way."""
    accepted = _count(Asked.status == ACCEPTED)
    asked = (
        select(Asked.kind, accepted, _count(DECIDED))
        .where(Asked.asked_at > since, Asked.asked_at <= until)
        .group_by(Asked.kind)
    )
    return {way.value: (yes, decided) for way, yes, decided in session.execute(asked) if decided}
