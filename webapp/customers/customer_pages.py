"""Beside a customer's page: all that they did, and what they wanted less of shown again."""

from __future__ import annotations

from uuid import UUID

from flask import flash, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.services import services
from webapp.customers.blueprint import pages
from webapp.customers.clients import cache
from webapp.customers.customer_view import kind_label, titles_of
from webapp.customers.dislikes import like_again
from webapp.customers.history import LISTING, shown
from webapp.customers.models import Event
from webapp.people.persons import PERSONS, called


@pages.get("/<uuid:person_id>/history")
@requires(Permission.CUSTOMERS_READ)
def customer_history(person_id: UUID) -> Response:
    session = db.session()
    person = PERSONS.find(session, person_id)
    settings = services().settings
    theirs = Event.person_id == person_id
    kinds = session.scalars(select(Event.kind).where(theirs).distinct().order_by(Event.kind)).all()
    kind = request.args.get("kind", "")
    where = [theirs, shown(session, person_id, settings.browsing_history_limit)]
    where += [Event.kind == kind] if kind in kinds else []
    page = LISTING.page(session, request.args, *where)
    return render(
        "customers/history.html",
        "list",
        person=person,
        name=called(person),
        page=page,
        kinds=[(one, kind_label(one)) for one in kinds],
        kind=kind if kind in kinds else "",
        kind_label=kind_label,
        titles=titles_of(session, {one.item for one in page.rows if one.item}),
        browsing=settings.browsing_history_limit,
    )


@pages.post("/<uuid:person_id>/like-again")
@requires(Permission.CUSTOMERS_WRITE)
def show_again(person_id: UUID) -> Response:
    session = db.session()
    person = PERSONS.find(session, person_id)
    item = request.form.get("item", "").replace("\0", "")[:200]
    like_again(session, actor(), person.identifier, item, auditor=services().auditor, cache=cache())
    flash("It is shown again, from the next answer on.")
    return go("customers.show", person_id=person_id)
