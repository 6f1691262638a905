"""The call for the price that a customer is told."""

from __future__ import annotations

from typing import Any

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.docs import errors
from webapp.core.services import services
from webapp.core.wire import CompanyQuery
from webapp.customers.apis import personalize_api
from webapp.customers.clients import service
from webapp.customers.personalize_schemas import ItemPath, PriceOut
from webapp.customers.prices import Pricing
from webapp.customers.watching import PRICES


@personalize_api.get(
    "/price/<string:user_id>/<string:product_id>",
    responses={200: PriceOut, **errors(409, 422)},
    summary="Price of an item",
)
@requires(Permission.CUSTOMERS_READ)
def price_of(path: ItemPath, query: CompanyQuery) -> dict[str, Any]:
    """Answer what the item costs this customer, why, and until when that holds; the same until then.

    403 while dynamic pricing is off. The control of an experiment is told the base price, and so is
    somebody unknown, of whom nothing is kept.
    """
    who, session, trials = in_company(query.company_hq_id), db.session(), services().trials
    deed = Pricing(services().clock, lambda: trials.held_back(session, who, path.user_id, PRICES))
    found = deed.quote(session, service(), path.user_id, path.product_id)
    return PriceOut(
        user_id=path.user_id,
        product_id=path.product_id,
        price=str(found.price.amount),
        base_price=str(found.base.amount),
        currency=found.price.currency,
        reason=found.reason,
        valid_until=found.valid_until,
        rules_version=found.rules,
    ).model_dump(mode="json")
