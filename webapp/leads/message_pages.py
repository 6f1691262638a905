"""The page of a message draft: choose what to write, wait for it, copy it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.guard import actor
from webapp.core.htmx import asks_for_part, go, render
from webapp.core.jobs.steer import cancel
from webapp.core.jobs.views import view_of
from webapp.core.services import services
from webapp.leads.facts import Action
from webapp.leads.message_answer import KIND_LABELS, KINDS
from webapp.leads.messages import find_lead, message_in, message_job, start_message_job
from webapp.leads.whose import caller_staff

messages = Blueprint("lead_messages", __name__, url_prefix="/leads/<uuid:lead_id>/message")


@messages.get("")
@requires(Permission.LEADS_WRITE)
def show(lead_id: UUID) -> Response:
    """The choice, and the draft of the job that the address names."""
    return _page(lead_id, _job_id())


@messages.post("")
@requires(Permission.LEADS_WRITE)
def start(lead_id: UUID) -> Response:
    kind = next((one for one in KINDS if one.value == request.form.get("action")), None)
    if kind is None:
        return _page(lead_id, None, 422, "Choose what to write.")
    staff_id, starter = caller_staff(actor()), services().starter
    job = start_message_job(db.session(), actor(), staff_id, lead_id, kind, starter)
    return go("lead_messages.show", lead_id=lead_id, job=job.id)


@messages.post("/stop")
@requires(Permission.LEADS_WRITE)
def stop(lead_id: UUID) -> Response:
    job_id = _job_id(request.form.get("job", ""))
    if job_id is None:
        raise NotFound("There is no such draft.")
    job, _ = message_job(db.session(), caller_staff(actor()), lead_id, job_id)
    cancel(db.session(), actor(), job.id, services().starter)
    return go("lead_messages.show", lead_id=lead_id, job=job_id)


def _page(lead_id: UUID, job_id: UUID | None, status: int = 200, wrong: str = "") -> Response:
    session = db.session()
    lead, view, message = find_lead(session, lead_id), None, None
    asked = _action(request.args.get("action", "")) or lead.next_action
    if job_id is not None:
        job, item = message_job(session, caller_staff(actor()), lead_id, job_id)
        view, message = view_of(session, job, services().clock.now()), message_in(item, lead, actor().name)
        asked = Action(item.params["brief"]["kind"])
    return render(
        "leads/message.html",
        "draft" if asks_for_part() else None,
        status,
        lead=lead,
        job=view,
        message=message,
        kinds=KINDS,
        labels=KIND_LABELS,
        chosen=asked if asked in KINDS else Action.EMAIL,
        wrong=wrong,
    )


def _job_id(text: str | None = None) -> UUID | None:
    try:
        return UUID(request.args.get("job", "") if text is None else text)
    except ValueError:
        return None


def _action(text: str) -> Action | None:
    return next((one for one in KINDS if one.value == text), None)
