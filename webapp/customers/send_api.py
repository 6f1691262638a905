"""The call for the best time to write to a customer."""

from __future__ import annotations

from typing import Any

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.docs import errors
from webapp.core.services import services
from webapp.customers.apis import personalize_api
from webapp.customers.behavior_schemas import UserPath
from webapp.customers.clients import cache, service
from webapp.customers.personalize_schemas import SendTimeOut, SendTimeQuery
from webapp.customers.sending import Sending


@personalize_api.get(
    "/send-time/<string:user_id>",
    responses={200: SendTimeOut, **errors(409, 410, 422)},
    summary="Best time to write",
)
@requires(Permission.CUSTOMERS_READ)
def send_time(path: UserPath, query: SendTimeQuery) -> dict[str, Any]:
    """Answer the hour in which the customer is best written to, outside quiet hours, and when it is next.

    403 while smart notifications are off, or when the customer does not want this channel.
    """
    in_company(query.company_hq_id)
    made = services()
    deed = Sending(made.clock, cache(), made.settings.audit_secret())
    found = deed.best(db.session(), service(), path.user_id, query.channel)
    return SendTimeOut(
        user_id=path.user_id,
        channel=query.channel,
        hour=found.best.hour,
        send_at=found.best.at,
        timezone=found.timezone,
        own_engagements=found.best.own,
        company_engagements=found.best.company,
    ).model_dump(mode="json")
