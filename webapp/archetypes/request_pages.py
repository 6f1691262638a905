"""The pages of requests: the list, and one to look at."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from webapp.archetypes import requests as deeds
from webapp.archetypes.blueprint import requests
from webapp.archetypes.desks import REQUEST_DESK
from webapp.archetypes.models import MemberRequest
from webapp.archetypes.nights import nights_by_id
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.htmx import render
from webapp.core.list_pages import add_list_routes, views_of
from webapp.core.looking import looked_at
from webapp.core.money import Money
from webapp.core.text import span
from webapp.people.persons import called, persons_by_id

add_list_routes(requests, REQUEST_DESK)


@requests.get("")
@requires(Permission.ARCHETYPES_READ)
def index() -> Response:
    session = db.session()
    page = deeds.REQUESTS.page(session, request.args)
    ids = {one for row in page.rows for one in (row.requester_id, row.responder_id) if one}
    people = {person.id: called(person) for person in persons_by_id(session, sorted(ids)).values()}
    offered = {row.id: Money(row.offered_minor, row.currency) for row in page.rows}
    views = views_of(REQUEST_DESK)
    return render("archetypes/requests.html", "list", page=page, people=people, offered=offered, views=views)


@requests.get("/<uuid:request_id>")
@requires(Permission.ARCHETYPES_READ)
def show(request_id: UUID) -> Response:
    session = db.session()
    found = deeds.find_request(session, request_id)
    people = persons_by_id(session, [one for one in (found.requester_id, found.responder_id) if one])
    for one in people:
        looked_at(one)
    night = nights_by_id(session, [found.night_id]).get(found.night_id) if found.night_id else None
    return render(
        "archetypes/request.html",
        None,
        200,
        found=found,
        people=people,
        night=night,
        base=Money(found.base_minor, found.currency),
        offered=Money(found.offered_minor, found.currency),
        share=_share(found),
        answered_in=None if found.answer_seconds is None else span(found.answer_seconds),
    )


def _share(found: MemberRequest) -> str:
    """Offered ÷ base in percent, to a tenth."""
    return "" if found.paid_ppm is None else f"{Decimal(found.paid_ppm) / 10_000:.1f} %"
