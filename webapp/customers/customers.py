"""The list of customers: persons who said, did or were offered something, and their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.list_desk import ListDesk
from webapp.core.reading import moment_text
from webapp.core.tables import Column, Listing
from webapp.customers.models import Event, OfferGiven, Preference
from webapp.customers.preferences import effective_in, said_in
from webapp.customers.rules.preferring import NAMES, WIRE, written
from webapp.customers.service import Service
from webapp.people.models import Person

SAID = exists(select(Preference.id).where(Preference.person_id == Person.id))
DID = exists(select(Event.id).where(Event.person_id == Person.id))
OFFERED = exists(select(OfferGiven.id).where(OfferGiven.person_id == Person.id))
IS_CUSTOMER = or_(SAID, DID, OFFERED)
KNOWN_BY = {"said": SAID, "did": DID, "offered": OFFERED}
NARROWING = ("tracking", "by")
HEAD = ("user_id", "name", *(WIRE.get(name, name) for name in NAMES), "last_event")


@dataclass(frozen=True)
class Line:
    """What the list tells of a customer; `tracking` is granted, refused or unsaid."""

    language: str
    tracking: str
    tracked: bool
    last: datetime | None


def _tracking(word: str) -> tuple[ColumnElement[bool], ...]:
    theirs = select(Preference.id).where(Preference.person_id == Person.id)
    if word in {"granted", "refused"}:
        return (exists(theirs.where(Preference.tracking_enabled.is_(word == "granted"))),)
    said = exists(theirs.where(Preference.tracking_enabled.is_not(None)))
    return (~said,) if word == "unsaid" else ()


def _narrowed(args: Mapping[str, str]) -> Sequence[ColumnElement[bool]]:
    """Persons that are customers, and such as the filters ask for."""
    return (KNOWN_BY.get(args.get("by", ""), IS_CUSTOMER), *_tracking(args.get("tracking", "")))


CUSTOMERS = Listing(
    model=Person,
    columns=(Column("name", Person.name), Column("identifier", Person.identifier)),
    search=(Person.name, Person.identifier),
    narrow=_narrowed,
)


def is_narrowed(args: Mapping[str, str]) -> bool:
    """Whether the address hides customers."""
    return any(args.get(name, "").strip() for name in ("q", *NARROWING))


def lines_of(session: Session, service: Service, ids: Sequence[UUID]) -> dict[UUID, Line]:
    """What the list tells of these persons, in two statements."""
    rows, last = _said(session, ids), _last(session, ids)
    return {one: _line(rows.get(one), service, last.get(one)) for one in ids}


def word_of(tracking: bool | None) -> str:  # noqa: FBT001  # it stands as it is kept
    """What was said of tracking, in a word."""
    return "unsaid" if tracking is None else "granted" if tracking else "refused"


def _line(row: Preference | None, service: Service, last: datetime | None) -> Line:
    now = effective_in(row, service)
    word = word_of(said_in(row)["tracking_enabled"])
    return Line(now.language, word, now.tracking_enabled, last)


def _said(session: Session, ids: Sequence[UUID]) -> dict[UUID, Preference]:
    found = session.scalars(select(Preference).where(Preference.person_id.in_(ids)))
    return {row.person_id: row for row in found}


def _last(session: Session, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    newest = select(Event.person_id, func.max(Event.at)).where(Event.person_id.in_(ids))
    return {row[0]: row[1] for row in session.execute(newest.group_by(Event.person_id))}


def _texts(person: Person) -> Mapping[str, str]:
    return {"user_id": person.identifier, "name": person.name}


def _also(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    """What these persons said, as files write it; what is unsaid is empty."""
    rows, last = _said(session, ids), _last(session, ids)
    told = dict[UUID, Mapping[str, str]]()
    for one in ids:
        values = written(said_in(rows.get(one)))
        texts = {WIRE.get(name, name): _text(value) for name, value in values.items()}
        told[one] = {**texts, "last_event": moment_text(last.get(one))}
    return told


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


CUSTOMER_DESK = ListDesk(
    name="customers",
    noun="customer",
    listing=CUSTOMERS,
    read=Permission.CUSTOMERS_READ,
    write=Permission.CUSTOMERS_WRITE,
    columns=HEAD,
    texts=_texts,
    endpoint="customers.index",
    also=_also,
    whose=lambda person: person.id,
)
