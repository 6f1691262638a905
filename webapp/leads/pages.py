"""The pages of leads: the list, a new one, one with its timeline, an edited one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response as FlaskResponse
from flask import flash, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.accounts.companies import current_company
from webapp.core.access import Actor, Permission, requires
from webapp.core.area import Found
from webapp.core.audit import AuditAction
from webapp.core.csv_files import csv_parts
from webapp.core.db import db, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import asks_for_part, go, go_to, render
from webapp.core.list_pages import add_list_routes, views_of
from webapp.core.money import Money
from webapp.core.record_forms import blamed, clients, created_once, now_at
from webapp.core.services import services
from webapp.core.text import words
from webapp.leads import leads as deeds
from webapp.leads.activities import record_activities
from webapp.leads.blueprint import leads
from webapp.leads.desks import LEAD_DESK
from webapp.leads.facts import Stage
from webapp.leads.forms import ActivityForm, LeadForm, owner_choices
from webapp.leads.history_files import HEADS, history_rows
from webapp.leads.models import Lead
from webapp.leads.owners import owners_by_id, sellers, sellers_and
from webapp.leads.prediction_part import foretold, outlook
from webapp.leads.reading import Given
from webapp.leads.timeline import MOST_SHOWN, SHOWN, timeline_of

MOST_FOUND = 8  # by the search of everything
GONE = "This lead was deleted meanwhile. What you typed is still here: save it as a new lead, or leave it."
add_list_routes(leads, LEAD_DESK)


@leads.get("")
@requires(Permission.LEADS_READ)
def index() -> Response:
    if request.args.get("owner") == "me":
        return go_to(url_for("leads.index", **{**request.args, "owner": actor().staff_id or ""}))  # type: ignore[arg-type]  # words
    session = db.session()
    page = deeds.LEADS.page(session, request.args)
    everyone, owners = sellers_and(session, [row.owner_id for row in page.rows])
    return render(
        "leads/index.html",
        "list",
        page=page,
        owners=owners,
        sellers=everyone,
        me=actor().staff_id,
        passed_over=deeds.passed_over(request.args),
        worth={row.id: worth_of(row) for row in page.rows},
        stages=tuple(Stage),
        views=views_of(LEAD_DESK),
    )


@leads.get("/activities/export")
@requires(Permission.LEADS_READ)
def export_activities() -> Response:
    return _history("activities")


@leads.get("/stage-changes/export")
@requires(Permission.LEADS_READ)
def export_stage_changes() -> Response:
    return _history("stage_changes")


def _history(what: str) -> Response:
    """What happened with all leads that the list's address asks for, as a file. It is traced."""
    company_id = actor().company_id
    assert company_id is not None
    with unit(db.session()) as session:
        services().auditor.record(session, actor(), AuditAction.LIST_EXPORTED, LEAD_DESK, reason=what)
    rows = history_rows(db.engine, company_id, what, request.args.to_dict())
    answer = FlaskResponse(csv_parts(HEADS[what], rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{what}.csv"'
    return answer


@leads.get("/new")
@requires(Permission.LEADS_WRITE)
def new() -> Response:
    currency = current_company(db.session()).currency
    return _new(LeadForm(formdata=None, data={"currency": currency}), 200)


@leads.post("")
@requires(Permission.LEADS_WRITE)
def create() -> Response:
    form = LeadForm()
    if form.moved or not form.validate():
        return _new(form, 200 if form.moved else 422)
    given = form.given()
    try:
        lead_id = created_once(
            form, form.values, lambda: deeds.create_lead(db.session(), actor(), given, **clients()).id
        )
    except DomainError as error:
        _blame(form, error)
        return _new(form, error.status)
    flash("The lead is saved.")
    return go("leads.show", lead_id=lead_id)


@leads.get("/<uuid:lead_id>")
@requires(Permission.LEADS_READ)
def show(lead_id: UUID) -> Response:
    return _show(deeds.find_lead(db.session(), lead_id), ActivityForm(formdata=None), 200)


@leads.get("/<uuid:lead_id>/edit")
@requires(Permission.LEADS_WRITE)
def edit(lead_id: UUID) -> Response:
    lead = deeds.find_lead(db.session(), lead_id)
    return _edit(LeadForm.of(deeds.given_of(db.session(), lead), lead.version), lead, 200)


@leads.post("/<uuid:lead_id>")
@requires(Permission.LEADS_WRITE)
def save(lead_id: UUID) -> Response:
    form = LeadForm()
    try:
        lead = deeds.find_lead(db.session(), lead_id)
        if form.moved or not form.validate():
            return _edit(form, lead, 200 if form.moved else 422)
        given, version = form.given(*lead.attributes), form.version.data or 0
        deeds.change_lead(db.session(), actor(), lead_id, given, version, **clients())
    except Conflict as error:
        return _conflict(form, lead_id, error)
    except NotFound:
        put_error(form, None, GONE)
        return _new(form, 404, gone=True)
    except DomainError as error:
        _blame(form, error)
        return _edit(form, lead, error.status)
    flash("The lead is saved.")
    return go("leads.show", lead_id=lead_id)


@leads.post("/<uuid:lead_id>/stage")
@requires(Permission.LEADS_WRITE)
def stage(lead_id: UUID) -> Response:
    """Move the lead to another stage, from the list or from its page; the way back is offered."""
    session, word = db.session(), request.values.get("stage", "")
    before = deeds.find_lead(session, lead_id).stage
    given = Given({"stage": word})
    lead = deeds.change_lead(session, actor(), lead_id, given, None, **clients())
    undo = url_for("leads.stage", lead_id=lead_id, stage=before.value, to=request.values.get("to", ""))
    told = {"text": f"{lead.name}: {lead.stage.label.lower()}.", "undo": undo}
    if asks_for_part():
        return _row(lead, told)
    flash(told)  # type: ignore[arg-type]  # the page draws a mapping with its way back
    if request.values.get("to") == "list":
        return go("leads.index")
    return go("leads.show", lead_id=lead_id)


@leads.post("/<uuid:lead_id>/activities")
@requires(Permission.LEADS_WRITE)
def record(lead_id: UUID) -> Response:
    form = ActivityForm()
    lead = deeds.find_lead(db.session(), lead_id)
    if not form.validate():
        return _show(lead, form, 422)
    texts = form.texts
    try:
        created_once(
            form,
            texts,
            lambda: record_activities(db.session(), actor(), lead_id, [texts], **clients()).rows[0].id,
        )
    except DomainError as error:
        blamed(form, _at_other(form, error))
        return _show(deeds.find_lead(db.session(), lead_id), form, error.status)
    flash("It is recorded.")
    return go("leads.show", lead_id=lead_id)


@leads.post("/<uuid:lead_id>/delete")
@requires(Permission.LEADS_WRITE)
def delete(lead_id: UUID) -> Response:
    deeds.delete_lead(db.session(), actor(), lead_id, auditor=services().auditor)
    flash("The lead is deleted.")
    return go("leads.index")


def find(session: Session, who: Actor, query: str) -> list[Found]:
    """Find leads by the beginnings of name, id and e-mail address."""
    if not who.may(Permission.LEADS_READ):
        return []
    return [
        Found("lead", row.name, url_for("leads.show", lead_id=row.id), f"{row.identifier}, {row.stage.label}")
        for row in deeds.LEADS.first(session, query, MOST_FOUND)
    ]


def worth_of(lead: Lead) -> Money | None:
    """What the lead may be worth, where that is known."""
    return None if lead.value_minor is None else Money(lead.value_minor, lead.currency)


def _row(lead: Lead, told: dict[str, str]) -> Response:
    owners = owners_by_id(db.session(), [lead.owner_id])
    worth, stages = {lead.id: worth_of(lead)}, tuple(Stage)
    return render(
        "leads/_row_part.html", None, 200, row=lead, owners=owners, worth=worth, stages=stages, told=told
    )


def _show(lead: Lead, form: ActivityForm, status: int) -> Response:
    session, everything = db.session(), request.args.get("shown") == "all"
    future = _future(lead)
    return render(
        "leads/show.html",
        None,
        status,
        lead=lead,
        owner=owners_by_id(session, [lead.owner_id]).get(lead.owner_id),
        worth=worth_of(lead),
        attributes=deeds.attribute_texts(lead),
        timeline=timeline_of(session, lead, MOST_SHOWN if everything else SHOWN),
        everything=everything,
        stages=tuple(Stage),
        form=form,
        **future,
    )


def _future(lead: Lead) -> dict[str, Any]:
    """What the model of whoever looks says of an open lead; of a closed one, what had been said."""
    session, made, staff_id = db.session(), services(), actor().staff_id
    if staff_id is None:
        return {}
    if lead.stage.closed:
        return {"foretold": foretold(session, lead, staff_id)}
    advised = request.args.get("advice") == "show"
    return {"outlook": outlook(session, lead, staff_id, made.zone(session), made.clock, advised=advised)}


def _at_other(form: ActivityForm, error: DomainError) -> DomainError:
    """A refused kind stands at the text where it was typed."""
    if form.kind.data == "other" and "kind" in error.details:
        details = {("other" if name == "kind" else name): why for name, why in error.details.items()}
        return DomainError(error.message, details=details)
    return error


def _blame(form: LeadForm, error: DomainError) -> None:
    """Show the refusal at its fields; what is wrong with an attribute above its rows."""
    named = {name: why for name, why in error.details.items() if not name.startswith("attributes.")}
    wrong = [why for name, why in error.details.items() if name not in named]
    if wrong:
        named["attributes"] = " ".join(wrong)
    blamed(form, DomainError(error.message, details=named))


def _conflict(form: LeadForm, lead_id: UUID, error: Conflict) -> Response:
    lead = deeds.find_lead(db.session(), lead_id)
    given = form.given(*lead.attributes)
    try:
        changes = deeds.lead_differences(db.session(), lead, given, services().clock)
    except DomainError:  # what was typed cannot be stored either, which the next try tells
        changes = {}
    theirs = [(_called(form, name), saved or "(empty)") for name, (saved, _) in changes.items()]
    now_at(form, lead.version, error)
    return _edit(form, lead, 409, theirs=theirs or [("Stage", lead.stage.label)])


def _called(form: LeadForm, name: str) -> str:
    return form[name].label.text if name in form else words(name.removeprefix("attributes."))


def _new(form: LeadForm, status: int, *, gone: bool = False) -> Response:
    form.owner.choices = owner_choices(sellers(db.session()), form.owner.data or "")
    return render("leads/new.html", None, status, form=form, gone=gone)


def _edit(form: LeadForm, lead: Lead, status: int, **context: object) -> Response:
    form.owner.choices = owner_choices(sellers(db.session()), form.owner.data or "")
    return render("leads/edit.html", None, status, form=form, lead=lead, row=lead, **context)
