"""The pages of a person's own notices: the list, and one of them with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.access import Actor, Permission, requires
from webapp.core.db import db
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.services import services
from webapp.core.text import plural
from webapp.leads.facts import Action, Frequency, NoticeKind, Stage, Tone
from webapp.leads.models import Lead, Notice
from webapp.leads.notices import NOTICES, mark_all_read, mark_read, notice_of, unread
from webapp.leads.rules.digest import Figures, invitation
from webapp.leads.whose import caller_staff

notices = Blueprint("lead_notices", __name__, url_prefix="/leads/notices")
GONE = "a lead that is gone"


@dataclass(frozen=True)
class Promising:
    """A line of a digest: the lead as it stood that morning, its name as it is now."""

    lead_id: UUID | None
    name: str
    stage: Stage
    probability: float
    action: Action | None
    at_risk: bool


@notices.get("")
@requires(Permission.LEADS_READ)
def index() -> Response:
    session, staff_id = db.session(), caller_staff(actor())
    page = NOTICES.page(session, request.args, Notice.staff_id == staff_id)
    now = services().clock.now()
    return render("leads/notices.html", "list", page=page, unread=unread(session, staff_id), now=now)


@notices.get("/<uuid:notice_id>")
@requires(Permission.LEADS_READ)
def show(notice_id: UUID) -> Response:
    session = db.session()
    row = notice_of(session, caller_staff(actor()), notice_id)
    told = row.body if row.kind is NoticeKind.DIGEST else {}
    return render(
        "leads/notice.html", None, 200, row=row, told=told, **(_digest(session, told) if told else {})
    )


@notices.post("/<uuid:notice_id>/read")
@requires(Permission.LEADS_READ)
def read(notice_id: UUID) -> Response:
    mark_read(db.session(), caller_staff(actor()), notice_id, services().clock)
    return go("lead_notices.index", **_kept())


@notices.post("/read")
@requires(Permission.LEADS_READ)
def read_all() -> Response:
    """Up to what the page showed: what came meanwhile stays new."""
    clock = services().clock
    until = _moment(request.form.get("until", "")) or clock.now()
    count = mark_all_read(db.session(), caller_staff(actor()), until, clock)
    flash(f"{plural(count, 'notice')} marked as read.")
    return go("lead_notices.index")


def waiting(session: Session, who: Actor) -> int:
    """How many notices the navigation counts."""
    return unread(session, who.staff_id) if who.staff_id else 0


def _digest(session: Session, told: dict[str, Any]) -> dict[str, Any]:
    ids = [UUID(one["lead"]) for one in told["top"]]
    named = select(Lead.id, Lead.name).where(Lead.id.in_(ids))
    names = {row.id: row.name for row in session.execute(named)}
    figures = Figures(told["open"], told["at_risk"], told["won"], told["lost"], Frequency(told["period"]))
    top = [
        Promising(
            lead_id if lead_id in names else None,
            names.get(lead_id, GONE),
            Stage(one["stage"]),
            one["probability"],
            Action(one["action"]) if one["action"] else None,
            one["at_risk"],
        )
        for lead_id, one in zip(ids, told["top"], strict=True)
    ]
    words = invitation(figures, Tone(told["tone"]))
    return {
        "top": top,
        "figures": figures,
        "invitation": words,
        "since": datetime.fromisoformat(told["since"]),
    }


def _kept() -> dict[str, str]:
    """The list's filters, as they were when the button was pressed."""
    return {name: request.form[name] for name in ("unread", "kind") if request.form.get(name)}


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
