"""What the customers bring to the application."""

from __future__ import annotations

from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.customers import (  # noqa: F401  # routes and tables register
    catalog_pages,
    content_pages,
    models,
    offer_pages,
    record_api,
    shown_calls,
)
from webapp.customers.apis import catalog_api, offers_api, personalize_api
from webapp.customers.blueprint import catalog, contents, offers
from webapp.customers.desks import BLOCK_DESK, CATALOG_DESK, OFFER_DESK
from webapp.customers.importing import CATALOG_IMPORT, OFFER_IMPORT

area = Area(
    name="customers",
    pages=(catalog, offers, contents),
    apis=(catalog_api, offers_api, personalize_api),
    nav=(
        Nav(
            "Customers",
            "catalog.index",
            "customers",
            Permission.CUSTOMERS_READ,
            also=("offers", "contents"),
        ),
    ),
    kinds=(CATALOG_DESK.job, OFFER_DESK.job, BLOCK_DESK.job),
    imports=(CATALOG_IMPORT, OFFER_IMPORT),
    desks=(CATALOG_DESK, OFFER_DESK, BLOCK_DESK),
)
