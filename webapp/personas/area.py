"""What the personas bring to the application."""

from __future__ import annotations

from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.personas import (  # noqa: F401  # they add their routes to the blueprints
    analysis_api,
    analysis_pages,
    builder_pages,
    card_pages,
    fit_api,
    fit_pages,
    import_pages,
)
from webapp.personas.api import api
from webapp.personas.blueprint import pages
from webapp.personas.catalog_api import contacts_api, enrichments_api, products_api
from webapp.personas.catalog_pages import contacts, products
from webapp.personas.commands import personas
from webapp.personas.desks import CONTACT_DESK, PERSONA_DESK, PRODUCT_DESK
from webapp.personas.drafters import DRAFTERS
from webapp.personas.erasing import KEEPER
from webapp.personas.holdings import HOLDINGS
from webapp.personas.importing import CONTACT_IMPORT, PRODUCT_IMPORT
from webapp.personas.job_places import KINDS
from webapp.personas.load_demo import load_personas_demo
from webapp.personas.pages import attention, find, steps, waiting
from webapp.personas.prompt_uses import PROMPT_USES

area = Area(
    name="personas",
    pages=(pages, products, contacts),
    apis=(api, products_api, contacts_api, enrichments_api),
    nav=(Nav("Personas", "personas.index", "personas", Permission.PERSONAS_READ, waiting),),
    kinds=(*KINDS, CONTACT_DESK.job, PRODUCT_DESK.job, PERSONA_DESK.job),
    imports=(PRODUCT_IMPORT, CONTACT_IMPORT),
    desks=(CONTACT_DESK, PRODUCT_DESK, PERSONA_DESK),
    drafters=DRAFTERS,
    prompts=PROMPT_USES,
    attention=attention,
    find=find,
    steps=steps,
    load_demo=load_personas_demo,
    commands=(personas,),
    holdings=HOLDINGS,
    keeper=KEEPER,
)
