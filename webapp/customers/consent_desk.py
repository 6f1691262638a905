"""The files of all consents: what they hold can be imported again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.list_desk import ListDesk
from webapp.core.reading import moment_text
from webapp.customers.consents import CONSENTS
from webapp.customers.models import Consent
from webapp.people.models import Person
from webapp.people.persons import persons_by_id


def persons_of(session: Session, rows: Sequence[Consent]) -> dict[UUID, Person]:
    """Who consented, by the persons' ids."""
    return persons_by_id(session, [row.person_id for row in rows])


def _texts(row: Consent) -> Mapping[str, str]:
    return {
        "purpose": row.purpose.value,
        "granted": "yes" if row.granted else "no",
        "at": moment_text(row.at),
        "wording": row.wording,
        "by": row.by,
    }


def _also(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    named = select(Consent.id, Person.identifier).join(Person, Person.id == Consent.person_id)
    return {row.id: {"user_id": row.identifier} for row in session.execute(named.where(Consent.id.in_(ids)))}


CONSENT_DESK = ListDesk(
    name="consents",
    noun="consent",
    listing=CONSENTS,
    read=Permission.CUSTOMERS_READ,
    write=Permission.CUSTOMERS_WRITE,
    columns=("user_id", "purpose", "granted", "at", "wording", "by"),
    texts=_texts,
    endpoint="consents.index",
    also=_also,
    whose=lambda row: row.person_id,
)
