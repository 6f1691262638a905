"""Takes a person out of every table in one transaction; what stays names nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.db import company_of, lock_key
from webapp.core.mentions import unmention
from webapp.core.privacy import Fate, Holding, Subject
from webapp.people.models import Person, Tombstone
from webapp.privacy.finding import Found, find, holdings, keepers, sets

NOBODY = "An erasure"


def erase_rows(session: Session, subject: Subject, now: datetime) -> dict[str, int]:
    """Erase the person inside the caller's unit, tombstone included; answers how many rows of what.

    A writer that comes later meets the tombstone, or finds no person to refer to; one that came before
    is waited for.
    """
    lock_key(session, "persons", subject.company_id)
    held = select(Person.id).where(Person.id.in_(subject.person_ids)).order_by(Person.id)
    session.execute(held.with_for_update())
    told = holdings()
    found = find(session, subject, told)
    counts = Counter[str]()
    for keeper in keepers():
        if keeper.inside:
            counts.update(keeper.inside(session, _nobody(session), subject, found.ids))
    _empty(session, found, counts)
    _delete(session, found, counts)
    for one in told:
        if one.mentions:
            counts["mentions in words of others"] += unmention(session, one, subject)
    _bury(session, subject, now)
    return {name: count for name, count in sorted(counts.items()) if count}


def _nobody(session: Session) -> Actor:
    """What follows from an erasure is nobody's wish in particular, and needs no right of their own."""
    return Actor(company_id=company_of(session), permissions=frozenset(Permission), name=NOBODY)


def _empty(session: Session, found: Found, counts: Counter[str]) -> None:
    for one, ids in found.rows:
        if one.fate is Fate.EMPTIED:
            for some in sets(ids):
                values: dict[str, Any] = dict(one.empty)
                session.execute(update(one.model).where(one.model.id.in_(some)).values(**values))
            counts[one.title] += len(ids)


def _delete(session: Session, found: Found, counts: Counter[str]) -> None:
    """What belongs to something goes before it."""
    session.flush()
    order = {table.name: place for place, table in enumerate(Person.metadata.sorted_tables)}
    gone = [(one, ids) for one, ids in found.rows if one.fate is Fate.DELETED]
    for one, ids in sorted(gone, key=lambda pair: -order[pair[0].table.name]):
        counts[one.title] += len(ids)
        _remove(session, one, ids)
    session.expire_all()


def _remove(session: Session, one: Holding, ids: Sequence[UUID]) -> None:
    for some in sets(ids):
        theirs = delete(one.model).where(one.model.id.in_(some))
        session.execute(theirs, execution_options={"synchronize_session": False})


def _bury(session: Session, subject: Subject, now: datetime) -> None:
    there = set(session.scalars(select(Tombstone.digest).where(Tombstone.digest.in_(subject.digests))))
    for digest in sorted(subject.digests - there):
        session.add(Tombstone(digest=digest, at=now))
    session.flush()
