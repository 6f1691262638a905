"""What all customers did: listed, narrowed to a kind or a customer, as files that can be imported again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.list_desk import ListDesk
from webapp.core.reading import moment_text
from webapp.core.tables import Column, Listing
from webapp.customers.models import Event
from webapp.customers.tracking import KIND
from webapp.people.models import Person
from webapp.people.persons import persons_by_id


def _narrowed(args: Mapping[str, str]) -> Sequence[ColumnElement[bool]]:
    """`kind` is a kind of events, `user_id` the whole id of a customer."""
    kind, user_id = args.get("kind", ""), args.get("user_id", "").strip()
    found = list[ColumnElement[bool]]()
    if KIND.fullmatch(kind):
        found.append(Event.kind == kind)
    if user_id and "\0" not in user_id:
        named = select(Person.id).where(Person.identifier == user_id).scalar_subquery()
        found.append(Event.person_id == named)
    return found


EVENTS = Listing(
    model=Event,
    columns=(Column("at", Event.at),),
    default_sort="-at",
    narrow=_narrowed,
)


def persons_of(session: Session, rows: Sequence[Event]) -> dict[UUID, Person]:
    """Who did it, by the persons' ids."""
    return persons_by_id(session, [row.person_id for row in rows])


def _texts(row: Event) -> Mapping[str, str]:
    return {
        "event_type": row.kind,
        "timestamp": moment_text(row.at),
        "product_id": row.item or "",
        "query": row.query or "",
        "value": "" if row.value is None else repr(row.value),
        "currency": row.currency or "",
        "session_id": row.session or "",
        "event_id": row.identifier,
    }


def _also(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    named = select(Event.id, Person.identifier).join(Person, Person.id == Event.person_id)
    return {row.id: {"user_id": row.identifier} for row in session.execute(named.where(Event.id.in_(ids)))}


EVENT_DESK = ListDesk(
    name="events",
    noun="event",
    listing=EVENTS,
    read=Permission.CUSTOMERS_READ,
    write=Permission.CUSTOMERS_WRITE,
    columns=(
        "user_id",
        "event_type",
        "timestamp",
        "product_id",
        "query",
        "value",
        "currency",
        "session_id",
        "event_id",
    ),
    texts=_texts,
    endpoint="events.index",
    also=_also,
    whose=lambda row: row.person_id,
)
