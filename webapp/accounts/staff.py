"""Staff: create an account with a role, change a password, end its other sessions."""

from __future__ import annotations

from uuid import UUID

import email_validator
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import Membership, Staff, StaffSession
from webapp.accounts.secrets import LONGEST_PASSWORD, SHORTEST_PASSWORD, Passwords
from webapp.core.access import Actor, Role
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.core.errors import DomainError

# The library refuses names such as .internal and .local, which an internal application is full of.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def create_staff(
    session: Session,
    actor: Actor,
    email: str,
    role: Role,
    password: str,
    *,
    passwords: Passwords,
    clock: Clock,
    auditor: Auditor,
    name: str = "",
) -> Staff:
    """Give a person a role in the session's company, and an account if they have none.

    An account that exists keeps its password. Raises DomainError for a bad e-mail or password.
    """
    address = clean_email(email)
    check_password(password)
    hashed = passwords.hash(password)
    with unit(session):
        staff = session.scalar(select(Staff).where(Staff.email == address))
        if staff is None:
            shown = name or address.split("@")[0].replace(".", " ").title()
            staff = Staff(email=address, name=shown, password_hash=hashed, created_at=clock.now())
            session.add(staff)
            session.flush()
        give_role(session, staff.id, role, clock)
        auditor.record(session, actor, AuditAction.STAFF_CREATED, staff)
    return staff


def give_role(session: Session, staff_id: UUID, role: Role, clock: Clock) -> None:
    """Set the role inside the caller's unit; a change ends the person's sessions."""
    member = session.scalar(select(Membership).where(Membership.staff_id == staff_id))
    if member is None:
        session.add(Membership(staff_id=staff_id, role=role, created_at=clock.now()))
    elif member.role is not role:
        member.role = role
        end_sessions(session, staff_id, clock)


def set_password(
    session: Session,
    staff_id: UUID,
    password: str,
    *,
    passwords: Passwords,
    clock: Clock,
    keep: UUID | None = None,
) -> None:
    """Set a new password and end every session of the account but `keep`. Raises DomainError."""
    check_password(password)
    hashed = passwords.hash(password)
    with unit(session):
        session.get_one(Staff, staff_id).password_hash = hashed
        end_sessions(session, staff_id, clock, keep=keep)


def change_password(
    session: Session,
    actor: Actor,
    current: str,
    password: str,
    *,
    passwords: Passwords,
    clock: Clock,
    auditor: Auditor,
    keep: UUID,
) -> None:
    """Change one's own password. Raises DomainError naming the field `current_password` or `password`."""
    assert actor.staff_id is not None
    known = session.get_one(Staff, actor.staff_id).password_hash
    session.commit()
    if not passwords.match(known, current):
        message = "This is not your current password."
        raise DomainError(message, details={"current_password": message})
    check_password(password)
    hashed = passwords.hash(password)
    with unit(session):
        staff = session.get_one(Staff, actor.staff_id)
        staff.password_hash = hashed
        end_sessions(session, staff.id, clock, keep=keep)
        if actor.company_id:
            auditor.record(session, actor, AuditAction.PASSWORD_CHANGED, staff)


def end_sessions(session: Session, staff_id: UUID, clock: Clock, keep: UUID | None = None) -> None:
    """End the account's sessions inside the caller's unit, all but `keep`."""
    live = update(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
    if keep is not None:
        live = live.where(StaffSession.id != keep)
    session.execute(live.values(ended_at=clock.now()))


def clean_email(email: str) -> str:
    """Answer the address in lower case. Raises DomainError when it is none."""
    try:
        found = validate_email(email, check_deliverability=False)
    except EmailNotValidError as error:
        message = f"This is no e-mail address: {error}"
        raise DomainError(message, details={"email": message}) from None
    return found.normalized.lower()


def check_password(password: str) -> None:
    """Raise DomainError when the password is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        message = f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
        raise DomainError(message, details={"password": message})
