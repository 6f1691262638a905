"""What a customer's page shows of them: insights, events, what they would see, were offered and told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.charts import Cell, HeatMap, heat_map
from webapp.core.clock import Clock
from webapp.core.text import plural
from webapp.customers.cache import Cache
from webapp.customers.facts import Kind, Lifecycle
from webapp.customers.history import shown
from webapp.customers.insight_view import DAYS, PART_HOURS, PARTS, kept_insights
from webapp.customers.models import CatalogItem, Dislike, Event, Offer, OfferGiven, PriceQuote
from webapp.customers.quoted import QuotedLine, quoted_lines
from webapp.customers.recommending import Suggestions
from webapp.customers.service import Service
from webapp.people.models import Person

SHOWN = 10
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TRENDS = {
    "rising": "They do more than before",
    "falling": "They do less than before",
    "steady": "They do as much as before",
}


@dataclass(frozen=True)
class Look:
    """All that the page shows beside preferences. `titles` are the items' by their own ids."""

    insights: dict[str, Any]
    words: list[tuple[str, str]]
    week: HeatMap | None
    busiest: str
    events: Sequence[Event]
    suggested: Suggestions
    disliked: list[str]
    offers: list[tuple[str, datetime]]
    quotes: list[QuotedLine]
    titles: dict[str, str]


@dataclass(frozen=True)
class Looking:
    """Reads it, with the clients it needs; `browsing` is how many views and searches are shown."""

    cache: Cache
    clock: Clock
    browsing: int

    def at(self, session: Session, service: Service, person: Person, suggested: Suggestions) -> Look:
        """Read what the page shows beside what is suggested. Writes nothing."""
        now = self.clock.now()
        told = kept_insights(session, service, self.cache, person.identifier, now)
        events = newest_events(session, person.id, self.browsing)
        disliked = select(Dislike.item).where(Dislike.person_id == person.id).order_by(Dislike.at, Dislike.id)
        unwanted = list(session.scalars(disliked))
        names = {
            *(one.item for one in suggested.items),
            *unwanted,
            *(one.item for one in events if one.item),
        }
        return Look(
            told,
            in_words(told),
            week_chart(told["week"]) if told["week"] else None,
            busiest(told["week"]) if told["week"] else "",
            events,
            suggested,
            unwanted,
            _offers(session, person.id),
            _quotes(session, person.id),
            titles_of(session, names),
        )


def newest_events(session: Session, person_id: UUID, browsing: int) -> Sequence[Event]:
    """The customer's newest events, as far as they are shown."""
    asked = select(Event).where(Event.person_id == person_id, shown(session, person_id, browsing))
    return session.scalars(asked.order_by(Event.at.desc(), Event.id.desc()).limit(SHOWN)).all()


def titles_of(session: Session, names: Collection[str]) -> dict[str, str]:
    """The titles of the items that the catalog has."""
    asked = select(CatalogItem.identifier, CatalogItem.title).where(CatalogItem.identifier.in_(names))
    return {row.identifier: row.title for row in session.execute(asked)}


def kind_label(kind: str) -> str:
    """A kind of event for people; also one that is the company's own."""
    known = next((one for one in Kind if one.value == kind), None)
    return known.label if known else kind.replace("_", " ").capitalize()


def in_words(told: dict[str, Any]) -> list[tuple[str, str]]:
    """The insights as pairs of what and what it says, each with how much it rests on."""
    found = list[tuple[str, str]]()
    if told["lifecycle"]:
        name = Lifecycle(told["lifecycle"]["name"]).label
        found.append(("Lifecycle", f"{name}, by {plural(told['lifecycle']['sample_size'], 'event')}"))
    if told["trend"]:
        trend = told["trend"]
        lately, before = plural(trend["last_28_days"], "event"), trend["before"]
        said = f"{TRENDS[trend['direction']]}: {lately} in four weeks, {before} in the four before"
        found.append(("Trend", said))
    if told["rfm"]:
        found.append(("As a buyer", _buyer(told["rfm"])))
    if told["categories"]:
        found.append(("Favourite categories", _top(told["categories"])))
    if told["price_band"]:
        band = told["price_band"]
        prices = plural(band["sample_size"], "price")
        money = f"{band['low']:,.2f} to {band['high']:,.2f} {band['currency'] or ''}".rstrip()
        found.append(("Price band", f"{money}, the middle half of {prices}"))
    if told["searches"]:
        found.append(("Searches", _top(told["searches"])))
    return found


def _buyer(rfm: dict[str, Any]) -> str:
    parts = ("recency", rfm["recency"]), ("frequency", rfm["frequency"]), ("money", rfm["monetary"])
    fifths = ", ".join(f"{name} {fifth}" for name, fifth in parts if fifth is not None) + " of 5"
    return f"{rfm['name'].capitalize()} ({fifths}), by {plural(rfm['sample_size'], 'purchase')}"


def _top(top: dict[str, Any]) -> str:
    named = ", ".join(f"{one['name']} ({one['count']})" for one in top["items"])
    return f"{named}; of {plural(top['sample_size'], 'event')}"


def week_chart(week: list[list[int]]) -> HeatMap:
    """When they are active: days by three-hour parts, the number in each square."""
    most = max(max(row) for row in week)
    cells = {}
    for day, row in enumerate(week):
        for part, count in enumerate(row):
            words = f"{DAY_NAMES[day]}, {part_name(part)}: {plural(count, 'event')}"
            kind = "own" if count and 2 * count >= most else "some" if count else "plain"
            cells[day, part] = Cell(kind, str(count) if count else "", words)
    columns = [(f"{part * PART_HOURS:02d}", part_name(part)) for part in range(PARTS)]
    return heat_map([(name, "") for name in DAY_NAMES], columns, cells)


def busiest(week: list[list[int]]) -> str:
    """The day and part of the day with most events."""
    places = [(week[day][part], -day, -part) for day in range(DAYS) for part in range(PARTS)]
    _, day, part = max(places)
    return f"{DAY_NAMES[-day]}s, {part_name(-part)}"


def part_name(part: int) -> str:
    """The hours of a part of the day."""
    return f"{part * PART_HOURS:02d}:00 to {(part + 1) * PART_HOURS:02d}:00"


def _offers(session: Session, person_id: UUID) -> list[tuple[str, datetime]]:
    asked = select(Offer.title, OfferGiven.at).join(Offer, Offer.id == OfferGiven.offer_id)
    asked = asked.where(OfferGiven.person_id == person_id)
    rows = session.execute(asked.order_by(OfferGiven.at.desc(), OfferGiven.id.desc()).limit(SHOWN))
    return [(row.title, row.at) for row in rows]


def _quotes(session: Session, person_id: UUID) -> list[QuotedLine]:
    asked = select(PriceQuote).where(PriceQuote.person_id == person_id)
    rows = session.scalars(asked.order_by(PriceQuote.at.desc(), PriceQuote.id.desc()).limit(SHOWN)).all()
    return quoted_lines(session, rows)
