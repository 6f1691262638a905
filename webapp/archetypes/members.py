"""A person as a member: read, and recalculated when somebody asks for it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.archetypes.detecting import find_one, store
from webapp.archetypes.models import Member
from webapp.archetypes.rule_state import state_of
from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.core.errors import DomainError


def member_of(session: Session, person_id: UUID) -> Member | None:
    """The person's row as a member, when there is one."""
    return session.scalar(select(Member).where(Member.person_id == person_id))


def recalculate_one(
    session: Session, actor: Actor, person_id: UUID, *, clock: Clock, auditor: Auditor
) -> Member:
    """Detect the archetype now and store it, audited; an override stays. Raises DomainError."""
    known = member_of(session, person_id)
    read_version = known.version if known else 0  # as it is before the history is read
    before = (known.archetype.value, known.confidence) if known else (None, None)
    try:
        what = find_one(session, person_id, state_of(session), clock.now())
    except ValueError as error:
        raise DomainError(str(error), code="broken_history") from None
    with unit(session):
        member = store(session, person_id, what, read_version)
        changes = {
            "detected": (before[0], member.archetype.value),
            "confidence": (before[1], member.confidence),
        }
        action = AuditAction.ARCHETYPE_RECALCULATED
        auditor.record(session, actor, action, member, changes=changes, person=person_id)
        return member
