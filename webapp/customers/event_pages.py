"""The page of all events."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.htmx import render
from webapp.core.list_pages import add_list_routes, views_of
from webapp.customers.blueprint import events
from webapp.customers.event_desk import EVENT_DESK, EVENTS, persons_of
from webapp.customers.facts import Kind

add_list_routes(events, EVENT_DESK)


@events.get("", endpoint="index")
@requires(Permission.CUSTOMERS_READ)
def all_events() -> Response:
    session = db.session()
    page = EVENTS.page(session, request.args)
    return render(
        "customers/events.html",
        "list",
        page=page,
        persons=persons_of(session, page.rows),
        narrowed=bool(request.args.get("kind") or request.args.get("user_id")),
        views=views_of(EVENT_DESK),
        kinds=tuple(Kind),
    )
