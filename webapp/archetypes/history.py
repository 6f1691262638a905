"""Members' histories summed in the database: one row a member for what they made, one for what they got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import NullType

from webapp.archetypes.facts import DeclineReason, RequestStatus, Way
from webapp.archetypes.models import MemberRequest as Asked
from webapp.archetypes.rules.answer import Counted
from webapp.archetypes.rules.detect import Histories
from webapp.core.db import read

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

    @property
    def of_a_set(self) -> bool:
        """Whether it is of several members."""
        return self.first != self.last

    @property
    def values(self) -> dict[str, Any]:
        """What the statements are asked with; each takes what it names."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def _around(whose: InstrumentedAttribute[Any], *, of_a_set: bool) -> tuple[ColumnElement[bool], ...]:
    """The criteria of a span for one side of the requests."""
    first: BindParameter[UUID] = bindparam("first")
    members = whose.between(first, bindparam("last")) if of_a_set else whose == first
    return (members, Asked.asked_at > bindparam("since"), Asked.asked_at <= bindparam("until"))


@dataclass(frozen=True)
class Seen:
    """The sums of so many persons, with the counts by way: (persons, 12) as `COUNTS` names them.

    `broken` marks histories that cannot be: amounts or times below zero.
    """

    histories: Histories
    counts: NDArray[np.int64]
    broken: NDArray[np.bool_]


def look(session: Session, span: Span, keys: Sequence[Any] | None = None) -> Seen:
    """Sum the histories of the persons with these keys (as the driver gives them), who lie in the span.

    Whoever has none has zeros. Without keys it is the span's one person.
    """
    made = _read(session, _made(of_a_set=span.of_a_set), span, keys)
    got = _read(session, _received(of_a_set=span.of_a_set), span, keys)
    sums = {name: np.array(values, float) for name, values in {**made, **got}.items() if name in SUMS}
    histories = Histories(
        **sums,
        first_asked=_seconds(made["first_asked"], span.until),
        median_answer=medians(got["answers"], got["timed"]),
    )
    broken = np.array(made["broken"], float) + np.array(got["broken"], float) > 0
    counts = [columns[name] for columns in (made, got) for name in WAYS]
    return Seen(histories, np.array(counts, np.int64).T, broken)


ENDS = ("accepted", "decided")
WAYS = [f"{way.value}_{word}" for way in Way for word in ENDS]
SIDE = len(WAYS)  # what members made comes first among the counts, then what they received
SUMS = {one.name for one in fields(Histories)} - {"first_asked", "median_answer"}


def _count(*criteria: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(and_(*criteria))


def _sum(column: Any, *criteria: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column).filter(and_(*criteria)), 0), BigInteger)


def _ways() -> dict[str, ColumnElement[Any]]:
    ends = {"accepted": Asked.status == ACCEPTED, "decided": DECIDED}
    return {f"{way.value}_{word}": _count(Asked.kind == way, ends[word]) for way in Way for word in ENDS}


@cache  # built once: in a call it would take half of the time
def _made(*, of_a_set: bool) -> Select[Any]:
    accepted = Asked.status == ACCEPTED
    paid = and_(accepted, Asked.offered_minor > 0, Asked.currency == bindparam("currency"))
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
        "first_asked": type_coerce(func.min(Asked.asked_at), NullType()),
        "broken": _count(or_(Asked.offered_minor < 0, Asked.paid_ppm < 0)),
    }
    return _grouped(Asked.requester_id, {**sums, **_ways()}, of_a_set=of_a_set)


@cache
def _received(*, of_a_set: bool) -> Select[Any]:
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
    return _grouped(Asked.responder_id, {**sums, **_ways()}, of_a_set=of_a_set)


def _grouped(
    whose: InstrumentedAttribute[Any], sums: Mapping[str, ColumnElement[Any]], *, of_a_set: bool
) -> Select[Any]:
    columns = [one.label(name) for name, one in sums.items()]
    around = _around(whose, of_a_set=of_a_set)
    return select(key(whose).label("person"), *columns).where(*around).group_by(whose)


def key(whose: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A person's id as the driver gives it: among millions, making UUIDs of them would take the time."""
    return type_coerce(whose, String)


def _read(
    session: Session, statement: Select[Any], span: Span, keys: Sequence[Any] | None
) -> dict[str, NDArray[Any]]:
    """The columns by name, in the order of the keys; zero, or None for what is no number, without a row."""
    answered = read(session, statement, span.values)
    names = list(answered.keys())[1:]
    rows = answered.all()
    places = {key: place for place, key in enumerate(keys)} if keys is not None else None
    kept = [row for row in rows if places is None or row[0] in places]
    at = [0 if places is None else places[row[0]] for row in kept]
    columns = {}
    for number, name in enumerate(names, 1):
        empty = None if name in {"answers", "first_asked"} else 0
        columns[name] = np.full(1 if keys is None else len(keys), empty, object)
        columns[name][at] = [row[number] for row in kept]
    return columns


def _seconds(moments: NDArray[Any], until: datetime) -> NDArray[np.float64]:
    """Moments as the driver gives them (text on SQLite, in UTC) in Unix seconds; `until` for None."""
    found = np.full(len(moments), until.timestamp())
    there = np.array([one is not None for one in moments], bool)
    if there.any():
        known = moments[there]
        found[there] = (
            np.array(known.tolist(), "datetime64[us]").astype("int64") / 1e6
            if isinstance(known[0], str)
            else [one.timestamp() for one in known]
        )
    return found


def medians(answers: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.float64]:
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


def company_counts(session: Session, since: datetime, until: datetime) -> Counted:
    """How many of the company's requests were accepted and decided in the span, by way."""
    accepted = _count(Asked.status == ACCEPTED)
    asked = (
        select(Asked.kind, accepted, _count(DECIDED))
        .where(Asked.asked_at > since, Asked.asked_at <= until)
        .group_by(Asked.kind)
    )
    return {way.value: (yes, decided) for way, yes, decided in session.execute(asked) if decided}


def counts_of(counts: Sequence[int], *, made: bool) -> Counted:
    """One side of a member's stored counts by way: accepted and decided; ways without any are left out."""
    mine = counts[:SIDE] if made else counts[SIDE:]
    pairs = zip(Way, mine[::2], mine[1::2], strict=True) if mine else ()
    return {way.value: (yes, decided) for way, yes, decided in pairs if decided}
