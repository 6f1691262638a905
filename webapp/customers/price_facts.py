"""What price rules may ask: of a customer, and of items; only what they name is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.core.money import Money, exponent_of
from webapp.customers.models import CatalogItem, Event
from webapp.customers.picture import CLASSES, UTC, WORDS, audience_facts, known_insights
from webapp.customers.rules.pricing import BEFORE_WEEKS, LATELY_DAYS, demand, stock

STOCK = "stock"  # the attribute that says how many are left
OF_EVENTS = frozenset({"lifecycle", "loyalty"})
# The words that a fact can have; categories are the company's own.
FACT_WORDS: Mapping[str, tuple[str, ...]] = {
    "lifecycle": WORDS["lifecycle"],
    "archetype": WORDS["archetype"],
    "loyalty": CLASSES,
    "demand": ("high", "normal", "low"),
    "stock": ("low", "normal"),
}


@dataclass(frozen=True)
class Ware:
    """What a price begins with: an item that can be bought, in minor units of its currency."""

    identifier: str
    title: str
    category: str
    base_minor: int
    currency: str
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def base(self) -> Decimal:
        """The base price in major units."""
        return Money(self.base_minor, self.currency).amount

    @property
    def unit(self) -> Decimal:
        """The smallest amount of the currency."""
        return Decimal(1).scaleb(-exponent_of(self.currency))


def ware_of(row: CatalogItem) -> Ware | None:
    """The item as a price begins with it; None for one without a price."""
    if row.price_minor is None or not row.currency:
        return None
    return Ware(row.identifier, row.title, row.category, row.price_minor, row.currency, dict(row.attributes))


def facts_of_item(session: Session, ware: Ware, now: datetime, wanted: Collection[str]) -> dict[str, str]:
    """The facts of one item that are wanted."""
    counts = demands(session, [ware.identifier], now) if "demand" in wanted else {}
    return item_facts(ware, counts, wanted)


def item_facts(ware: Ware, demanded: Mapping[str, str], wanted: Collection[str]) -> dict[str, str]:
    """The same, with the items' demands that were read; an item nobody turned to is asked for as usual."""
    found = {
        "category": ware.category,
        "stock": stock(ware.attributes.get(STOCK, "")),
        "demand": demanded.get(ware.identifier, "normal"),
    }
    return {name: word for name, word in found.items() if name in wanted and word}


def demands(session: Session, items: Sequence[str], now: datetime) -> dict[str, str]:
    """How these items are asked for: last week's events beside the eight weeks before, in one statement."""
    begin = now - timedelta(days=LATELY_DAYS)
    first = begin - timedelta(weeks=BEFORE_WEEKS)
    lately = func.sum(case((Event.at > begin, 1), else_=0)).label("lately")
    counted = select(Event.item, lately, func.count().label("both"))
    counted = counted.where(Event.item.in_(items), Event.at > first, Event.at <= now).group_by(Event.item)
    return {
        row.item: demand(int(row.lately), int(row.both) - int(row.lately)) for row in session.execute(counted)
    }


def facts_of_customer(
    session: Session, person_id: UUID, now: datetime, wanted: Collection[str]
) -> dict[str, str]:
    """The facts of a customer that are wanted; what is not known is not there."""
    found = dict[str, str]()
    if "archetype" in wanted:
        facts = audience_facts(session, person_id, now, {"archetype"})
        found |= {name: words[0] for name, words in facts.items()}
    if OF_EVENTS & set(wanted):
        _, told = known_insights(session, person_id, now, UTC, as_buyer="loyalty" in wanted)
        found |= {"lifecycle": told.lifecycle.value} if told else {}
        found |= {"loyalty": told.rfm.name} if told and told.rfm else {}
    return {name: word for name, word in found.items() if name in wanted}
