"""The call for what a customer's events say of them."""

from __future__ import annotations

from typing import Any

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.services import services
from webapp.core.wire import CompanyQuery
from webapp.customers.apis import behavior_api
from webapp.customers.behavior_schemas import UserPath
from webapp.customers.clients import cache, service
from webapp.customers.insight_schemas import InsightsOut
from webapp.customers.insight_view import kept_insights


@behavior_api.get("/<string:user_id>/insights", responses={200: InsightsOut}, summary="Read insights")
@requires(Permission.CUSTOMERS_READ)
def read_insights(path: UserPath, query: CompanyQuery) -> dict[str, Any]:
    """Answer what the customer's newest events say, each part with its sample size; null for nothing known.

    Kept for CACHE_TTL; a new event of the customer drops it at once.
    """
    in_company(query.company_hq_id)
    found = kept_insights(db.session(), service(), cache(), path.user_id, services().clock.now())
    return {name: part for name, part in found.items() if name != "week"}
