"""What is known of one customer, or of some: events, insights, facts of audiences, variables of texts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.companies import current_company
from webapp.archetypes.models import Member
from webapp.core.db import read
from webapp.core.money import Money
from webapp.customers.facts import Lifecycle
from webapp.customers.fifths import kept_bands
from webapp.customers.models import CatalogItem, CustomerSettings, Event, OfferGiven, Preference
from webapp.customers.rules.audience import FACTS, VARIABLES
from webapp.customers.rules.insights import Insights, Seen, Totals, insights
from webapp.customers.totals import totals_of
from webapp.people.models import Person

NEWEST = 1_000  # events of one customer that are read
FAVOURITES = 3  # categories of most events
DEFAULT_LOCALE = "en"
STRANGER = "stranger"
CLASSES = ("champion", "loyal", "slipping away", "recent", "occasional", "lapsed")
UTC = ZoneInfo("UTC")
# The words that a fact can have, where they are few; categories are the company's, locales are tags.
WORDS: Mapping[str, tuple[str, ...]] = {
    "archetype": tuple(one.value for one in Member.in_force.type.python_type),
    "lifecycle": tuple(one.value for one in Lifecycle),
    "segment": (*CLASSES, STRANGER),
}
FROM_EVENTS = frozenset({"lifecycle", "category", "segment"})
Facts = dict[str, list[str]]
EVENT: tuple[Any, ...] = (
    Event.id,
    Event.person_id,
    Event.kind,
    Event.at,
    Event.item,
    Event.query,
    Event.value,
    Event.currency.label("told_currency"),
)


def _with_items(events: Select[Any]) -> Select[Any]:
    some = events.subquery()
    item = (CatalogItem.category, CatalogItem.price_minor, CatalogItem.currency)
    joined = select(some, *item).outerjoin(CatalogItem, CatalogItem.identifier == some.c.item)
    return joined.order_by(some.c.at.desc(), some.c.id.desc())


OWN = _with_items(  # built once: homepages ask it
    select(*EVENT)
    .where(Event.person_id == bindparam("who"))
    .order_by(Event.at.desc(), Event.id.desc())
    .limit(bindparam("newest"))
)


def seen_of(session: Session, person_id: UUID, newest: int = NEWEST) -> list[Seen]:
    """The customer's newest events, the newest first, with their items' categories and prices."""
    return _seen(read(session, OWN, {"who": person_id, "newest": newest})).get(person_id, [])


def seen_of_many(session: Session, ids: Collection[UUID], newest: int = NEWEST) -> dict[UUID, list[Seen]]:
    """The same for some customers in one statement; who did nothing is not there."""
    order = (Event.at.desc(), Event.id.desc())
    place = func.row_number().over(partition_by=Event.person_id, order_by=order).label("place")
    ranked = select(*EVENT, place).where(Event.person_id.in_(ids)).subquery()
    columns = [ranked.c[column.name] for column in EVENT]
    return _seen(session.execute(_with_items(select(*columns).where(ranked.c.place <= newest))))


def _seen(rows: Iterable[Any]) -> dict[UUID, list[Seen]]:
    found = dict[UUID, list[Seen]]()
    for row in rows:
        price = None if row.price_minor is None else float(Money(row.price_minor, row.currency).amount)
        kept = row.kind, row.at, row.item, row.query, row.value, row.category or None, price
        seen = Seen(*kept, row.currency or "", row.told_currency or "")
        found.setdefault(row.person_id, []).append(seen)
    return found


def known_insights(
    session: Session, person_id: UUID, now: datetime, zone: ZoneInfo, *, as_buyer: bool
) -> tuple[list[Seen], Insights | None]:
    """The customer's newest events, and what all they did says; what they are as a buyer if it is wanted."""
    seen = seen_of(session, person_id)
    bands = kept_bands(session, now) if seen and as_buyer else None
    whole = _whole(session, {person_id: seen}, now).get(person_id)
    return seen, insights(seen, now, zone, bands, whole)


def _whole(
    session: Session, seen: Mapping[UUID, Sequence[Seen]], now: datetime, newest: int = NEWEST
) -> dict[UUID, Totals]:
    """The totals of those of whom only the newest events were read."""
    full = [person_id for person_id, events in seen.items() if len(events) >= newest]
    return totals_of(session, full, now) if full else {}


def audience_facts(
    session: Session, person_id: UUID | None, now: datetime, wanted: Collection[str] = FACTS
) -> Facts:
    """What audiences ask of a customer: words by fact. Only the facts that are wanted are read.

    None is somebody the company does not know: of them nothing holds but that they are a stranger.
    """
    if person_id is None:
        return {"segment": [STRANGER]}
    return audience_facts_of_many(session, [person_id], now, wanted)[person_id]


def audience_facts_of_many(
    session: Session, ids: Sequence[UUID], now: datetime, wanted: Collection[str] = FACTS
) -> dict[UUID, Facts]:
    """The same for some customers, a statement a source, however many they are."""
    facts: dict[UUID, Facts] = {one: {} for one in ids}
    if "archetype" in wanted:
        found = select(Member.person_id, Member.in_force).where(Member.person_id.in_(ids))
        for row in session.execute(found):
            facts[row.person_id]["archetype"] = [row.in_force.value]
    if "locale" in wanted:
        for person_id, locale in locale_of(session, ids).items():
            facts[person_id]["locale"] = [locale]
    if FROM_EVENTS & set(wanted):
        bands = kept_bands(session, now) if "segment" in wanted else None
        seen = {ids[0]: seen_of(session, ids[0])} if len(ids) == 1 else seen_of_many(session, ids)
        whole = _whole(session, seen, now)
        for person_id, events in seen.items():
            facts[person_id] |= _from_events(insights(events, now, UTC, bands, whole.get(person_id)))
    return facts


def _from_events(found: Insights | None) -> Facts:
    if found is None:
        return {}
    return {
        "lifecycle": [found.lifecycle.value],
        "category": [name for name, _ in found.categories[:FAVOURITES]],
        "segment": [found.rfm.name] if found.rfm else [],
    }


def locale_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Each customer's language: what they said, else what is known of the person, else the default."""
    defaults = session.scalar(select(CustomerSettings.defaults)) or {}
    usual = str(defaults.get("language") or DEFAULT_LOCALE)
    rows = session.execute(
        select(Person.id, Preference.language.label("said"), Person.language)
        .outerjoin(Preference, Preference.person_id == Person.id)
        .where(Person.id.in_(ids))
    )
    return {row.id: row.said or row.language or usual for row in rows}


def variables_of(
    session: Session, person_id: UUID | None, now: datetime, names: Collection[str] = VARIABLES
) -> dict[str, str]:
    """What fills a text's variables for a customer; what is not known is not there. Reads what is asked for.

    `city` is what the newest of their events that names one says, `product` the item they saw last.
    """
    found = {"company": current_company(session).name} if "company" in names else {}
    if person_id is None:
        return found
    if {"name", "first_name"} & set(names):
        name = session.scalar(select(Person.name).where(Person.id == person_id)) or ""
        found |= {"name": name, "first_name": name.split()[0] if name.split() else ""}
    if {"category", "lifecycle", "product"} & set(names):
        found |= _tastes(session, person_id, now)
    if "city" in names:
        found["city"] = _city(session, person_id)
    return {name: text for name, text in found.items() if text and name in names}


def _tastes(session: Session, person_id: UUID, now: datetime) -> dict[str, str]:
    seen, told = known_insights(session, person_id, now, UTC, as_buyer=False)
    last = next((one.item for one in seen if one.item), None)
    title = select(CatalogItem.title).where(CatalogItem.identifier == last)
    return {
        "category": told.categories[0][0] if told and told.categories else "",
        "lifecycle": told.lifecycle.label.lower() if told else "",
        "product": (session.scalar(title) if last else None) or "",
    }


def _city(session: Session, person_id: UUID) -> str:
    newest = select(Event.properties).where(Event.person_id == person_id)
    for properties in session.scalars(newest.order_by(Event.at.desc(), Event.id.desc()).limit(50)):
        city = properties.get("city")
        if isinstance(city, str) and city.strip():
            return " ".join(city.split())[:100]
    return ""


def newest_customers(session: Session, most: int) -> list[tuple[UUID, str, str]]:
    """The persons made last who are customers, by preferences, events or offers: id, user id, name."""
    models: tuple[Any, ...] = (Preference, Event, OfferGiven)
    ways = (select(model.person_id).where(model.person_id == Person.id).exists() for model in models)
    found = select(Person.id, Person.identifier, Person.name).where(or_(*ways))
    rows = session.execute(found.order_by(Person.id.desc()).limit(most))
    return [(row.id, row.identifier, row.name) for row in rows]
