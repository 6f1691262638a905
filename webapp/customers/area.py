"""What the customers bring to the application."""

from __future__ import annotations

from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.customers import (  # noqa: F401  # tables and routes register
    models,
    pages,
    preference_api,
    settings_pages,
)
from webapp.customers.apis import preferences_api
from webapp.customers.blueprint import consents
from webapp.customers.blueprint import pages as customers
from webapp.customers.consent_desk import CONSENT_DESK
from webapp.customers.consent_import import CONSENT_IMPORT
from webapp.customers.customers import CUSTOMER_DESK
from webapp.customers.preference_view import preferences_of_person

area = Area(
    name="customers",
    pages=(customers, consents),
    apis=(preferences_api,),
    nav=(Nav("Customers", "customers.index", "customers", Permission.CUSTOMERS_READ, also=("consents",)),),
    imports=(CONSENT_IMPORT,),
    desks=(CUSTOMER_DESK, CONSENT_DESK),
    person=preferences_of_person,
)
