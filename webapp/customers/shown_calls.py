"""The calls for what a customer gets to see: offers, and the text of a slot."""

from __future__ import annotations

from typing import Any

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.services import services
from webapp.core.wire import CompanyQuery
from webapp.customers.apis import personalize_api
from webapp.customers.behavior_schemas import UserPath
from webapp.customers.contents import content_for
from webapp.customers.facts import Feature
from webapp.customers.giving import offers_for
from webapp.customers.record_schemas import ContentOut, ShownOffersOut, SlotQuery
from webapp.customers.service import service_of
from webapp.people.known import person_id_of

Out = dict[str, Any]


@personalize_api.get(
    "/offers/<string:user_id>", responses={200: ShownOffersOut}, summary="Offers of a customer"
)
@requires(Permission.CUSTOMERS_READ)
def offers_of(path: UserPath, query: CompanyQuery) -> Out:
    """Answer the running offers that the customer is meant for, the most important first.

    What is answered counts as given, once per customer, up to each offer's cap. Somebody unknown gets what
    is for everybody and has no cap, and no row is made for them.
    """
    in_company(query.company_hq_id)
    session = db.session()
    service, person_id = service_of(session, services().settings), person_id_of(session, path.user_id)
    offers = offers_for(session, service, person_id, clock=services().clock)
    personal = service.on(Feature.ALL) and person_id is not None
    return ShownOffersOut.of(path.user_id, offers, personalized=personal).model_dump(mode="json")


@personalize_api.get("/content/<string:user_id>", responses={200: ContentOut}, summary="Text of a slot")
@requires(Permission.CUSTOMERS_READ)
def content_of(path: UserPath, query: SlotQuery) -> Out:
    """Answer the text that the customer gets in a slot, or null when no block is meant for them."""
    in_company(query.company_hq_id)
    session = db.session()
    service, person_id = service_of(session, services().settings), person_id_of(session, path.user_id)
    shown = content_for(session, service, person_id, query.slot, services().clock.now())
    told = ContentOut(
        user_id=path.user_id,
        slot=query.slot,
        content_id=shown.block.id if shown else None,
        content=shown.text.text if shown else None,
        personalized=shown.personalized if shown else False,
    )
    return told.model_dump(mode="json")
