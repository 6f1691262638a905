"""Persons: everyone whose experience is personalized, known by the company's own identifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy.orm import Session

from webapp.core.audit import AuditAction
from webapp.core.catalog import Catalog
from webapp.core.checks import checked_email, checked_identifier, checked_language, checked_zone
from webapp.core.errors import NotFound
from webapp.core.tables import Column, Listing
from webapp.people.erased import GONE, gone_among
from webapp.people.models import Person, Survey

PERSONS = Catalog(
    model=Person,
    noun="person",
    fields=("identifier", "name", "email", "language", "timezone"),
    required=("identifier",),
    created=AuditAction.PERSON_CREATED,
    changed=AuditAction.PERSON_CHANGED,
    deleted=AuditAction.PERSON_DELETED,
    checks={
        "identifier": checked_identifier,
        "email": checked_email,
        "language": checked_language,
        "timezone": checked_zone,
    },
    unique="identifier",
    personal=True,
    words={"identifier": "user id"},
    barred=lambda session, identifier: GONE if gone_among(session, [identifier]) else "",
)
NAMED = select(Person).where(Person.identifier == bindparam("named"))  # built once: many calls ask it
ANSWERED = {"yes": True, "no": False}


def _narrowed(args: Mapping[str, str]) -> Sequence[ColumnElement[bool]]:
    """`survey=yes` are those who answered, `survey=no` those who did not."""
    answered = ANSWERED.get(args.get("survey", ""))
    if answered is None:
        return ()
    said = exists(select(Survey.id).where(Survey.person_id == Person.id, Survey.hash != ""))
    return (said,) if answered else (~said,)


LISTING = Listing(
    model=Person,
    columns=(
        Column("name", Person.name),
        Column("identifier", Person.identifier),
        Column("updated", Person.updated_at),
    ),
    search=(Person.name, Person.identifier, Person.email),
    narrow=_narrowed,
)


def called(person: Person) -> str:
    """What a person is called: by name, else by the company's identifier."""
    return person.name or person.identifier


def find_person(session: Session, identifier: str) -> Person:
    """The company's person of this identifier (`user_id` on the wire). Raises NotFound naming it."""
    known = "\0" not in identifier  # no column holds one, and PostgreSQL refuses to look for it
    found = session.scalar(NAMED, {"named": identifier}) if known else None
    if found is None:
        raise NotFound("There is no person with this user_id.", details={"user_id": "unknown"})
    return found


def persons_by_id(session: Session, ids: Sequence[UUID]) -> dict[UUID, Person]:
    """The persons of these ids; what is gone is not there."""
    return {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(ids)))}
