"""All that customers did, counted by the database: of who did more than is read, and of all who bought."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from webapp.core.money import Money
from webapp.customers.facts import Kind
from webapp.customers.models import CatalogItem, Event
from webapp.customers.rules.insights import Totals, spans

Spent = dict[str, tuple[int, float]]  # purchases and their sum in major units by currency


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
        last, spent = bought.get(row.person_id, (None, {}))
        counts = row.events, row.first, row.last, row.recent, row.before
        found[row.person_id] = Totals(*counts, last, spent)
    return found


def spent_by(session: Session, *which: ColumnElement[bool]) -> dict[UUID, tuple[datetime, Spent]]:
    """When each buyer bought last, and what they spent; an item's price stands where no value was told."""
    told = func.coalesce(Event.value, 0.0)
    said = case((told == 0, CatalogItem.currency), else_=Event.currency)
    currency = func.coalesce(said, CatalogItem.currency, "").label("currency")
    bought = (
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
    found = dict[UUID, tuple[datetime, Spent]]()
    for row in session.execute(bought):
        amount = float(row.told or 0) + float(Money(int(row.minor or 0), row.currency).amount)
        last, spent = found.get(row.person_id, (row.last, {}))
        found[row.person_id] = max(last, row.last), {**spent, row.currency: (row.times, amount)}
    return found
