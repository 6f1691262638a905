"""Events from files: only ever added, none twice, none that must not be kept; a million in bounded memory.

At a million rows each microsecond of a row is a second: what is plainly right is passed on the quickest way,
anything else goes through the rules of a single event.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.accounts.companies import zone_of
from webapp.core.access import Permission
from webapp.core.audit import AuditAction
from webapp.core.imports.bulk import add_rows, found_by
from webapp.core.imports.kind import Existing, ImportColumn, ImportKind, Left, Problem, Values, Writing
from webapp.core.money import checked_currency
from webapp.core.reading import in_zone, moment_text, read_identifier, read_moment, read_text
from webapp.core.services import services
from webapp.customers.cache import cache_of
from webapp.customers.facts import BROWSING, Feature, Kind
from webapp.customers.models import Event
from webapp.customers.preferences import GONE
from webapp.customers.service import Service, service_of
from webapp.customers.tracking import (
    AHEAD,
    ERASED,
    HISTORY_OFF,
    NO_CONSENT,
    OF_ITEMS,
    SWITCHED_OFF,
    Done,
    known_of,
    problems,
    refusal,
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
NEEDED: dict[
    str, tuple[str, ...]
] = {  # what makes an event of these kinds right; others are looked at closely
    **{kind.value: () for kind in Kind},
    **dict.fromkeys(OF_ITEMS, ("product_id",)),
    Kind.SEARCH.value: ("query",),
}
del NEEDED[Kind.RATING.value]
RECURRING = frozenset({"user_id", "event_type", "product_id", "query", "value", "currency", "session_id"})
CELLS_KEPT = 20_000  # of a column
NAMES = (
    *("id", "person_id"),
    *("identifier", "kind", "at", "item", "query", "value", "currency", "session"),
    *("properties", "company_id", "received_at"),
)
Row = tuple[Any, ...]
TOLD = ("user_id", "event_type", "timestamp", "product_id", "query", "value", "currency", "session_id")


@dataclass(frozen=True)
class Standing:
    """Whether a customer's events may be written, and their id when they are known."""

    person_id: str | None  # as it is stored
    reason: str | None


@dataclass
class Run:
    """One run over a file; it remembers of the customers it met whether they may be tracked."""

    customers: dict[str, Standing] = field(default_factory=dict)
    erased: int = 0  # persons, when the customers were looked up

    def complete(self, session: Session, rows: Sequence[dict[str, Any]]) -> list[Problem | None]:
        """Put times in UTC, give every row an id, and say which must not be written."""
        made = services()
        now, service, zone = made.clock.now(), service_of(session, made.settings), zone_of(session)
        oldest, latest = now - timedelta(days=service.retention_days), now + AHEAD
        moments = [_settle(row, zone) for row in rows]
        found = self._refused(session, service, rows)
        for place, (row, at) in enumerate(zip(rows, moments, strict=True)):
            needed = NEEDED.get(row["event_type"])
            if needed is not None and oldest <= at <= latest and all(map(row.get, needed)):
                continue
            wrong = problems(_done(row, at), oldest, now)
            if wrong:
                found[place] = next((LABELS[name], why) for name, why in wrong.items())
        return found

    def find(self, session: Session, rows: Sequence[Values]) -> list[list[Existing]]:
        """The saved event of the same id."""
        names = [row["event_id"] for row in rows]
        saved = self._saved(session, names)
        return [[Existing(saved[name], 1, {})] if name in saved else [] for name in names]

    def refuses(self, session: Session, titles: Sequence[str]) -> bool:
        """Whether one of these customers may not be tracked now, or nobody."""
        service = service_of(session, services().settings)
        if service.why_off(Feature.TRACKING):
            return True
        self.customers.clear()
        self._meet(session, service, set(titles))
        return any(self.customers[name].reason for name in titles)

    def add(self, session: Session, writing: Writing, first: int, rows: Sequence[Values]) -> list[Left]:
        """Add the events, make who is not known yet; answers those that may not, or need not, be added."""
        self.customers.clear()  # consents may have changed since the last part
        wrong = self._refused(session, service_of(session, services().settings), rows)
        left: dict[int, Problem | None] = {place: why for place, why in enumerate(wrong) if why}
        strangers = [one for one in enumerate(rows) if one[0] not in left and self._is_new(one[1])]
        left |= dict.fromkeys(self._met(session, writing, strangers))
        tail = ("{}", writing.company_id.hex, _stored(writing.now))
        made = [
            (f"{first + place:032x}", self.customers[row["user_id"]].person_id, *_columns(row), *tail)
            for place, row in enumerate(rows)
            if place not in left
        ]
        left |= dict.fromkeys(self._insert(session, writing, first, made))
        return [Left(place, left[place]) for place in sorted(left)]

    def take_back(self, session: Session, writing: Writing, first: int, end: int, most: int) -> int:
        """Remove so many of the events of these ids; who was made for them stays."""
        ours = select(Event.id).where(Event.id >= UUID(int=first), Event.id < UUID(int=end))
        ids = session.scalars(ours.order_by(Event.id).limit(most)).all()
        if ids:
            some = delete(Event).where(Event.id >= ids[0], Event.id <= ids[-1])
            session.execute(some, execution_options={"synchronize_session": False})
            self._trace(session, writing, AuditAction.EVENTS_TAKEN_BACK, ids[0], (len(ids), None))
        return len(ids)

    def _is_new(self, row: Values) -> bool:
        return self.customers[row["user_id"]].person_id is None

    def _met(self, session: Session, writing: Writing, rows: Sequence[tuple[int, Values]]) -> list[int]:
        """Make the strangers; answers the places of what stands already, for which nobody is made."""
        saved = self._saved(session, [row["event_id"] for _, row in rows])
        standing = [place for place, row in rows if row["event_id"] in saved]
        names = {row["user_id"] for _, row in rows if row["event_id"] not in saved}
        if names:
            clock, auditor = services().clock, writing.auditor
            persons = made_persons(session, writing.actor, names, clock=clock, auditor=auditor)
            self.customers |= {name: Standing(persons[name].hex, None) for name in names}
        return standing

    def _insert(self, session: Session, writing: Writing, first: int, made: list[Row]) -> list[int]:
        """Insert rows; answers the places of those that stand already under an id that is not theirs."""
        added = add_rows(session, Event, NAMES, made) if made else 0
        if added:
            trace = (None, added)
            self._trace(session, writing, AuditAction.EVENTS_IMPORTED, UUID(hex=made[0][0]), trace)
        if added == len(made):
            return []
        saved = self._saved(session, [row[2] for row in made])
        return [int(row[0], 16) - first for row in made if saved[row[2]].hex != row[0]]

    def _trace(
        self,
        session: Session,
        writing: Writing,
        action: AuditAction,
        row_id: UUID,
        count: tuple[object, object],
    ) -> None:
        cache_of(services()).drop(session)
        writing.auditor.record_many(session, writing.actor, action, "event", [(row_id, {"events": count})])

    def _saved(self, session: Session, names: Sequence[str]) -> dict[str, UUID]:
        return found_by(session, Event.identifier, Event.id, names) if names else {}

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
            self.customers[name] = Standing(person_id.hex if person_id else None, reason)

    def _refused(self, session: Session, service: Service, rows: Sequence[Values]) -> list[Problem | None]:
        """Why each must not be kept, for the customer's or the company's sake."""
        off, browsing = service.why_off(Feature.TRACKING), service.on(Feature.HISTORY)
        if off:
            return [(LABELS["user_id"], off)] * len(rows)
        self._meet(session, service, {row["user_id"] for row in rows})
        found = list[Problem | None]()
        for row in rows:
            reason = self.customers[row["user_id"]].reason
            if reason is None and not browsing and row["event_type"] in BROWSING:
                reason = HISTORY_OFF
            found.append((LABELS["user_id"], WHY[reason]) if reason else None)
        return found


def _settle(row: dict[str, Any], zone: ZoneInfo) -> datetime:
    """When it was, which the row then says as it is stored; without an id it gets one of all it says."""
    at = datetime.fromisoformat(row["timestamp"])
    if at.tzinfo is not UTC:
        at = in_zone(at, zone)
    if not row.get("event_id"):
        row["event_id"] = _made_up(row, at)
    row["timestamp"] = _stored(at)
    return at


def _stored(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")


def _columns(row: Values) -> Row:
    value = row.get("value")
    return (
        row["event_id"],
        row["event_type"],
        row["timestamp"],
        row.get("product_id") or None,
        row.get("query") or None,
        float(value) if value else None,
        row.get("currency") or None,
        row.get("session_id") or None,
    )


def _done(row: Values, at: datetime) -> Done:
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


def _remembering(column: ImportColumn) -> ImportColumn:
    """The column with a memory, for one run: what is read of a cell is the same wherever it stands."""
    return replace(column, read=lru_cache(CELLS_KEPT)(column.read))


def _kind(run: Run, for_run: Callable[[], ImportKind] | None = None) -> ImportKind:
    return ImportKind(
        name="events",
        noun="event",
        permission=Permission.CUSTOMERS_WRITE,
        columns=tuple(_remembering(one) if one.name in RECURRING else one for one in COLUMNS),
        key=lambda values: (values["event_id"],),
        find=run.find,
        adding=run,
        endpoint="events.index",
        complete=run.complete,
        for_run=for_run,
    )


EVENT_IMPORT = _kind(Run(), lambda: _kind(Run()))
