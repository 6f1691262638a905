"""What salespeople are told without asking: leads about to be lost, a conversion rate that moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.core.text import aware, plural
from webapp.leads.facts import OPEN, NoticeKind, Stage
from webapp.leads.models import Activity, Lead
from webapp.leads.notices import tell, told_already
from webapp.leads.rules.conversion import BEFORE_DAYS, RECENT_DAYS, Closed, moved, moved_words

MOST_AT_ONCE = 20  # notices of leads at risk, the likeliest first; the others follow the next time


def tell_at_risk(session: Session, staff_id: UUID, now: datetime) -> int:
    """Tell the person, inside the caller's unit, of their leads that went quiet; answers how many are new.

    A lead is told of once for each time that it falls silent.
    """
    leads = _at_risk(session, staff_id)
    since = _quiet_since(session, leads)
    keys = {f"at_risk:{lead.id}:{since[lead.id].date().isoformat()}": lead for lead in leads}
    known = told_already(session, staff_id, list(keys))
    fresh = [(key, lead) for key, lead in keys.items() if key not in known][:MOST_AT_ONCE]
    told = 0
    for key, lead in fresh:
        text = _quiet_words(lead, since[lead.id], now)
        told += tell(session, staff_id, NoticeKind.AT_RISK, key, text, at=now, lead_id=lead.id) is not None
    return told


def tell_conversion(session: Session, staff_id: UUID, now: datetime) -> bool:
    """Tell the person, inside the caller's unit, that their rate moved; once a month and direction."""
    recent_from = now - timedelta(days=RECENT_DAYS)
    recent = closed_between(session, staff_id, recent_from, now)
    before = closed_between(session, staff_id, recent_from - timedelta(days=BEFORE_DAYS), recent_from)
    if not moved(recent, before):
        return False
    way = "up" if recent.share > before.share else "down"
    key = f"conversion_moved:{way}:{now:%Y-%m}"
    figures = {"recent": [recent.won, recent.count], "before": [before.won, before.count]}
    words = moved_words(recent, before)
    return tell(session, staff_id, NoticeKind.CONVERSION_MOVED, key, words, at=now, body=figures) is not None


def closed_between(session: Session, staff_id: UUID, begins: datetime, ends: datetime) -> Closed:
    """How many of the person's leads closed in the span (its end not in it), and how many were won."""
    won = func.coalesce(func.sum(case((Lead.stage == Stage.WON, 1), else_=0)), 0)
    asked = select(won, func.count()).where(
        Lead.closer_id == staff_id,
        Lead.stage.in_((Stage.WON, Stage.LOST)),
        Lead.closed_at >= begins,
        Lead.closed_at < ends,
    )
    return Closed(*session.execute(asked).one())


def _at_risk(session: Session, staff_id: UUID) -> Sequence[Lead]:
    asked = select(Lead).where(Lead.owner_id == staff_id, Lead.stage.in_(OPEN), Lead.at_risk)
    return session.scalars(asked.order_by(Lead.probability.desc().nulls_last(), Lead.id).limit(500)).all()


def _quiet_since(session: Session, leads: Sequence[Lead]) -> dict[UUID, datetime]:
    """Each lead's last activity; its begin where there is none."""
    ids = [lead.id for lead in leads]
    last = select(Activity.lead_id, func.max(Activity.at).label("at")).where(Activity.lead_id.in_(ids))
    found = {row.lead_id: row.at for row in session.execute(last.group_by(Activity.lead_id))} if ids else {}
    return {lead.id: aware(found.get(lead.id) or lead.opened_at) for lead in leads}


def _quiet_words(lead: Lead, since: datetime, now: datetime) -> str:
    chance = "" if lead.probability is None else f" Its chance is put at {lead.probability * 100:.0f} %."
    return f"{lead.name} has been quiet for {plural((now - since).days, 'day')} and may be lost.{chance}"
