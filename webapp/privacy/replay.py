"""Erasures done again where an older copy of the database was put back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
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
    A contact or lead that was entered after the erasure under the same e-mail address stays.
    """
    erased = _ledger()
    done = dict[str, int]()
    for company_id, key in session.execute(select(Company.id, Company.key).order_by(Company.key)).all():
        scope_to(session, company_id)
        buried = session.execute(select(Tombstone.digest, Tombstone.at))
        when = {row.digest: row.at for row in buried} | erased.get(company_id, {})
        names = list(_standing(session, when)) if when else []
        for name in names:
            _again(session, company_id, name)
        done[key] = len(names)
    if any(done.values()):
        clean_database(session, None)
        if services().settings.embedded_queue:
            clean_queue(services().store.redis)
    return done


def missing(session: Session) -> bool:
    """Whether the instance's file of erasures knows of some that no tombstone of the database tells of.

    Then the database is older than the file: it was put back. Asks nothing while there is no such file.
    """
    for company_id, digests in _ledger().items():
        scope_to(session, company_id)
        known: set[str] = set(session.scalars(select(Tombstone.digest)))
        if digests.keys() - known and session.get(Company, company_id) is not None:
            return True
    return False


def catch_up(session: Session) -> int:
    """Erase again where the database was put back; answers how many persons. Raises as `replay` does.

    Afterwards the tombstones are there again, also of those who no longer stand in the database.
    """
    if not missing(session):
        return 0
    done = sum(replay(session).values())
    _bury(session)
    return done


def _bury(session: Session) -> None:
    """Put back the tombstones that the file knows of."""
    for one in noted(services().settings.instance):
        scope_to(session, one.company_id)
        with unit(session):
            known = session.scalar(select(Tombstone.id).where(Tombstone.digest == one.digest))
            if known is None and session.get(Company, one.company_id) is not None:
                session.add(Tombstone(digest=one.digest, at=one.at))


def _ledger() -> dict[UUID, dict[str, datetime]]:
    """By company the digests of the file, each with its last erasure."""
    found = dict[UUID, dict[str, datetime]]()
    for one in noted(services().settings.instance):
        found.setdefault(one.company_id, {})[one.digest] = one.at
    return found


def _standing(session: Session, when: Mapping[str, datetime]) -> Iterator[str]:
    """By what name whoever was erased is known here again: user ids, and addresses of earlier prospects."""
    for identifier in session.scalars(select(Person.identifier).order_by(Person.id)).all():
        if digests_of(session, identifier, []) & when.keys():
            yield identifier
    for model in {one.model for one in holdings() if one.table.name in PEOPLE - {"persons"}}:
        oldest = select(model.email, func.min(model.created_at).label("at")).where(model.email != "")
        for row in session.execute(oldest.group_by(model.email)).all():
            found = digests_of(session, "", [row.email]) & when.keys()
            if any(row.at <= when[digest] for digest in found):
                yield row.email


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
