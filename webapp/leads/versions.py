"""Versions of a salesperson's model: put in force by hand, rolled back, set aside for the default."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.core.errors import DomainError, NotFound
from webapp.leads.facts import ModelDeed
from webapp.leads.models import ModelEvent, ScoringModel
from webapp.leads.salespeople import held_salesperson, need_steering

LONGEST_REASON = 500


def choose_version(
    session: Session,
    actor: Actor,
    staff_id: UUID,
    number: int,
    reason: str,
    *,
    auditor: Auditor,
    clock: Clock,
) -> None:
    """Put a version in force by hand (0: the default), with a reason, an event and an audit row.

    An earlier number than the one in force is a roll-back. Raises DomainError without a reason or when it
    is in force already, NotFound for a version that is not there, Forbidden for somebody else's model.
    """
    need_steering(actor, staff_id)
    said = reason.strip()
    if not said or len(said) > LONGEST_REASON:
        raise DomainError(
            f"Say why, in at most {LONGEST_REASON} characters.",
            code="reason_needed",
            details={"reason": "Say why."},
        )
    with unit(session):
        person = held_salesperson(session, staff_id)
        if number and version_of(session, staff_id, number) is None:
            raise NotFound(f"There is no version {number} of this model.")
        if person.number == number:
            raise DomainError("This version is in force already.", code="in_force_already")
        deed = (
            ModelDeed.RESET
            if not number
            else ModelDeed.ROLLED_BACK
            if number < person.number
            else ModelDeed.CHOSEN
        )
        changes = {"number": (person.number, number)}
        person.number, person.drifting = number, False
        at = clock.now()
        session.add(
            ModelEvent(staff_id=staff_id, deed=deed, number=number, at=at, reason=said, by=actor.name[:200])
        )
        auditor.record(session, actor, AuditAction.MODEL_CHOSEN, person, changes=changes, reason=said)


def version_of(session: Session, staff_id: UUID, number: int) -> ScoringModel | None:
    """One version, its long columns left where they are."""
    return session.scalar(
        select(ScoringModel).where(ScoringModel.staff_id == staff_id, ScoringModel.number == number)
    )


def versions_of(session: Session, staff_id: UUID) -> list[ScoringModel]:
    """All versions, the newest first."""
    asked = select(ScoringModel).where(ScoringModel.staff_id == staff_id)
    return list(session.scalars(asked.order_by(ScoringModel.number.desc()).limit(200)))


def events_of(session: Session, staff_id: UUID) -> list[ModelEvent]:
    """What happened to the model, the newest first."""
    asked = select(ModelEvent).where(ModelEvent.staff_id == staff_id)
    return list(session.scalars(asked.order_by(ModelEvent.at.desc(), ModelEvent.id.desc()).limit(200)))
