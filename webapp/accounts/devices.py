"""A person's sign-ins: where they are open, and ending them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import StaffSession
from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import company_of, unit
from webapp.core.errors import NotFound

MOST_SHOWN = 100
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
)
SYSTEMS = (
    ("iPhone|iPad", "iOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux|X11", "Linux"),
)


@dataclass(frozen=True)
class Device:
    """A live session as pages show it."""

    session_id: UUID
    words: str
    address: str
    created_at: datetime
    seen_at: datetime


def device_words(agent: str) -> str:
    """Say in two words what a browser calls itself: `Firefox on Linux`."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for marks, name in SYSTEMS if re.search(marks, agent)), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Another program"


@dataclass(frozen=True)
class Devices:
    """Shows and ends sessions within the limits of their age."""

    clock: Clock
    auditor: Auditor
    idle: timedelta
    absolute: timedelta

    def live(self, session: Session, staff_id: UUID, *, here_only: bool = False) -> list[Device]:
        """List the person's live sessions, the last used first; `here_only`: those in this company."""
        now = self.clock.now()
        statement = select(StaffSession).where(
            StaffSession.staff_id == staff_id,
            StaffSession.ended_at.is_(None),
            StaffSession.seen_at >= now - self.idle,
            StaffSession.created_at >= now - self.absolute,
        )
        if here_only:
            statement = statement.where(StaffSession.chosen_company_id == company_of(session))
        rows = session.scalars(statement.order_by(StaffSession.seen_at.desc()).limit(MOST_SHOWN))
        return [
            Device(row.id, device_words(row.agent), row.address, row.created_at, row.seen_at) for row in rows
        ]

    def end(
        self, session: Session, actor: Actor, staff_id: UUID, session_id: UUID, *, here_only: bool = False
    ) -> None:
        """End one session of the person. Raises NotFound."""
        with unit(session):
            row = session.get(StaffSession, session_id)
            foreign = here_only and row and row.chosen_company_id != company_of(session)
            if row is None or row.staff_id != staff_id or foreign:
                raise NotFound("There is no such session.")
            if row.ended_at is None:
                row.ended_at = self.clock.now()
                if actor.company_id:
                    self.auditor.record(session, actor, AuditAction.SESSION_ENDED, row)
