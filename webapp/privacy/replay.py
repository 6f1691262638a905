"""Erasures done again where an older copy of the database was put back."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Company
from webapp.core.access import Actor, Permission
from webapp.core.audit import AuditAction
from webapp.core.db import scope_to, unit
from webapp.core.privacy import PEOPLE
from webapp.core.services import services
from webapp.people.models import Person, Tombstone
from webapp.privacy.cleaning import clean_database, clean_queue
from webapp.privacy.erasing import erase_rows
from webapp.privacy.finding import digests_of, holdings, keepers, subject_of
from webapp.privacy.ledger import noted


def replay(session: Session) -> dict[str, int]:
    """Erase everybody, in every company, who stands in the database although they were erased.

    Known by the tombstones and by the instance's file of erasures. Answers how many by company's key.
    What was added after an erasure under the same e-mail address stays.
    """
    erased = _ledger()
    done = dict[str, int]()
    for company_id, key in session.execute(select(Company.id, Company.key).order_by(Company.key)).all():
        scope_to(session, company_id)
        digests = erased.get(company_id, set()) | set(session.scalars(select(Tombstone.digest)))
        names = list(_standing(session, digests)) if digests else []
        for name in names:
            _again(session, company_id, name)
        done[key] = len(names)
    if any(done.values()):
        clean_database(session, None)
        if services().settings.embedded_queue:
            clean_queue(services().store.redis)
    return done


def _ledger() -> dict[UUID, set[str]]:
    found = dict[UUID, set[str]]()
    for one in noted(services().settings.instance):
        found.setdefault(one.company_id, set()).add(one.digest)
    return found


def _standing(session: Session, digests: set[str]) -> Iterator[str]:
    """By what name whoever was erased is known here again: user ids, and addresses of prospects."""
    for identifier in session.scalars(select(Person.identifier).order_by(Person.id)).all():
        if digests_of(session, identifier, []) & digests:
            yield identifier
    for model in {one.model for one in holdings() if one.table.name in PEOPLE - {"persons"}}:
        for address in session.scalars(select(model.email).where(model.email != "").distinct()).all():
            if digests_of(session, "", [address]) & digests:
                yield address


def _again(session: Session, company_id: UUID, name: str) -> None:
    subject, now = subject_of(session, name), services().clock.now()
    for keeper in keepers():
        if keeper.outside:
            keeper.outside(subject)
    who = Actor(company_id=company_id, permissions=frozenset(Permission), name="replay")
    with unit(session):
        erase_rows(session, subject, now)
        grave = session.scalars(select(Tombstone).where(Tombstone.digest.in_(subject.digests))).first()
        services().auditor.record(session, who, AuditAction.PERSON_ERASED, grave)
