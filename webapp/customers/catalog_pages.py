"""The page of the catalog; those of one item are the screen's."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.htmx import render
from webapp.core.list_pages import add_list_routes, views_of
from webapp.core.money import Money
from webapp.customers.blueprint import catalog
from webapp.customers.desks import CATALOG_DESK
from webapp.customers.forms import ItemForm
from webapp.customers.lists import ITEM_LIST, ITEMS
from webapp.customers.record_screens import Screen, add_record_routes

SCREEN = Screen(catalog, ITEMS, ItemForm, "Catalog", "customers/_item_fields.html")
add_list_routes(catalog, CATALOG_DESK)
add_record_routes(SCREEN)


@catalog.get("")
@requires(Permission.CUSTOMERS_READ)
def index() -> Response:
    page = ITEM_LIST.page(db.session(), request.args)
    prices = {
        row.id: Money(row.price_minor, row.currency) for row in page.rows if row.price_minor is not None
    }
    return render("customers/items.html", "list", page=page, prices=prices, views=views_of(CATALOG_DESK))
