"""Quoted prices as pages tell them: to whom, for what, why, and whether they still hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.money import Money
from webapp.customers.models import CatalogItem, PriceQuote
from webapp.customers.rules.pricing import told
from webapp.people.models import Person


@dataclass(frozen=True)
class QuotedLine:
    """A quote with the names of its customer and its item."""

    row: PriceQuote
    customer: str
    title: str
    base: Money
    price: Money
    reason: str


def quoted_lines(session: Session, rows: Sequence[PriceQuote]) -> list[QuotedLine]:
    """These quotes with their names, in two statements however many they are."""
    named = select(Person.id, Person.identifier).where(Person.id.in_({one.person_id for one in rows}))
    people = {row.id: row.identifier for row in session.execute(named)}
    asked = select(CatalogItem.identifier, CatalogItem.title)
    asked = asked.where(CatalogItem.identifier.in_({one.item for one in rows}))
    titles = {row.identifier: row.title for row in session.execute(asked)}
    return [
        QuotedLine(
            one,
            people.get(one.person_id, ""),
            titles.get(one.item, one.item),
            Money(one.base_minor, one.currency),
            Money(one.price_minor, one.currency),
            told(one.reasons),
        )
        for one in rows
    ]
