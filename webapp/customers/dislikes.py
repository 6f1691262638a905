"""“Less like this”: what a customer does not want to see, in force from the next answer on."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import lock_key, unit
from webapp.core.errors import DomainError
from webapp.customers.cache import Cache
from webapp.customers.models import Dislike
from webapp.people.erased import is_erased
from webapp.people.known import made_persons, person_id_of


def less_like(  # the clients that a writing deed needs
    session: Session,
    actor: Actor,
    user_id: str,
    item: str,
    *,
    clock: Clock,
    auditor: Auditor,
    cache: Cache,
    key: bytes,
) -> None:
    """Keep that the customer wants less of the item; twice is once. Raises DomainError for who was erased."""
    with unit(session):
        if is_erased(session, key, user_id):
            raise DomainError("This person was erased: nothing is kept.", code="erased", status=410)
        person_id = made_persons(session, actor, [user_id], clock=clock, auditor=auditor)[user_id]
        lock_key(session, "dislike", person_id)
        known = select(Dislike.id).where(Dislike.person_id == person_id, Dislike.item == item)
        if session.scalar(known) is None:
            row = Dislike(person_id=person_id, item=item, at=clock.now())
            session.add(row)
            session.flush()
            auditor.record(session, actor, AuditAction.DISLIKED, row, person=person_id)
        cache.drop(session, user_id)


def like_again(
    session: Session, actor: Actor, user_id: str, item: str, *, auditor: Auditor, cache: Cache
) -> None:
    """Forget that the customer wanted less of the item; harmless when they did not."""
    with unit(session):
        person_id = person_id_of(session, user_id)
        known = select(Dislike).where(Dislike.person_id == person_id, Dislike.item == item)
        row = session.scalar(known) if person_id else None
        if row is not None:
            auditor.record(session, actor, AuditAction.LIKED_AGAIN, row, person=person_id)
            session.execute(delete(Dislike).where(Dislike.id == row.id))
        cache.drop(session, user_id)


def disliked_by(session: Session, user_id: str) -> list[str]:
    """The items that the customer wants less of, in the order in which they said so."""
    person_id = person_id_of(session, user_id)
    asked = select(Dislike.item).where(Dislike.person_id == person_id).order_by(Dislike.at, Dislike.id)
    return list(session.scalars(asked)) if person_id else []
