"""Whose data, and which rows: found by what every area declares of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.db import company_of
from webapp.core.errors import Conflict, NotFound
from webapp.core.folded import fold
from webapp.core.privacy import PEOPLE, SHORT, Attribute, Holding, Ids, Keeper, Subject, Word
from webapp.core.services import services
from webapp.people.erased import ADDRESS, digest_of
from webapp.people.models import Person

AT_ONCE = 500
DIGITS = 6  # fewer are a number like any other
UNKNOWN = "Nobody is known here by this user id or e-mail address."


def holdings() -> tuple[Holding, ...]:
    """What every area holds, in the areas' order."""
    return tuple(one for area in services().areas for one in area.holdings)


def keepers() -> tuple[Keeper, ...]:
    """What areas do beyond their tables."""
    return tuple(area.keeper for area in services().areas if area.keeper)


def digests_of(session: Session, identifier: str, addresses: Iterable[str]) -> frozenset[str]:
    """The digests by which the person is known once erased."""
    key = services().settings.audit_secret()
    told = [ADDRESS + fold(one) for one in addresses] + ([identifier] if identifier else [])
    return frozenset(digest_of(session, key, one) for one in told)


def digest_of_request(session: Session, known_as: str) -> str:
    """The digest under which a request is kept: of the user id, or of the address that is no user id."""
    key, known = services().settings.audit_secret(), _person(session, known_as)
    told = ADDRESS + fold(known_as) if known is None and "@" in known_as else known_as
    return digest_of(session, key, told)


def subject_of(session: Session, known_as: str) -> Subject:
    """Who is known by this user id, else by this e-mail address. Raises NotFound, Conflict."""
    person = _person(session, known_as) or _by_address(session, known_as)
    address = person.email if person else known_as
    subject = _subject(session, person, address if _alone(session, person, address) else "")
    if person is None and not any(_people(session, subject)):
        raise NotFound(UNKNOWN, details={"user_id": "unknown"})
    return subject


def _person(session: Session, known_as: str) -> Person | None:
    if "\0" in known_as:
        return None
    return session.scalar(select(Person).where(Person.identifier == known_as))


def _by_address(session: Session, address: str) -> Person | None:
    if "@" not in address or "\0" in address:
        return None
    found = session.scalars(select(Person).where(Person.email_key == fold(address)).limit(2)).all()
    if len(found) > 1:
        raise Conflict("Several persons have this e-mail address: name the user id.", code="ambiguous")
    return found[0] if found else None


def _alone(session: Session, person: Person | None, address: str) -> bool:
    """Whether the address is this person's alone: what is found by a shared one may be the other's."""
    if "@" not in address or "\0" in address:
        return False
    theirs = select(func.count(Person.id)).where(Person.email_key == fold(address))
    return not session.scalar(theirs.where(Person.id != person.id) if person else theirs)


def _subject(session: Session, person: Person | None, address: str) -> Subject:
    identifier = person.identifier if person else ""
    addresses = frozenset({address} if address else ())
    bare = Subject(
        company_of(session),
        identifier,
        frozenset({person.id} if person else ()),
        addresses,
        digests_of(session, identifier, addresses),
    )
    return Subject(
        bare.company_id,
        bare.identifier,
        bare.person_ids,
        bare.addresses,
        bare.digests,
        tuple(_words(session, bare)),
    )


def _words(session: Session, subject: Subject) -> Iterator[Word]:
    """What they are called by. A name that others share, or a short one, stands for nobody in a sentence."""
    seen = set[str]()
    for text in [subject.identifier, *subject.addresses, *(row.email for row in _people(session, subject))]:
        if text and text not in seen:
            seen.add(text)
            yield _word(text)
    for row in _people(session, subject):
        for text in (getattr(row, "identifier", ""), row.name):
            if text and text not in seen:
                seen.add(text)
                named = text == row.name
                shared = named and (" " not in text or _shared(session, subject, text))
                yield Word(text, alone=True) if shared else _word(text)


def _word(text: str) -> Word:
    return Word(text, alone=len(text) < (DIGITS if text.isdigit() else SHORT))


def _shared(session: Session, subject: Subject, name: str) -> bool:
    for model in _models():
        same = select(func.count(model.id)).where(model.name_key == fold(name))
        ours = [row.id for row in _people(session, subject) if isinstance(row, model)]
        if session.scalar(same.where(model.id.not_in(ours))):
            return True
    return False


def _models() -> list[Any]:
    return list({one.table.name: one.model for one in holdings() if one.table.name in PEOPLE}.values())


def _people(session: Session, subject: Subject) -> list[Any]:
    """The rows that are this person: in persons, contacts and leads."""
    found = list[Any]()
    for one in holdings():
        if one.table.name in PEOPLE and (whose := _whose(one, one.by[0], subject, Ids())) is not None:
            found += session.scalars(select(one.model).where(cast("ColumnElement[bool]", whose)))
    return found


@dataclass
class Found:
    """The rows of a person: by table for what belongs to them, by holding for what is done with them."""

    ids: Ids = field(default_factory=Ids)
    rows: list[tuple[Holding, list[UUID]]] = field(default_factory=list)


def find(session: Session, subject: Subject, told: Sequence[Holding]) -> Found:
    """All rows of the person, parents before what belongs to them."""
    found, rank = Found(), _ranks()
    for one in sorted((one for one in told if one.by), key=rank):
        ids = set[UUID]()  # a row that is theirs by several columns is one row
        for attribute in one.by:
            whose = _whose(one, attribute, subject, found.ids)
            ids.update([] if whose is None else _ids(session, one, attribute, whose))
        found.ids.add(one.table.name, ids)
        found.rows.append((one, sorted(ids)))
    return found


def _ranks() -> Any:
    order = {table.name: place for place, table in enumerate(Person.metadata.sorted_tables)}

    def rank(one: Holding) -> tuple[bool, int]:
        loose = one.table.name not in PEOPLE and any(
            not attribute.expression.foreign_keys and attribute.key != "digest" for attribute in one.by
        )
        return loose, order[one.table.name]

    return rank


class Many(list[UUID]):
    """Ids that a column must be one of, asked for in sets."""


def _whose(
    one: Holding, attribute: Attribute, subject: Subject, ids: Ids
) -> ColumnElement[bool] | Many | None:
    target = next((key.column.table.name for key in attribute.expression.foreign_keys), None)
    if attribute.key == "email":
        key = one.model.email_key
        return or_(*(key == address for address in subject.folded)) if subject.folded else None
    if attribute.key == "digest":
        return attribute.in_(subject.digests)
    if one.table.name == Person.__tablename__:
        return attribute.in_(subject.person_ids) if subject.person_ids else None
    wanted = subject.person_ids if target == Person.__tablename__ else ids.of(target) if target else None
    return Many(sorted(ids.of_people if wanted is None else wanted)) or None


def _ids(
    session: Session, one: Holding, attribute: Attribute, whose: ColumnElement[bool] | Many
) -> list[UUID]:
    asked = select(one.model.id).order_by(one.model.id)
    if not isinstance(whose, Many):
        return list(session.scalars(asked.where(whose)))
    found = list[UUID]()
    for some in sets(whose):
        found += session.scalars(asked.where(attribute.in_(some)))
    return found


def sets(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    """The ids, as many at a time as one statement takes."""
    return (ids[begin : begin + AT_ONCE] for begin in range(0, len(ids), AT_ONCE))
