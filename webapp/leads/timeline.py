"""What happened with a lead, the newest first: activities, stages, and what became of its facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.reading import amount_text
from webapp.leads.facts import activity_label
from webapp.leads.models import Activity, Lead, LeadFact, StageChange
from webapp.leads.reading import attribute_text
from webapp.leads.stages import ORDER

SHOWN, MOST_SHOWN = 40, 2_000


@dataclass(frozen=True)
class Event:
    """One line of the timeline. `kind` is activity, stage or fact."""

    kind: str
    what: str
    at: datetime
    note: str = ""
    by: str = ""


@dataclass(frozen=True)
class Timeline:
    """The newest events, and whether there are older ones."""

    events: tuple[Event, ...]
    more: bool


def timeline_of(session: Session, lead: Lead, most: int = SHOWN) -> Timeline:
    """The newest so many events, in three statements."""
    events = [
        *((one, 0) for one in _activities(session, lead.id, most + 1)),
        *_stages(session, lead.id, most + 1),
        *((one, 0) for one in _facts(session, lead, most + 1)),
    ]
    events.sort(key=lambda pair: (pair[0].at, pair[1]), reverse=True)
    return Timeline(tuple(one for one, _ in events[:most]), len(events) > most)


def _activities(session: Session, lead_id: UUID, most: int) -> list[Event]:
    found = select(Activity).where(Activity.lead_id == lead_id).order_by(Activity.at.desc(), Activity.id)
    rows = session.scalars(found.limit(most))
    return [Event("activity", activity_label(one.kind), one.at, one.note, one.by) for one in rows]


def _stages(session: Session, lead_id: UUID, most: int) -> list[tuple[Event, int]]:
    found = select(StageChange).where(StageChange.lead_id == lead_id).order_by(StageChange.at.desc())
    rows = session.scalars(found.limit(most))
    return [(Event("stage", one.stage.label, one.at, by=one.by), ORDER[one.stage]) for one in rows]


def _facts(session: Session, lead: Lead, most: int) -> list[Event]:
    found = select(LeadFact).where(LeadFact.lead_id == lead.id).order_by(LeadFact.at.desc(), LeadFact.id)
    return [_fact(one, lead.currency) for one in session.scalars(found.limit(most))]


def _fact(fact: LeadFact, currency: str) -> Event:
    name = fact.name.removeprefix("attributes.")
    before, after = (_told(fact.name, said, currency) for said in (fact.before, fact.after))
    return Event("fact", name.replace("_", " ").capitalize(), fact.at, f"{before} → {after}")


def _told(name: str, said: dict[str, Any], currency: str) -> str:
    if "value" not in said:
        return "nothing"
    if name == "value":
        return f"{amount_text(said['value'], currency)} {currency}"
    return attribute_text(said["value"])
