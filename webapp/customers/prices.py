"""The price a customer is told for an item: by the rules in force, logged, and honoured until it ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.clock import Clock
from webapp.core.db import lock_key, unit
from webapp.core.errors import DomainError, NotFound
from webapp.core.money import Money, exponent_of
from webapp.customers.facts import Feature
from webapp.customers.models import CatalogItem, PriceQuote
from webapp.customers.price_facts import Ware, facts_of_customer, facts_of_item, ware_of
from webapp.customers.price_rules import in_force, prices_in
from webapp.customers.rules.pricing import BASE_PRICE, Prices, lines, price, told
from webapp.customers.service import Service, need
from webapp.people.known import person_id_of

DAY, REMEMBERED = timedelta(days=1), timedelta(days=30)
CONTROL = f"{BASE_PRICE}: an experiment compares it with prices by rules"
STRANGER = f"{BASE_PRICE}: nobody is known by this id, so nothing is kept or promised"


@dataclass(frozen=True)
class Quoted:
    """A price, why, and until when it holds; `rules` is the version's number, 0 for none."""

    price: Money
    base: Money
    reason: str
    valid_until: datetime
    rules: int


@dataclass(frozen=True)
class Follows:
    """The rules that a new price follows, their number, and reasons that stand in place of theirs."""

    rules: Prices
    number: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pricing:
    """The deed, with the clients it needs. `held_back` says if the customer is an experiment's control."""

    clock: Clock
    held_back: Callable[[], bool] = lambda: False

    def quote(self, session: Session, service: Service, user_id: str, item: str) -> Quoted:
        """Answer what the item costs this customer now.

        A quote that still runs in the item's currency is answered unchanged, unless the item has become
        cheaper: a promise is never held against the customer. A new one is kept in
        `price_quotes`, which is its own trail. Somebody unknown, or erased, is told the base price; nothing
        is kept of them. An experiment's control is told the base price too, which is kept. Raises Forbidden
        with dynamic pricing off, NotFound for an unknown item, DomainError for one without a price (422) or
        sold out (409).
        """
        need(service, Feature.PRICING)
        now = self.clock.now()
        ware = wanted_ware(session, item)
        row, person_id = in_force(session), person_id_of(session, user_id)
        follows = Follows(prices_in(row), row.number if row else 0)
        if person_id is None:
            base = Money(ware.base_minor, ware.currency)
            return Quoted(base, base, told([STRANGER]), now, follows.number)
        running = _running(session, person_id, ware, now)
        if running is not None and running.base_minor <= ware.base_minor:
            return _answer(running)
        if self.held_back():
            follows = Follows(Prices(), 0, (CONTROL,))
        facts = facts_for(session, person_id, ware, now, follows.rules)
        with unit(session):
            lock_key(session, "price", person_id, item)  # who asks twice at once is told the same
            running = _running(session, person_id, ware, self.clock.now())
            if running is None or running.base_minor > ware.base_minor:
                running = _priced(session, person_id, ware, facts, follows, self.clock.now(), running)
            return _answer(running)


def wanted_ware(session: Session, item: str) -> Ware:
    """The item, if it can be bought now. Raises as `quote` does."""
    row = None
    if "\0" not in item:
        row = session.scalar(select(CatalogItem).where(CatalogItem.identifier == item))
    if row is None:
        raise NotFound("There is no such item in the catalog.", details={"product_id": "unknown"})
    ware = ware_of(row)
    if ware is None:
        why = "This item has no price: the catalog says none."
        raise DomainError(why, code="no_price", details={"product_id": why})
    if not row.available:
        why = "This item cannot be bought now: it is sold out."
        raise DomainError(why, code="sold_out", status=409, details={"product_id": why})
    return ware


def facts_for(session: Session, person_id: UUID, ware: Ware, now: datetime, rules: Prices) -> dict[str, str]:
    """What these rules ask, of the customer and of the item."""
    wanted = rules.facts
    if not wanted:
        return {}
    theirs = facts_of_customer(session, person_id, now, wanted)
    return theirs | facts_of_item(session, ware, now, wanted)


def earlier_quotes(
    session: Session, person_id: UUID, items: Sequence[str], now: datetime
) -> dict[tuple[str, str], list[Decimal]]:
    """By item and currency, what the customer was told within a day, or else last within thirty days."""
    asked = select(PriceQuote.item, PriceQuote.currency, PriceQuote.price_minor, PriceQuote.at).where(
        PriceQuote.person_id == person_id, PriceQuote.item.in_(items), PriceQuote.at > now - REMEMBERED
    )
    found = dict[tuple[str, str], list[Decimal]]()
    for row in session.execute(asked.order_by(PriceQuote.at.desc(), PriceQuote.id.desc())):
        amounts = found.setdefault((row.item, row.currency), [])
        if not amounts or row.at > now - DAY:
            amounts.append(Money(row.price_minor, row.currency).amount)
    return found


def _priced(
    session: Session,
    person_id: UUID,
    ware: Ware,
    facts: dict[str, str],
    follows: Follows,
    now: datetime,
    promised: PriceQuote | None,
) -> PriceQuote:
    """A new quote; where a running one was promised on a base that has fallen since, the lower of the two."""
    rules, number = follows.rules, follows.number
    fresh = number and promised is None
    told_lately = earlier_quotes(session, person_id, [ware.identifier], now) if fresh else {}
    earlier = told_lately.get((ware.identifier, ware.currency), ())
    found = price(ware.base, facts, rules, earlier, ware.unit)
    if promised is not None and Money(promised.price_minor, ware.currency).amount <= found.price:
        return promised
    row = PriceQuote(
        person_id=person_id,
        item=ware.identifier,
        base_minor=ware.base_minor,
        price_minor=int(found.price.scaleb(exponent_of(ware.currency))),
        currency=ware.currency,
        rules=number,
        reasons=list(follows.reasons) or lines(found),
        at=now,
        valid_until=now + timedelta(hours=rules.valid_hours),
    )
    session.add(row)
    session.flush()
    return row


def _running(session: Session, person_id: UUID, ware: Ware, now: datetime) -> PriceQuote | None:
    asked = select(PriceQuote).where(
        PriceQuote.person_id == person_id,
        PriceQuote.item == ware.identifier,
        PriceQuote.valid_until > now,
        PriceQuote.currency == ware.currency,
    )
    return session.scalar(asked.order_by(PriceQuote.at.desc(), PriceQuote.id.desc()).limit(1))


def _answer(row: PriceQuote) -> Quoted:
    return Quoted(
        Money(row.price_minor, row.currency),
        Money(row.base_minor, row.currency),
        told(row.reasons),
        row.valid_until,
        row.rules,
    )
