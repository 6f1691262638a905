"""Signing in and out: throttled, in the same time for known and unknown accounts."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Company, Membership, Staff, StaffSession
from webapp.accounts.secrets import Passwords, digest, new_secret
from webapp.core.access import Actor, Role
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import every_company, unit
from webapp.core.errors import DomainError, NotFound, TooMany
from webapp.core.store.limits import Limit, Limits

WRONG = "The e-mail or the password is not right."
NOT_YOURS = "This is not your password."
SEEN_STEP = timedelta(seconds=60)
CONFIRMED_FOR = timedelta(minutes=5)
BY_ADDRESS = 6  # an office behind one address may fail so many times as often as one account
OVERALL = 60


@dataclass(frozen=True)
class Choice:
    """A company the account may work for, and its role there."""

    company_id: UUID
    name: str
    role: Role
    demo: bool
    timezone: str


@dataclass(frozen=True)
class SignedIn:
    """A live session with what every request needs of it."""

    session_id: UUID
    staff_id: UUID
    name: str
    email: str
    choices: tuple[Choice, ...]
    chosen: Choice | None
    confirmed_at: datetime | None = None


@dataclass(frozen=True)
class Gate:
    """Lets people in, and remembers since when. `idle` and `absolute` are the session's limits."""

    passwords: Passwords
    limits: Limits
    clock: Clock
    auditor: Auditor
    failures_a_minute: int
    idle: timedelta
    absolute: timedelta

    def enter(self, session: Session, email: str, password: str, address: str, agent: str) -> str:
        """Answer the secret of a new session. Raises DomainError, or TooMany after too many failures."""
        account = email.strip().lower()
        mine, others = self._counted(account, address)
        for limit, key in others:
            self.limits.check(limit, key)
        self.limits.hit(*mine)  # counted before the slow part: guesses sent at once are all seen
        staff = session.scalar(select(Staff).where(Staff.email == account))
        known = staff.password_hash if staff and not _shut_out(session, staff) else None
        session.commit()  # no connection is held while the password is hashed
        if not self.passwords.match(known, password) or staff is None:
            self._failed(others)
            raise DomainError(WRONG, code="wrong_password")
        self.limits.forget(*mine)
        return self._open(session, staff.id, address, agent)

    def confirm(self, session: Session, found: SignedIn, password: str, address: str) -> None:
        """Let a signed-in person prove with their password that it is still them.

        Counted like signing in. Raises DomainError, or TooMany after too many failures.
        """
        mine, others = self._counted(found.email, address)
        for limit, key in others:
            self.limits.check(limit, key)
        self.limits.hit(*mine)
        known = session.get_one(Staff, found.staff_id).password_hash
        session.commit()
        if not self.passwords.match(known, password):
            self._failed(others)
            raise DomainError(NOT_YOURS, code="wrong_password", details={"confirm_password": NOT_YOURS})
        self.limits.forget(*mine)
        with unit(session):
            session.get_one(StaffSession, found.session_id).confirmed_at = self.clock.now()

    def is_confirmed(self, found: SignedIn) -> bool:
        """Whether the person gave their password a moment ago."""
        return found.confirmed_at is not None and self.clock.now() - found.confirmed_at < CONFIRMED_FOR

    def _failed(self, others: list[tuple[Limit, str]]) -> None:
        with suppress(TooMany):
            for limit, key in others:
                self.limits.hit(limit, key)

    def _counted(self, account: str, address: str) -> tuple[tuple[Limit, str], list[tuple[Limit, str]]]:
        most = self.failures_a_minute
        return (Limit("sign-in-account", most), digest(account)), [
            (Limit("sign-in-address", most * BY_ADDRESS), address),
            (Limit("sign-in-overall", most * OVERALL), "all"),
        ]

    def _open(self, session: Session, staff_id: UUID, address: str, agent: str) -> str:
        secret, now = new_secret(), self.clock.now()
        # Which companies the account belongs to is asked before any of them is chosen.
        with every_company(session), unit(session):
            choices = _choices(session, staff_id)
            row = StaffSession(
                token_hash=digest(secret),
                staff_id=staff_id,
                chosen_company_id=choices[0].company_id if choices else None,
                address=address[:45],
                agent=agent[:200],
                created_at=now,
                seen_at=now,
            )
            session.add(row)
            self._audit(session, row, AuditAction.SIGNED_IN)
        return secret

    def find(self, session: Session, secret: str) -> SignedIn | None:
        """Answer the live session of this secret, or None when it ended, idled or grew too old."""
        now = self.clock.now()
        with every_company(session):  # see _open
            row = session.execute(
                select(StaffSession, Staff)
                .join(Staff, Staff.id == StaffSession.staff_id)
                .where(StaffSession.token_hash == digest(secret), StaffSession.ended_at.is_(None))
            ).first()
            if row is None:
                return None
            kept, staff = row[0], row[1]
            if staff.disabled or now - kept.seen_at > self.idle or now - kept.created_at > self.absolute:
                return None
            choices = _choices(session, staff.id)
        chosen = next((choice for choice in choices if choice.company_id == kept.chosen_company_id), None)
        chosen = chosen or (choices[0] if choices else None)
        found = SignedIn(kept.id, staff.id, staff.name, staff.email, choices, chosen, kept.confirmed_at)
        if now - kept.seen_at > SEEN_STEP:
            self._touch(session, kept.id)
        return found

    def _touch(self, session: Session, session_id: UUID) -> None:
        with unit(session):
            session.get_one(StaffSession, session_id).seen_at = self.clock.now()

    def leave(self, session: Session, session_id: UUID) -> None:
        """End the session: its cookie is worth nothing from now on."""
        with every_company(session), unit(session):  # the trace goes into the company it was chosen for
            row = session.get_one(StaffSession, session_id)
            row.ended_at = self.clock.now()
            self._audit(session, row, AuditAction.SIGNED_OUT)

    def choose(self, session: Session, found: SignedIn, company_id: UUID, *, joined: bool = False) -> None:
        """Work for another company from now on. Raises NotFound when one does not belong to it.

        `joined`: one came to belong to it in this very request.
        """
        if not joined and company_id not in {choice.company_id for choice in found.choices}:
            raise NotFound("There is no such company.")
        with unit(session):
            session.get_one(StaffSession, found.session_id).chosen_company_id = company_id

    def _audit(self, session: Session, row: StaffSession, action: AuditAction) -> None:
        if row.chosen_company_id is None:
            return
        who = Actor(
            company_id=row.chosen_company_id,
            permissions=frozenset(),
            staff_id=row.staff_id,
            address=row.address,
        )
        self.auditor.record(session, who, action, row)


def _shut_out(session: Session, staff: Staff) -> bool:
    """Whether the account is disabled, or was in every company it belongs to."""
    with every_company(session):  # see _open
        places = list(session.scalars(select(Membership.disabled).where(Membership.staff_id == staff.id)))
    return staff.disabled or (bool(places) and all(places))


def _choices(session: Session, staff_id: UUID) -> tuple[Choice, ...]:
    rows = session.execute(
        select(Company.id, Company.name, Membership.role, Company.demo, Company.timezone)
        .join(Membership, Membership.company_id == Company.id)
        .where(Membership.staff_id == staff_id, Membership.disabled.is_(False))
        .order_by(Company.name, Company.id)
    )
    return tuple(Choice(*row) for row in rows)
