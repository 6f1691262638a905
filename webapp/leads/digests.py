"""The digest: what a person's leads came to, daily or weekly, as they ordered it; each day at most once."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Membership, Staff
from webapp.core.access import Permission
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.when import When
from webapp.core.services import services
from webapp.core.text import aware, plural
from webapp.leads.facts import OPEN, Frequency, NoticeKind
from webapp.leads.models import Lead, Notice, Salesperson
from webapp.leads.notices import tell
from webapp.leads.preferences import preferences_in
from webapp.leads.rules.digest import Figures, headline
from webapp.leads.salespeople import held_salesperson
from webapp.leads.telling import closed_between, tell_at_risk, tell_conversion

TOP = 5
MONDAY = 0
SPANS = {Frequency.DAILY: timedelta(days=1), Frequency.WEEKLY: timedelta(days=7)}


def morning(context: ItemContext) -> None:
    """Tell every salesperson what is new, and write the digests that are due today, a person at a time."""
    zone = services().zone(context.session)
    told = written = 0
    for staff_id in sellers(context.session):
        context.stop_if_asked()
        now = context.clock.now()
        with context.lease.unit(context.session) as session:
            told += tell_at_risk(session, staff_id, now) + tell_conversion(session, staff_id, now)
            written += digest(session, staff_id, now, now.astimezone(zone)) is not None
    note = f"{plural(told, 'notice')} and {plural(written, 'digest')}."
    with context.effect({"result": "told", "note": note}):
        pass


def sellers(session: Session) -> list[UUID]:
    """Who works for the company, is not shut out, and owns a lead."""
    owns = select(Lead.id).where(Lead.owner_id == Membership.staff_id).exists()
    asked = (
        select(Membership.staff_id)
        .join(Staff, Staff.id == Membership.staff_id)
        .where(~Membership.disabled, ~Staff.disabled, owns)
    )
    return list(session.scalars(asked.order_by(Membership.staff_id)))


def digest(session: Session, staff_id: UUID, now: datetime, local: datetime) -> Notice | None:
    """Write the person's digest inside the caller's unit, if one is due on this day of the company's clock.

    None where it is not, or is written already: the key is the day, so that a second run finds it.
    """
    row = held_salesperson(session, staff_id)
    if not due(row, local):
        return None
    key = f"digest:{local.date().isoformat()}"
    figures, body = _figures(session, row, now)
    text = headline(figures, preferences_in(row).tone)
    written = tell(session, staff_id, NoticeKind.DIGEST, key, text, at=now, body=body)
    if written is not None:
        row.digested_at = now
    return written


def due(row: Salesperson, local: datetime) -> bool:
    """Whether the person ordered a digest for this day."""
    if row.digest is Frequency.WEEKLY:
        return local.weekday() == MONDAY
    return row.digest is Frequency.DAILY


def _figures(session: Session, row: Salesperson, now: datetime) -> tuple[Figures, dict[str, Any]]:
    """What stands in it. Leads go by their ids: what is deleted later is not told of by name."""
    mine = Lead.owner_id == row.staff_id, Lead.stage.in_(OPEN)
    is_open = session.scalar(select(func.count()).where(*mine)) or 0
    risky = session.scalar(select(func.count()).where(*mine, Lead.at_risk)) or 0
    since = _since(row, now)
    closed = closed_between(session, row.staff_id, since, now)
    figures = Figures(is_open, risky, closed.won, closed.count - closed.won, row.digest)
    told = {**asdict(figures), "period": row.digest.value, "tone": row.tone.value, "since": since.isoformat()}
    return figures, {**told, "top": _top(session, row.staff_id)}


def _since(row: Salesperson, now: datetime) -> datetime:
    """The last digest, as far as it lies about one period back; else just one period.

    Who had none for a month does not read of a month under the name of a day.
    """
    span = SPANS[row.digest]
    last = aware(row.digested_at) if row.digested_at else None
    return last if last is not None and span / 2 <= now - last <= span * 1.5 else now - span


def _top(session: Session, staff_id: UUID) -> list[dict[str, Any]]:
    asked = (
        select(Lead)
        .where(Lead.owner_id == staff_id, Lead.stage.in_(OPEN), Lead.probability.is_not(None))
        .order_by(Lead.probability.desc(), Lead.id)
        .limit(TOP)
    )
    return [
        {
            "lead": str(lead.id),
            "stage": lead.stage.value,
            "probability": lead.probability,
            "action": lead.next_action.value if lead.next_action else None,
            "at_risk": lead.at_risk,
        }
        for lead in session.scalars(asked)
    ]


MORNING = JobKind("leads.morning", "Notices and digests", Queue.BATCH, Permission.LEADS_WRITE, morning)
SCHEDULES = (Schedule("leads.morning", "Notices and digests", MORNING, When(hour=7), lambda _: {}),)
