"""Who works for the company: roles, shutting out and letting back in, ending sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Membership, Staff, StaffSession
from webapp.accounts.staff import end_sessions
from webapp.core.access import Actor, Role
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, unit
from webapp.core.errors import Conflict, NotFound

LAST_ADMIN = "This is the last admin of the company. Make somebody else admin first."


@dataclass(frozen=True)
class Member:
    """A person of the company as pages show them."""

    staff_id: UUID
    name: str
    email: str
    role: Role
    disabled: bool
    since: datetime
    seen_at: datetime | None


def members(session: Session) -> list[Member]:
    """List the company's staff by name, in one statement."""
    seen = (
        select(StaffSession.staff_id, func.max(StaffSession.seen_at).label("seen_at"))
        .where(StaffSession.chosen_company_id == company_of(session))
        .group_by(StaffSession.staff_id)
        .subquery()
    )
    rows = session.execute(
        select(Membership, Staff, seen.c.seen_at)
        .join(Staff, Staff.id == Membership.staff_id)
        .outerjoin(seen, seen.c.staff_id == Staff.id)
        .order_by(func.lower(Staff.name), Staff.id)
    )
    return [
        Member(p.id, p.name, p.email, m.role, m.disabled or p.disabled, m.created_at, seen_at)
        for m, p, seen_at in rows
    ]


def member(session: Session, staff_id: UUID) -> Member:
    """Answer one of the company's staff. Raises NotFound."""
    found = next((one for one in members(session) if one.staff_id == staff_id), None)
    if found is None:
        raise NotFound("Nobody of this company stands here.")
    return found


@dataclass(frozen=True)
class Team:
    """Changes the company's staff; each deed ends the person's sessions and leaves its trace."""

    clock: Clock
    auditor: Auditor

    def change_role(self, session: Session, actor: Actor, staff_id: UUID, role: Role) -> None:
        """Give the person another role. Raises NotFound, Conflict for the last admin."""
        with unit(session):
            row = self._locked(session, staff_id)
            if row.role is role:
                return
            if role is not Role.ADMIN:
                self._not_the_last(session, row)
            changes = {"role": (row.role.value, role.value)}
            row.role = role
            end_sessions(session, staff_id, self.clock)
            self._told(session, actor, AuditAction.ROLE_CHANGED, staff_id, changes)

    def set_disabled(self, session: Session, actor: Actor, staff_id: UUID, *, disabled: bool) -> None:
        """Shut the person out of the company, or let them in again. Raises as `change_role`."""
        with unit(session):
            row = self._locked(session, staff_id)
            if row.disabled is disabled:
                return
            if disabled:
                self._not_the_last(session, row)
            row.disabled = disabled
            end_sessions(session, staff_id, self.clock)
            action = AuditAction.STAFF_DISABLED if disabled else AuditAction.STAFF_ENABLED
            self._told(session, actor, action, staff_id, {"disabled": (not disabled, disabled)})

    def remove(self, session: Session, actor: Actor, staff_id: UUID) -> None:
        """Take the person out of the company; the account stays. Raises as `change_role`."""
        with unit(session):
            row = self._locked(session, staff_id)
            self._not_the_last(session, row)
            session.delete(row)
            end_sessions(session, staff_id, self.clock)
            self._told(session, actor, AuditAction.STAFF_REMOVED, staff_id, {"role": (row.role.value, None)})

    def _locked(self, session: Session, staff_id: UUID) -> Membership:
        lock_key(session, "team", company_of(session))  # two admins who remove each other: one is left
        row = session.scalar(select(Membership).where(Membership.staff_id == staff_id))
        if row is None:
            raise NotFound("Nobody of this company stands here.")
        return row

    def _not_the_last(self, session: Session, row: Membership) -> None:
        others = session.scalar(
            select(func.count())
            .select_from(Membership)
            .join(Staff, Staff.id == Membership.staff_id)
            .where(
                Membership.role == Role.ADMIN,
                Membership.disabled.is_(False),
                Staff.disabled.is_(False),
                Membership.staff_id != row.staff_id,
            )
        )
        if row.role is Role.ADMIN and not others:
            raise Conflict(LAST_ADMIN, code="last_admin")

    def _told(
        self,
        session: Session,
        actor: Actor,
        action: AuditAction,
        staff_id: UUID,
        changes: Mapping[str, tuple[object, object]],
    ) -> None:
        person = session.get_one(Staff, staff_id)
        self.auditor.record(session, actor, action, person, changes=changes, person=staff_id)
