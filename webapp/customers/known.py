"""The persons that customers are: found by the company's own id, made when they first do something."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.checks import checked_identifier
from webapp.core.clock import Clock
from webapp.core.db import lock_key, unit
from webapp.people.models import Person

AT_ONCE = 500  # identifiers that one statement looks for


def person_id_of(session: Session, identifier: str) -> UUID | None:
    """The id of the company's person of this identifier; None for a stranger. Writes nothing."""
    if "\0" in identifier:
        return None
    return session.scalar(select(Person.id).where(Person.identifier == identifier))


def person_ids_of(session: Session, identifiers: Collection[str]) -> dict[str, UUID]:
    """The ids of the persons of these identifiers; strangers are not there."""
    wanted, found = sorted(set(identifiers)), dict[str, UUID]()
    for begin in range(0, len(wanted), AT_ONCE):
        some = Person.identifier.in_(wanted[begin : begin + AT_ONCE])
        rows = session.execute(select(Person.identifier, Person.id).where(some))
        found |= {row.identifier: row.id for row in rows}
    return found


def made_persons(
    session: Session, actor: Actor, identifiers: Collection[str], *, clock: Clock, auditor: Auditor
) -> dict[str, UUID]:
    """The ids of the persons of these identifiers; who is new is made, with the audit row, in the unit.

    Raises DomainError for an identifier that cannot be one.
    """
    with unit(session):
        known = person_ids_of(session, identifiers)
        fresh = sorted(set(identifiers) - set(known))
        if not fresh:
            return known
        lock_key(session, "persons", actor.company_id)  # two first calls of one person make one
        known |= person_ids_of(session, fresh)
        now = clock.now()
        rows = [
            Person(identifier=checked_identifier(one), created_at=now, updated_at=now)
            for one in fresh
            if one not in known
        ]
        session.add_all(rows)
        session.flush()
        auditor.record_many(
            session,
            actor,
            AuditAction.PERSON_CREATED,
            "person",
            [(row.id, {"identifier": (None, row.identifier)}) for row in rows],
            persons={row.id: row.id for row in rows},
        )
        return known | {row.identifier: row.id for row in rows}
