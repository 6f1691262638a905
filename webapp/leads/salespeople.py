"""The row that a company keeps of a person who sells, made when it is first needed."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.db import company_of, lock_key
from webapp.core.errors import Forbidden
from webapp.leads.models import Salesperson


def salesperson_of(session: Session, staff_id: UUID) -> Salesperson | None:
    """The person's row in the session's company; None before anything was kept of them."""
    return session.scalar(select(Salesperson).where(Salesperson.staff_id == staff_id))


def held_salesperson(session: Session, staff_id: UUID) -> Salesperson:
    """The person's row inside the caller's unit, locked, made where it lacks."""
    lock_key(session, company_of(session), "salesperson", staff_id)
    row = session.scalar(select(Salesperson).where(Salesperson.staff_id == staff_id).with_for_update())
    if row is None:
        row = Salesperson(staff_id=staff_id)
        session.add(row)
        session.flush()
    return row


def may_steer(actor: Actor, staff_id: UUID) -> bool:
    """Whether the actor may train and choose this model: editors their own, admins anybody's."""
    own = actor.staff_id == staff_id and actor.may(Permission.LEADS_WRITE)
    return own or actor.may(Permission.LEADS_MANAGE)


def need_steering(actor: Actor, staff_id: UUID) -> None:
    """Raise Forbidden for whoever may not."""
    if not may_steer(actor, staff_id):
        raise Forbidden("Only an admin may train or choose somebody else’s model.")
