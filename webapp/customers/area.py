"""What the customers bring to the application."""

from __future__ import annotations

from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.core.retention import Kept
from webapp.customers import (  # noqa: F401  # routes and tables register
    apis,
    behavior_api,
    catalog_pages,
    content_pages,
    customer_pages,
    event_pages,
    fifths,
    insight_api,
    models,
    offer_pages,
    pages,
    personalize_api,
    preference_api,
    price_api,
    price_pages,
    recommender_pages,
    record_api,
    send_api,
    settings_pages,
    shown_calls,
    training,
)
from webapp.customers.blueprint import catalog, consents, contents, events, offers
from webapp.customers.blueprint import pages as customers
from webapp.customers.consent_desk import CONSENT_DESK
from webapp.customers.consent_import import CONSENT_IMPORT
from webapp.customers.customers import CUSTOMER_DESK
from webapp.customers.desks import BLOCK_DESK, CATALOG_DESK, OFFER_DESK
from webapp.customers.erasing import KEEPER
from webapp.customers.event_desk import EVENT_DESK
from webapp.customers.event_import import EVENT_IMPORT
from webapp.customers.holdings import HOLDINGS
from webapp.customers.importing import CATALOG_IMPORT, OFFER_IMPORT
from webapp.customers.load_demo import clear_customers_demo, load_customers_demo
from webapp.customers.models import Event, PriceQuote
from webapp.customers.picture import audience_facts
from webapp.customers.preference_view import preferences_of_person
from webapp.customers.service import retention_days
from webapp.customers.watching import TREATMENTS, experiments_off, why_unwatched

KEPT = (
    Kept(
        "events",
        "Events of customers",
        "What customers did. Older ones are refused, too.",
        Event,
        Event.at,
        own=retention_days,
        where="customers.settings",
    ),
    Kept(
        "price_quotes",
        "Quoted prices",
        "Which price a customer was told, and why.",
        PriceQuote,
        PriceQuote.at,
        730,
    ),
)
area = Area(
    name="customers",
    kept=KEPT,
    pages=(customers, consents, events, catalog, offers, contents),
    apis=(
        apis.preferences_api,
        apis.behavior_api,
        apis.personalize_api,
        apis.catalog_api,
        apis.offers_api,
    ),
    nav=(
        Nav(
            "Customers",
            "customers.index",
            "customers",
            Permission.CUSTOMERS_READ,
            also=("consents", "events", "catalog", "offers", "contents"),
        ),
    ),
    kinds=(training.TRAIN, training.NIGHTLY, fifths.FIFTHS, CATALOG_DESK.job, OFFER_DESK.job, BLOCK_DESK.job),
    schedules=(*training.SCHEDULES, *fifths.SCHEDULES),
    imports=(CONSENT_IMPORT, CATALOG_IMPORT, OFFER_IMPORT, EVENT_IMPORT),
    desks=(CUSTOMER_DESK, CONSENT_DESK, EVENT_DESK, CATALOG_DESK, OFFER_DESK, BLOCK_DESK),
    person=preferences_of_person,
    load_demo=load_customers_demo,
    clear_demo=clear_customers_demo,
    treatments=TREATMENTS,
    trials_off=experiments_off,
    watched=why_unwatched,
    traits=audience_facts,
    holdings=HOLDINGS,
    keeper=KEEPER,
)
