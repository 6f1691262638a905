"""The page of offers; those of one offer are the screen's."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.htmx import render
from webapp.core.list_pages import add_list_routes, views_of
from webapp.core.services import services
from webapp.customers.blueprint import offers
from webapp.customers.desks import OFFER_DESK
from webapp.customers.forms import OfferForm
from webapp.customers.lists import OFFER_LIST, OFFERS, state_of
from webapp.customers.record_screens import Screen, add_record_routes

SCREEN = Screen(offers, OFFERS, OfferForm, "Offers", "customers/_offer_fields.html")
add_list_routes(offers, OFFER_DESK)
add_record_routes(SCREEN)


@offers.get("")
@requires(Permission.CUSTOMERS_READ)
def index() -> Response:
    page = OFFER_LIST.page(db.session(), request.args)
    now = services().clock.now()
    states = {row.id: state_of(row, now) for row in page.rows}
    return render("customers/offers.html", "list", page=page, states=states, views=views_of(OFFER_DESK))
