"""All that customers did, counted by the database: of who did more than is read, and of all who bought."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, case, func, select
from sqlalchemy.orm import Session

from webapp.core.money import Money
from webapp.customers.facts import Kind
from webapp.customers.models import CatalogItem, Event
from webapp.customers.rules.insights import Totals, exact, spans


@dataclass(frozen=True)
class Bought:
    """A buyer's purchases, the moment of the last one, and those of known cost with its sum by currency."""

    purchases: int
    last: datetime
    spent: Mapping[str, tuple[int, float]]


def totals_of(session: Session, ids: Collection[UUID], now: datetime) -> dict[UUID, Totals]:
    """The totals of these customers; who did nothing is not there."""
    begin, earlier = spans(now)
    counted = select(
        Event.person_id,
        func.count().label("events"),
        func.min(Event.at).label("first"),
        func.max(Event.at).label("last"),
        func.count(case((Event.at > begin, 1))).label("recent"),
        func.count(case(((Event.at > earlier) & (Event.at <= begin), 1))).label("before"),
    ).where(Event.person_id.in_(ids))
    bought = spent_by(session, Event.person_id.in_(ids))
    found = dict[UUID, Totals]()
    for row in session.execute(counted.group_by(Event.person_id)):
        counts = row.events, row.first, row.last, row.recent, row.before
        theirs = bought.get(row.person_id)
        purchases = (theirs.purchases, theirs.last, theirs.spent) if theirs else (0, None, {})
        found[row.person_id] = Totals(*counts, *purchases)
    return found


def spent_by(session: Session, *which: ColumnElement[bool]) -> dict[UUID, Bought]:
    """What each buyer bought; an item's price stands where no value was told."""
    told = func.coalesce(Event.value, 0.0)
    currency = case(
        (told != 0, func.coalesce(Event.currency, CatalogItem.currency, "")),
        (CatalogItem.price_minor.is_not(None), CatalogItem.currency),
    ).label("currency")
    asked = (
        select(
            Event.person_id,
            currency,
            func.max(Event.at).label("last"),
            func.count().label("times"),
            func.sum(told).label("told"),
            func.sum(case((told == 0, CatalogItem.price_minor), else_=0)).label("minor"),
        )
        .outerjoin(CatalogItem, CatalogItem.identifier == Event.item)
        .where(Event.kind == Kind.PURCHASE.value, *which)
        .group_by(Event.person_id, currency)
    )
    found = dict[UUID, Bought]()
    for row in session.execute(asked):
        before = found.get(row.person_id, Bought(0, row.last, {}))
        spent = before.spent if row.currency is None else {**before.spent, row.currency: _spent(row)}
        times = before.purchases + row.times
        found[row.person_id] = Bought(times, max(before.last, row.last), spent)
    return found


def _spent(row: Row[*tuple[Any, ...]]) -> tuple[int, float]:
    amount = float(row.told or 0) + float(Money(int(row.minor or 0), row.currency).amount)
    return row.times, exact(amount, row.currency)
