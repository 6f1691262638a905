"""Events from files: only ever added, none twice, none that must not be kept; a million in bounded memory."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.companies import zone_of
from webapp.core.access import Permission
from webapp.core.audit import AuditAction
from webapp.core.db import widen_cache
from webapp.core.imports.kind import (
    Change,
    Existing,
    ImportColumn,
    ImportKind,
    Left,
    Problem,
    Values,
    Writing,
)
from webapp.core.money import checked_currency
from webapp.core.reading import in_zone, moment_text, read_identifier, read_moment, read_text
from webapp.core.services import services
from webapp.customers.cache import cache_of
from webapp.customers.facts import BROWSING, Feature
from webapp.customers.models import Event
from webapp.customers.preferences import GONE
from webapp.customers.service import Service, service_of
from webapp.customers.tracking import (
    ERASED,
    HISTORY_OFF,
    NO_CONSENT,
    SWITCHED_OFF,
    Done,
    insert_events,
    known_of,
    problems,
    refusal,
    row_of,
)
from webapp.people.erased import erased_of, erasures
from webapp.people.known import made_persons

MOST_KEPT = 100_000  # customers that one run remembers at once
MOST_VALUE = 1e12
LABELS = {
    "user_id": "User id",
    "event_type": "Event type",
    "timestamp": "Timestamp",
    "product_id": "Product id",
    "query": "Query",
    "value": "Value",
    "currency": "Currency",
    "session_id": "Session id",
    "event_id": "Event id",
}
WHY = {
    ERASED: GONE,
    NO_CONSENT: "This customer has not consented to being tracked.",
    SWITCHED_OFF: "Tracking is switched off for this customer.",
    HISTORY_OFF: "Browsing history is off: viewed pages and items, and searches, are not kept.",
}
TOLD = ("user_id", "event_type", "timestamp", "product_id", "query", "value", "currency", "session_id")


@dataclass(frozen=True)
class Standing:
    """Whether a customer's events may be written, and their id when they are known."""

    person_id: UUID | None
    reason: str | None


@dataclass
class Run:
    """One run over a file; it remembers of the customers it met whether they may be tracked."""

    customers: dict[str, Standing] = field(default_factory=dict)
    begun: bool = False
    erased: int = 0  # persons, when the customers were looked up

    def complete(self, session: Session, rows: Sequence[dict[str, Any]]) -> list[Problem | None]:
        """Put times in UTC, give every row an id, and say which must not be written."""
        made = services()
        now, service, zone = made.clock.now(), service_of(session, made.settings), zone_of(session)
        oldest = now - timedelta(days=service.retention_days)
        events = [_meant(row, zone) for row in rows]
        refused = self._refused(session, service, events)
        found = list[Problem | None]()
        for event, reason in zip(events, refused, strict=True):
            wrong = problems(event, oldest, now)
            if wrong:
                found.append(next((LABELS[name], why) for name, why in wrong.items()))
            else:
                found.append(reason)
        return found

    def find(self, session: Session, rows: Sequence[Values]) -> list[list[Existing]]:
        """The saved event of the same id."""
        names = [row["event_id"] for row in rows]
        saved = select(Event.identifier, Event.id).where(Event.identifier.in_(names))
        known = {row.identifier: Existing(row.id, 1, {}) for row in session.execute(saved)}
        return [[known[name]] if name in known else [] for name in names]

    def write(self, session: Session, writing: Writing, changes: Sequence[Change]) -> list[Left]:
        """Add the events, make who is not known yet; answers those that may not, or need not, be added."""
        if not self.begun:
            self._begin(session)
        rows, zone = [dict(one.values) for one in changes], zone_of(session)
        events = [_meant(row, zone) for row in rows]
        wrong = self._refused(session, service_of(session, services().settings), events)
        saved = self.find(session, rows)
        left = [
            Left(place, problem)
            for place, (problem, known) in enumerate(zip(wrong, saved, strict=True))
            if problem or known
        ]
        out = {one.place for one in left}
        self._add(session, writing, [one for place, one in enumerate(events) if place not in out])
        return left

    def _begin(self, session: Session) -> None:
        made, self.begun = services(), True
        widen_cache(session)
        cache_of(made).drop(session)

    def _add(self, session: Session, writing: Writing, events: Sequence[Done]) -> None:
        if not events:
            return
        fresh = {one.user_id for one in events if self.customers[one.user_id].person_id is None}
        if fresh:
            clock, auditor = services().clock, writing.auditor
            persons = made_persons(session, writing.actor, fresh, clock=clock, auditor=auditor)
            self.customers |= {name: Standing(persons[name], None) for name in fresh}
        added = list[dict[str, Any]]()
        for one in events:
            person_id = self.customers[one.user_id].person_id
            assert person_id is not None  # known, or made just now
            added.append(row_of(one, person_id, writing.company_id, writing.now))
        insert_events(session, added)
        trace = (added[0]["id"], {"events": (None, len(added))})
        action = AuditAction.EVENTS_IMPORTED
        writing.auditor.record_many(session, writing.actor, action, "event", [trace])

    def _meet(self, session: Session, service: Service, names: set[str]) -> None:
        """Read of these customers, unless that was done, whether they may be tracked."""
        erasures_now = erasures(session)
        if erasures_now != self.erased:
            self.customers.clear()
            self.erased = erasures_now
        fresh = names - self.customers.keys()
        if not fresh:
            return
        if len(self.customers) > MOST_KEPT:
            self.customers.clear()
            fresh = names
        erased = erased_of(session, services().settings.audit_secret(), fresh)
        known = known_of(session, fresh - erased)
        for name in fresh:
            person_id, said = known.get(name, (None, None))
            reason = ERASED if name in erased else refusal(service, said)
            self.customers[name] = Standing(person_id, reason)

    def _refused(
        self, session: Session, service: Service, events: Sequence[Done]
    ) -> Sequence[Problem | None]:
        """Why each must not be kept, for the customer's or the company's sake."""
        off, browsing = service.why_off(Feature.TRACKING), service.on(Feature.HISTORY)
        if off:
            return [(LABELS["user_id"], off)] * len(events)
        self._meet(session, service, {one.user_id for one in events})
        found = list[Problem | None]()
        for one in events:
            reason = self.customers[one.user_id].reason
            if reason is None and not browsing and one.kind in BROWSING:
                reason = HISTORY_OFF
            found.append((LABELS["user_id"], WHY[reason]) if reason else None)
        return found


def _meant(row: dict[str, Any], zone: ZoneInfo) -> Done:
    """The event of a row; without an id it gets one of all it says."""
    at = in_zone(datetime.fromisoformat(row["timestamp"]), zone)
    row["event_id"] = row.get("event_id") or _made_up(row, at)
    value = row.get("value")
    return Done(
        row["user_id"],
        row["event_type"],
        row.get("product_id"),
        row.get("query"),
        float(value) if value else None,
        row.get("currency"),
        at,
        row.get("session_id"),
        row["event_id"],
    )


def _made_up(row: Mapping[str, Any], at: datetime) -> str:
    """An id of what the row says: the same row, in whichever file, is the same event."""
    told = "\x1f".join(str(row.get(name) or "") for name in TOLD if name != "timestamp")
    return "~" + hashlib.blake2b(f"{moment_text(at)}\x1f{told}".encode(), digest_size=16).hexdigest()


def _read_user(given: str) -> str:
    return read_identifier(given, "person")


def _read_kind(given: str) -> str:
    text = given.strip()
    if not text:
        raise ValueError("Say what the customer did, like product_view.")
    return read_text(text, 100)


def _read_at(given: str) -> str:
    read_moment(given)
    return given.strip().upper()


def _read_value(given: str) -> str:
    text = given.strip()
    if not text:
        return ""
    try:
        number = float(text)
    except ValueError:
        raise ValueError("This is no number: write it like 19.90.") from None
    if not math.isfinite(number) or abs(number) > MOST_VALUE:
        raise ValueError("This number is larger than any value.")
    return text


def _read_currency(given: str) -> str:
    return checked_currency(given) if given.strip() else ""


def _text(longest: int) -> Callable[[str], str]:
    return partial(read_text, longest=longest)


def _column(name: str, read: Callable[[str], str], *also: str, required: bool = False) -> ImportColumn:
    return ImportColumn(name, LABELS[name], read, required, also)


COLUMNS = (
    _column("user_id", _read_user, "user", "customer_id", "customer", "person", required=True),
    _column("event_type", _read_kind, "event", "type", "kind", "event_name", required=True),
    _column("timestamp", _read_at, "time", "at", "date", "occurred_at", "event_time", required=True),
    _column("product_id", _text(200), "product", "item", "item_id", "sku"),
    _column("query", _text(500), "search", "search_term", "keywords"),
    _column("value", _read_value, "amount", "revenue", "rating"),
    _column("currency", _read_currency, "currency_code"),
    _column("session_id", _text(200), "session"),
    _column("event_id", _text(200), "id", "uuid"),
)


def _kind(run: Run, for_run: Callable[[], ImportKind] | None = None) -> ImportKind:
    return ImportKind(
        name="events",
        noun="event",
        permission=Permission.CUSTOMERS_WRITE,
        columns=COLUMNS,
        key=lambda values: (values["event_id"],),
        find=run.find,
        write=run.write,
        endpoint="events.index",
        complete=run.complete,
        adds=True,
        for_run=for_run,
    )


EVENT_IMPORT = _kind(Run(), lambda: _kind(Run()))
