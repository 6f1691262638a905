"""The persons that customers are: found by the company's own id, made when they first do something."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.checks import checked_identifier
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, new_id, read, unit
from webapp.core.folded import keys_of
from webapp.people.erased import refuse_gone
from webapp.people.models import Person

AT_ONCE = 500  # identifiers that one statement looks for
ID = select(Person.id).where(Person.identifier == bindparam("identifier"))  # built once: every call asks it


def person_id_of(session: Session, identifier: str) -> UUID | None:
    """The id of the company's person of this identifier; None for a stranger. Writes nothing."""
    if "\0" in identifier:
        return None
    found: UUID | None = read(session, ID, {"identifier": identifier}).scalar()
    return found


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

    Raises DomainError for an identifier that cannot be one, or is an erased person's.
    """
    with unit(session):
        known = person_ids_of(session, identifiers)
        fresh = sorted(set(identifiers) - set(known))
        if not fresh:
            return known
        lock_key(session, "persons", actor.company_id)  # two first calls of one person make one
        refuse_gone(session, fresh)
        known |= person_ids_of(session, fresh)
        now = clock.now()
        made = {checked_identifier(one): new_id() for one in fresh if one not in known}
        if made:
            rows = [_row(one, row_id, company_of(session), now) for one, row_id in made.items()]
            session.connection().execute(insert(Person.__table__), rows)  # type: ignore[arg-type]  # a table
        auditor.record_many(
            session,
            actor,
            AuditAction.PERSON_CREATED,
            "person",
            [(row_id, {"identifier": (None, one)}) for one, row_id in made.items()],
            persons={row_id: row_id for row_id in made.values()},
        )
        return known | made


def _row(identifier: str, row_id: UUID, company_id: UUID, now: datetime) -> dict[str, Any]:
    texts = {"identifier": identifier, "name": "", "email": "", "language": "", "timezone": ""}
    ids = {"id": row_id, "company_id": company_id, "version": 1}
    return {**texts, **ids, **keys_of(Person, texts), "created_at": now, "updated_at": now}
