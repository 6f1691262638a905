"""What the personas bring to the application."""

from __future__ import annotations

from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.personas import builder_pages  # noqa: F401  # adds the builder's routes to the blueprint
from webapp.personas.api import api
from webapp.personas.blueprint import pages
from webapp.personas.catalog_api import contacts_api, enrichments_api, products_api
from webapp.personas.catalog_pages import contacts, products
from webapp.personas.desks import CONTACT_DESK, PERSONA_DESK, PRODUCT_DESK
from webapp.personas.drafters import DRAFTERS
from webapp.personas.generate import GENERATE, REDRAFT
from webapp.personas.importing import CONTACT_IMPORT, PRODUCT_IMPORT
from webapp.personas.load_demo import load_personas_demo
from webapp.personas.pages import attention, find, steps, waiting

area = Area(
    name="personas",
    pages=(pages, products, contacts),
    apis=(api, products_api, contacts_api, enrichments_api),
    nav=(Nav("Personas", "personas.index", "personas", Permission.PERSONAS_READ, waiting),),
    kinds=(GENERATE, REDRAFT, CONTACT_DESK.job, PRODUCT_DESK.job, PERSONA_DESK.job),
    imports=(PRODUCT_IMPORT, CONTACT_IMPORT),
    drafters=DRAFTERS,
    attention=attention,
    find=find,
    steps=steps,
    load_demo=load_personas_demo,
)
