"""The pages of customers: the list, one customer, their preferences, the consents of all."""

from __future__ import annotations

from uuid import UUID

from flask import flash, request
from werkzeug.wrappers import Response

from webapp.accounts.companies import current_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.list_pages import add_list_routes, views_of
from webapp.core.record_forms import now_at
from webapp.core.services import services
from webapp.customers.blueprint import consents, pages
from webapp.customers.clients import adviser, cache
from webapp.customers.consent_desk import CONSENT_DESK, persons_of
from webapp.customers.consents import CONSENTS, history_of
from webapp.customers.customer_view import SHOWN as SUGGESTED
from webapp.customers.customer_view import Looking, kind_label
from webapp.customers.customers import CUSTOMER_DESK, CUSTOMERS, is_narrowed, lines_of
from webapp.customers.facts import Feature, Purpose
from webapp.customers.preference_forms import PreferenceForm, blamed
from webapp.customers.preference_view import differences, groups_of
from webapp.customers.preferences import effective_in, preference_of, preferring, said_in
from webapp.customers.rules.preferring import effective_of
from webapp.customers.service import Service, service_of
from webapp.people.persons import PERSONS, called

SHOWN = 20  # consents on a customer's page
add_list_routes(pages, CUSTOMER_DESK)
add_list_routes(consents, CONSENT_DESK)


@pages.get("")
@requires(Permission.CUSTOMERS_READ)
def index() -> Response:
    session = db.session()
    page = CUSTOMERS.page(session, request.args)
    lines = lines_of(session, _service(), [row.id for row in page.rows])
    return render(
        "customers/index.html",
        "list",
        page=page,
        lines=lines,
        narrowed=is_narrowed(request.args),
        views=views_of(CUSTOMER_DESK),
    )


@pages.get("/<uuid:person_id>")
@requires(Permission.CUSTOMERS_READ)
def show(person_id: UUID) -> Response:
    session, service, name = db.session(), _service(), PERSONS.find(db.session(), person_id).identifier
    suggested, _ = adviser().advise(session, service, name, SUGGESTED)  # may wait: all is read after it
    person, row = PERSONS.find(session, person_id), preference_of(session, person_id)
    history, more = history_of(session, person_id, SHOWN)
    return render(
        "customers/show.html",
        None,
        200,
        person=person,
        name=called(person),
        row=row,
        groups=groups_of(row, service),
        history=history,
        more=more,
        service=service,
        why_off=service.why_off(Feature.PREFERENCES),
        policy=current_company(session).consent_policy,
        look=_looking().at(session, service, person, suggested),
        kind_label=kind_label,
        recommending_off=service.why_off(Feature.RECOMMENDATIONS),
    )


@pages.get("/<uuid:person_id>/preferences")
@requires(Permission.CUSTOMERS_WRITE)
def edit(person_id: UUID) -> Response:
    PERSONS.find(db.session(), person_id)
    row = preference_of(db.session(), person_id)
    return _form(person_id, PreferenceForm.of(said_in(row), row.version if row else 0), 200)


@pages.post("/<uuid:person_id>/preferences")
@requires(Permission.CUSTOMERS_WRITE)
def save(person_id: UUID) -> Response:
    person, form, session = PERSONS.find(db.session(), person_id), PreferenceForm(), db.session()
    if not form.validate():
        return _form(person_id, form, 422)
    try:
        deeds, seen = preferring(session, services()), {form.version.data or 0}
        deeds.change(session, actor(), person.identifier, form.said(), versions=seen)
    except Conflict as error:
        row = preference_of(session, person_id)
        theirs = differences(row, form.said())
        now_at(form, row.version if row else 0, error)
        return _form(person_id, form, 409, theirs=theirs, row=row)
    except DomainError as error:
        blamed(form, error)
        return _form(person_id, form, error.status)
    flash("The preferences are saved.")
    return go("customers.show", person_id=person_id)


@pages.post("/<uuid:person_id>/reset")
@requires(Permission.CUSTOMERS_WRITE)
def reset(person_id: UUID) -> Response:
    person, session = PERSONS.find(db.session(), person_id), db.session()
    try:
        preferring(session, services()).reset(session, actor(), person.identifier)
        flash("What was said is taken back; the defaults count now.")
    except DomainError as error:
        flash(error.message, "bad")
    return go("customers.show", person_id=person_id)


@consents.get("", endpoint="index")
@requires(Permission.CUSTOMERS_READ)
def all_consents() -> Response:
    session = db.session()
    page = CONSENTS.page(session, request.args)
    return render(
        "customers/consents.html",
        "list",
        page=page,
        persons=persons_of(session, page.rows),
        narrowed=page.narrowed or bool(request.args.get("granted")),
        views=views_of(CONSENT_DESK),
        purposes=tuple(Purpose),
        service=_service(),
        policy=current_company(session).consent_policy,
    )


def _looking() -> Looking:
    return Looking(cache(), services().clock, services().settings.browsing_history_limit)


def _service() -> Service:
    return service_of(db.session(), services().settings)


def _form(person_id: UUID, form: PreferenceForm, status: int, **context: object) -> Response:
    session, service = db.session(), _service()
    person = PERSONS.find(session, person_id)
    below = effective_of({}, 0, service.defaults, consent_first=service.consent_first)
    return render(
        "customers/preferences.html",
        None,
        status,
        form=form.falls_back_to(below),
        person=person,
        name=called(person),
        service=service,
        now=effective_in(preference_of(session, person_id), service),
        why_off=service.why_off(Feature.PREFERENCES),
        **context,
    )
