"""What customers do, written down as it comes, unless it must not be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import Auditor
from webapp.core.clock import Clock
from webapp.core.db import company_of, insert_new, new_id, read, unit
from webapp.core.errors import Conflict, DomainError
from webapp.core.together import Together
from webapp.core.trials import Deed
from webapp.customers.cache import Cache
from webapp.customers.facts import BROWSING, Feature, Kind
from webapp.customers.models import Event, Preference
from webapp.customers.service import Service
from webapp.people.erased import erased_of
from webapp.people.known import made_persons
from webapp.people.models import Person

MOST_AT_ONCE = 1_000
AHEAD = timedelta(minutes=5)
AT_ONCE = 400  # values that one statement looks for
KIND = re.compile(r"[a-z_]{1,40}")
OF_ITEMS = frozenset(
    {Kind.PRODUCT_VIEW.value, Kind.ADD_TO_CART.value, Kind.REMOVE_FROM_CART.value, Kind.RATING.value}
)
KNOWN = (  # built once, as the other: every call asks them
    select(Person.identifier, Person.id, Preference.tracking_enabled)
    .outerjoin(Preference, Preference.person_id == Person.id)
    .where(Person.identifier.in_(bindparam("names", expanding=True)))
)
STANDING = select(Event.identifier, Event.person_id).where(
    Event.identifier.in_(bindparam("names", expanding=True))
)
DO_NOT_TRACK = "do_not_track"
FEATURE_OFF, HISTORY_OFF = "behavioral_tracking_off", "browsing_history_off"
NO_CONSENT, SWITCHED_OFF, ERASED = "no_consent", "tracking_disabled", "erased"


@dataclass(frozen=True)
class Done:
    """Something a customer did, as it is told; `at` is now when it is not said."""

    user_id: str
    kind: str
    item: str | None = None
    query: str | None = None
    value: float | None = None
    currency: str | None = None
    at: datetime | None = None
    session: str | None = None
    event_id: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tracked:
    """Whether an event stands written; why not, or that it stood there before."""

    tracked: bool
    reason: str | None = None
    duplicate: bool = False


Told = tuple[Actor, Done]


@dataclass(frozen=True)
class Tracker:
    """Writes events down; `key` is the instance's, under which erased persons are known.

    `tell` is told, in the same unit, what was written. `together` joins single events that come at once.
    """

    clock: Clock
    auditor: Auditor
    cache: Cache
    key: bytes
    tell: Callable[[Session, Sequence[Deed]], None]
    together: Together[Told, Tracked]

    def track(
        self,
        session: Session,
        actor: Actor,
        service: Service,
        events: Sequence[Done],
        *,
        asked_not_to: bool = False,
    ) -> list[Tracked]:
        """Write the events that may be written, in one unit; answers stand in the order of the events.

        `asked_not_to` says that the browser sent DNT or GPC. Raises DomainError naming every field at fault
        when one cannot be right; then nothing is written.
        """
        self._check(events, service)
        if asked_not_to and service.instance.respect_do_not_track:
            return [Tracked(tracked=False, reason=DO_NOT_TRACK) for _ in events]
        if not service.on(Feature.TRACKING):
            return [Tracked(tracked=False, reason=FEATURE_OFF) for _ in events]
        told = [(actor, one) for one in events]
        if len(told) > 1:
            return self._track(session, service, told)
        who = (company_of(session), actor.token_id, actor.staff_id, service.version)
        return [self.together.do(who, told[0], lambda some: self._track(session, service, some))]

    def _track(self, session: Session, service: Service, told: Sequence[Told]) -> list[Tracked]:
        with unit(session):
            names = {one.user_id for _, one in told}
            known = known_of(session, names)
            erased = erased_of(session, self.key, names - set(known))  # of the erased no row is there
            why = [
                ERASED if one.user_id in erased else _refused(service, one, known.get(one.user_id))
                for _, one in told
            ]
            wanted = [one for one, reason in zip(told, why, strict=True) if reason is None]
            duplicates = self._write(session, wanted, known) if wanted else []
        twice = iter(duplicates)
        return [
            Tracked(tracked=False, reason=reason) if reason else Tracked(tracked=True, duplicate=next(twice))
            for reason in why
        ]

    def _check(self, events: Sequence[Done], service: Service) -> None:
        now = self.clock.now()
        oldest = now - timedelta(days=service.retention_days)
        wrong: dict[str, str] = {}
        for place, one in enumerate(events):
            where = f"events.{place}." if len(events) > 1 else ""
            wrong |= {where + name: what for name, what in problems(one, oldest, now).items()}
        if wrong:
            raise DomainError("Some of this cannot be written down.", code="invalid_event", details=wrong)

    def _write(
        self, session: Session, told: Sequence[Told], seen: Mapping[str, tuple[UUID, bool | None]]
    ) -> list[bool]:
        """Write them; whether each stood there before."""
        events = [one for _, one in told]
        persons = {name: person_id for name, (person_id, _) in seen.items()}
        fresh = dict[Actor, set[str]]()
        for actor, one in told:
            if one.user_id not in persons:
                fresh.setdefault(actor, set()).add(one.user_id)
        for actor, names in fresh.items():  # each by whom it was told
            persons |= made_persons(session, actor, names, clock=self.clock, auditor=self.auditor)
        whose = {one.event_id: persons[one.user_id] for one in events if one.event_id}
        for one in events:
            if one.event_id and persons[one.user_id] != whose[one.event_id]:
                raise _taken(one.event_id)
        known = _known(session, whose)
        now, company_id = self.clock.now(), company_of(session)
        rows, duplicates = list[dict[str, Any]](), list[bool]()
        for one in events:
            row = row_of(one, persons[one.user_id], company_id, now)
            duplicates.append(row["identifier"] in known)
            known.add(row["identifier"])
            if not duplicates[-1]:
                rows.append(row)
        insert_events(session, rows)
        self.tell(session, [_deed(row) for row in rows])
        self.cache.drop(session, *{one.user_id for one in events})
        return duplicates


def _deed(row: Mapping[str, Any]) -> Deed:
    return Deed(row["person_id"], row["kind"], row["value"], row["at"], row["identifier"])


def _refused(service: Service, event: Done, seen: tuple[UUID, bool | None] | None) -> str | None:
    reason = refusal(service, seen[1] if seen else None)
    if reason is None and event.kind in BROWSING and not service.on(Feature.HISTORY):
        return HISTORY_OFF
    return reason


def problems(event: Done, oldest: datetime, now: datetime) -> dict[str, str]:
    """What cannot be right about an event, by field of the wire."""
    found = {}
    if not KIND.fullmatch(event.kind):
        found["event_type"] = "Write it in small letters and underscores, 40 at most, like product_view."
    if event.kind in OF_ITEMS and not event.item:
        found["product_id"] = f"A {event.kind} needs a product_id."
    if event.kind == Kind.SEARCH.value and not event.query:
        found["query"] = "A search needs its query."
    if event.kind == Kind.RATING.value and not (event.value is not None and 1 <= event.value <= 5):
        found["value"] = "A rating needs a value from 1 to 5."
    if event.at is not None and event.at > now + AHEAD:
        found["timestamp"] = "This is more than 5 minutes ahead of our clock."
    if event.at is not None and event.at < oldest:
        found["timestamp"] = "This is older than events are kept here."
    return found


def refusal(service: Service, said: object) -> str | None:
    """Why nothing is tracked of a customer who said this (yes, no, None: nothing); None where it may be."""
    if said is None:
        if service.consent_first:
            return NO_CONSENT
        return None if service.defaults.get("tracking_enabled", True) else SWITCHED_OFF
    return None if said else SWITCHED_OFF


def known_of(session: Session, user_ids: set[str]) -> dict[str, tuple[UUID, bool | None]]:
    """The persons of these identifiers, and what they said of tracking (None: nothing); no strangers."""
    wanted, found = sorted(user_ids), dict[str, tuple[UUID, bool | None]]()
    for begin in range(0, len(wanted), AT_ONCE):
        rows = read(session, KNOWN, {"names": wanted[begin : begin + AT_ONCE]})
        found |= {row[0]: (row[1], row[2]) for row in rows}
    return found


def row_of(event: Done, person_id: UUID, company_id: UUID, now: datetime) -> dict[str, Any]:
    """The row of an event, made up an identifier where the caller gave none."""
    row_id = new_id()
    return {
        "id": row_id,
        "company_id": company_id,
        "identifier": event.event_id or f"~{row_id.hex}",
        "person_id": person_id,
        "kind": event.kind,
        "at": event.at or now,
        "item": event.item or None,
        "query": event.query or None,
        "value": event.value,
        "currency": event.currency or None,
        "session": event.session or None,
        "properties": dict(event.properties),
        "received_at": now,
    }


def insert_events(session: Session, rows: list[dict[str, Any]]) -> None:
    """Insert rows of events in the caller's unit; one whose identifier stands there is passed over."""
    insert_new(session, Event, rows)


def _taken(name: str) -> Conflict:
    why = f"The event_id {name} stands for another customer’s event."
    return Conflict(why, code="event_id_taken", details={"event_id": why})


def _known(session: Session, persons: Mapping[str, UUID]) -> set[str]:
    """Those of the ids that stand written. Raises Conflict for one that stands for somebody else's event."""
    listed, found = list(persons), set[str]()
    for begin in range(0, len(listed), AT_ONCE):
        for name, person_id in read(session, STANDING, {"names": listed[begin : begin + AT_ONCE]}):
            if person_id != persons[name]:
                raise _taken(name)
            found.add(name)
    return found
