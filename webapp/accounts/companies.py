"""Companies: create one, change its profile, find one by id or key."""

from __future__ import annotations

import re
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Company
from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import scope_to, unit
from webapp.core.db.scope import company_of
from webapp.core.errors import Conflict, DomainError, NotFound

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
PROFILE = (
    "name",
    "about",
    "audience",
    "industry",
    "market",
    "language",
    "currency",
    "timezone",
    "consent_policy",
)


def create_company(
    session: Session, actor: Actor, key: str, name: str, *, clock: Clock, auditor: Auditor, demo: bool = False
) -> Company:
    """Create a company and confine the session to it. Raises DomainError for a bad or taken key."""
    if not KEY.fullmatch(key):
        message = "A company’s key has 1 to 40 lower-case letters, digits and hyphens."
        raise DomainError(message, details={"key": message})
    with unit(session):
        if session.scalar(select(Company.id).where(Company.key == key)):
            raise Conflict(f"There is a company with the key {key} already.", details={"key": "taken"})
        company = Company(key=key, name=name, demo=demo, created_at=clock.now())
        session.add(company)
        session.flush()
        scope_to(session, company.id)
        auditor.record(session, actor, AuditAction.COMPANY_CREATED, company)
    return company


def change_profile(
    session: Session, actor: Actor, values: dict[str, str], read_version: int, auditor: Auditor
) -> Company:
    """Save the profile as read at a version. Raises Conflict when somebody saved in between."""
    with unit(session):
        company = session.scalar(select(Company).where(Company.id == company_of(session)).with_for_update())
        if company is None:
            raise NotFound("There is no such company.")
        if company.version != read_version:
            raise Conflict("Somebody else changed the profile while you were editing. Look at both below.")
        changes = {name: (getattr(company, name), values[name]) for name in PROFILE if name in values}
        changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
        for name, (_, new) in changes.items():
            setattr(company, name, new)
        company.version += 1
        auditor.record(session, actor, AuditAction.COMPANY_CHANGED, company, changes=changes)
    return company


def current_company(session: Session) -> Company:
    """Answer the company the session is confined to."""
    return session.get_one(Company, company_of(session))


def find_company(session: Session, word: str) -> Company | None:
    """Answer the company with this id or key."""
    try:
        wanted = or_(Company.id == UUID(word), Company.key == word)
    except ValueError:
        wanted = or_(Company.key == word)
    return session.scalar(select(Company).where(wanted))


@cache
def timezones() -> tuple[str, ...]:
    """List the time zones of the IANA database, in order, that are named after places."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and "Etc/" not in name))


def known_timezone(name: str) -> bool:
    """Whether it is a time zone of the IANA database."""
    return name in available_timezones()


def zone_of(session: Session) -> ZoneInfo:
    """Answer the time zone in which the session's company counts its days."""
    zone = session.scalar(select(Company.timezone).where(Company.id == company_of(session)))
    return ZoneInfo(zone or "UTC")


def zones(session: Session) -> list[tuple[UUID, ZoneInfo]]:
    """Answer every company with its time zone, for a session that serves them all."""
    rows = session.execute(select(Company.id, Company.timezone).order_by(Company.id))
    return [(company_id, ZoneInfo(zone or "UTC")) for company_id, zone in rows]
