"""The pages of nights: the list, a new one, an edited one."""

from __future__ import annotations

from uuid import UUID

from flask import flash, request
from werkzeug.wrappers import Response

from webapp.accounts.companies import current_company
from webapp.archetypes import nights as deeds
from webapp.archetypes.blueprint import nights
from webapp.archetypes.desks import NIGHT_DESK
from webapp.archetypes.models import Night
from webapp.archetypes.night_forms import NightForm
from webapp.archetypes.reading import clean_night
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.list_pages import add_list_routes, views_of
from webapp.core.money import Money
from webapp.core.record_forms import blamed, clients, created_once, now_at
from webapp.core.services import services

add_list_routes(nights, NIGHT_DESK)


@nights.get("")
@requires(Permission.ARCHETYPES_READ)
def index() -> Response:
    page = deeds.NIGHTS.page(db.session(), request.args)
    told = {row.id: (Money(row.base_minor, row.currency), deeds.night_texts(row)) for row in page.rows}
    return render("archetypes/nights.html", "list", page=page, told=told, views=views_of(NIGHT_DESK))


@nights.get("/new")
@requires(Permission.ARCHETYPES_WRITE)
def new() -> Response:
    currency = current_company(db.session()).currency
    return _new(NightForm(formdata=None, data={"currency": currency}), 200)


@nights.post("")
@requires(Permission.ARCHETYPES_WRITE)
def create() -> Response:
    form = NightForm()
    if not form.validate():
        return _new(form, 422)
    texts = form.texts
    try:
        created_once(form, texts, lambda: deeds.create_night(db.session(), actor(), texts, **clients()).id)
    except DomainError as error:
        blamed(form, error)
        return _new(form, error.status)
    flash("The night is saved.")
    return go("nights.index")


@nights.get("/<uuid:night_id>/edit")
@requires(Permission.ARCHETYPES_WRITE)
def edit(night_id: UUID) -> Response:
    night = deeds.find_night(db.session(), night_id)
    return _edit(NightForm.of(night), night, 200)


@nights.post("/<uuid:night_id>")
@requires(Permission.ARCHETYPES_WRITE)
def save(night_id: UUID) -> Response:
    form = NightForm()
    try:
        night = deeds.find_night(db.session(), night_id)
        if not form.validate():
            return _edit(form, night, 422)
        deeds.change_night(db.session(), actor(), night_id, form.texts, form.version.data or 0, **clients())
    except Conflict as error:
        return _conflict(form, night_id, error)
    except NotFound as error:
        blamed(form, error)
        return _new(form, 404)
    except DomainError as error:
        blamed(form, error)
        return _edit(form, night, error.status)
    flash("The night is saved.")
    return go("nights.index")


@nights.post("/<uuid:night_id>/delete")
@requires(Permission.ARCHETYPES_WRITE)
def delete(night_id: UUID) -> Response:
    deeds.delete_night(db.session(), actor(), night_id, auditor=services().auditor)
    flash("The night is deleted.")
    return go("nights.index")


def _conflict(form: NightForm, night_id: UUID, error: Conflict) -> Response:
    night = deeds.find_night(db.session(), night_id)
    changes = deeds.night_differences(night, clean_night(form.texts))
    theirs = [(form[name].label.text, saved or "(empty)") for name, (saved, _) in changes.items()]
    now_at(form, night.version, error)
    return _edit(form, night, 409, theirs=theirs)


def _new(form: NightForm, status: int) -> Response:
    return render("archetypes/night_new.html", None, status, form=form)


def _edit(form: NightForm, night: Night, status: int, **context: object) -> Response:
    return render("archetypes/night_edit.html", None, status, form=form, night=night, row=night, **context)
