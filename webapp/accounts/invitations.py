"""One-time links into a company: made, shown once, revoked, taken up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Company, Invitation, Membership, Staff
from webapp.accounts.secrets import Passwords, digest, new_secret
from webapp.accounts.staff import check_password, clean_email
from webapp.core.access import Actor, Role
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import every_company, lock_key, scope_to, unit
from webapp.core.errors import Conflict, DomainError, NotFound

VALID_FOR = timedelta(days=7)
GONE = "This invitation is over: it was used, revoked, or is older than seven days. Ask for another one."


@dataclass(frozen=True)
class Offer:
    """What an open invitation offers, to whom."""

    invitation_id: UUID
    company_id: UUID
    company: str
    email: str
    role: Role
    has_account: bool


@dataclass(frozen=True)
class Invitations:
    """Invites people and lets them in, once."""

    clock: Clock
    auditor: Auditor

    def invite(self, session: Session, actor: Actor, email: str, role: Role) -> str:
        """Make a link's secret, for the only time. Raises DomainError naming the field `email`."""
        address, secret, now = clean_email(email), new_secret(), self.clock.now()
        with unit(session):
            there = session.scalar(
                select(Membership.id)
                .join(Staff, Staff.id == Membership.staff_id)
                .where(Staff.email == address)
            )
            if there:
                message = f"{address} belongs to the company already."
                raise DomainError(message, details={"email": message})
            row = Invitation(
                email=address,
                role=role,
                token_hash=digest(secret),
                invited_by=actor.staff_id,
                created_at=now,
                expires_at=now + VALID_FOR,
            )
            session.add(row)
            session.flush()
            changes = {"email": (None, address), "role": (None, role.value)}
            self.auditor.record(
                session, actor, AuditAction.STAFF_INVITED, row, changes=changes, person=row.id
            )
        return secret

    def open(self, session: Session) -> list[Invitation]:
        """List the company's invitations that can still be taken up."""
        return list(
            session.scalars(
                select(Invitation)
                .where(
                    Invitation.used_at.is_(None),
                    Invitation.revoked_at.is_(None),
                    Invitation.expires_at > self.clock.now(),
                )
                .order_by(Invitation.created_at.desc())
                .limit(100)
            )
        )

    def revoke(self, session: Session, actor: Actor, invitation_id: UUID) -> None:
        """Make the link worth nothing. Raises NotFound."""
        with unit(session):
            row = session.scalar(select(Invitation).where(Invitation.id == invitation_id))
            if row is None:
                raise NotFound("There is no such invitation.")
            if row.revoked_at is None and row.used_at is None:
                row.revoked_at = self.clock.now()
                self.auditor.record(session, actor, AuditAction.INVITATION_REVOKED, row)

    def find(self, session: Session, secret: str) -> Offer:
        """Answer what the link offers. Raises NotFound when it is over."""
        with every_company(session):  # the link tells which company it is for
            row = self._open_one(session, secret)
            company = session.get_one(Company, row.company_id)
            known = session.scalar(select(Staff.id).where(Staff.email == row.email))
            return Offer(row.id, company.id, company.name, row.email, row.role, known is not None)

    def take_up(
        self, session: Session, secret: str, name: str, password: str, passwords: Passwords, address: str
    ) -> str:
        """Make the invited person's account and let it in; answers its e-mail. Raises DomainError."""
        check_password(password)
        self.find(session, secret)  # hashing is dear: not for links that are none
        session.commit()
        hashed = passwords.hash(password)
        with unit(session):
            offer = self._claimed(session, secret)
            if offer.has_account:
                raise Conflict("You have an account already: sign in, then join.")
            staff = Staff(email=offer.email, name=name, password_hash=hashed, created_at=self.clock.now())
            session.add(staff)
            session.flush()
            self._let_in(session, offer, staff, address)
        return offer.email

    def join(self, session: Session, secret: str, staff_id: UUID, address: str) -> Offer:
        """Let an account that is signed in join. Raises Conflict for somebody else's invitation."""
        with unit(session):
            offer = self._claimed(session, secret)
            staff = session.get_one(Staff, staff_id)
            if staff.email != offer.email:
                raise Conflict(f"This invitation is for {offer.email}.")
            self._let_in(session, offer, staff, address)
        return offer

    def _open_one(self, session: Session, secret: str) -> Invitation:
        row = session.scalar(select(Invitation).where(Invitation.token_hash == digest(secret)))
        if row is None or row.used_at or row.revoked_at or row.expires_at <= self.clock.now():
            raise NotFound(GONE)
        return row

    def _claimed(self, session: Session, secret: str) -> Offer:
        lock_key(session, "invitation", digest(secret))
        offer = self.find(session, secret)
        scope_to(session, offer.company_id)
        row = session.scalar(select(Invitation).where(Invitation.id == offer.invitation_id))
        assert row is not None
        row.used_at = self.clock.now()
        return offer

    def _let_in(self, session: Session, offer: Offer, staff: Staff, address: str) -> None:
        if session.scalar(select(Membership.id).where(Membership.staff_id == staff.id)):
            raise Conflict("You belong to this company already.")
        session.add(Membership(staff_id=staff.id, role=offer.role, created_at=self.clock.now()))
        who = Actor(company_id=offer.company_id, permissions=frozenset(), staff_id=staff.id, address=address)
        self.auditor.record(session, who, AuditAction.STAFF_JOINED, staff)
