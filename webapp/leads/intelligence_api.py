"""The calls about the caller's own model and preferences."""

from __future__ import annotations

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.docs import RESPONSES, errors
from webapp.core.errors import Forbidden
from webapp.core.services import services
from webapp.core.wire import CompanyQuery
from webapp.leads.intelligence_schemas import PreferencesAnswer, PreferencesIn, PreferencesOut
from webapp.leads.preferences import NAMES, Preferences, change_preferences, preferences_of
from webapp.leads.whose import caller_staff

Out = dict[str, Any]
intelligence_api = APIBlueprint(
    "intelligence_api",
    __name__,
    url_prefix="/api/intelligence",
    abp_responses=RESPONSES,
    abp_tags=[Tag(name="intelligence", description="The caller’s own lead model and preferences")],
    abp_security=[{"token": []}],
)


@intelligence_api.get("/preferences", responses={200: PreferencesAnswer}, summary="Read one’s preferences")
@requires(Permission.LEADS_READ)
def read_preferences(query: CompanyQuery) -> Out:
    """Answer the caller's preferences; the defaults before they said anything."""
    who = in_company(query.company_hq_id)
    return _told(preferences_of(db.session(), caller_staff(who)))


@intelligence_api.put(
    "/preferences", responses={200: PreferencesAnswer, **errors(422)}, summary="Change one’s preferences"
)
@requires(Permission.LEADS_READ)
def put_preferences(body: PreferencesIn) -> Out:
    """Change any of the caller's preferences and answer all of them."""
    who = in_company(body.company_hq_id)
    staff_id, auditor = caller_staff(who), services().auditor
    if who.token_id is not None and not who.may(Permission.LEADS_WRITE):
        raise Forbidden("This token only reads. Use one with leads:write.")
    return _told(change_preferences(db.session(), who, staff_id, body.values(), auditor=auditor))


def _told(known: Preferences) -> Out:
    values = {wire: getattr(known, name) for wire, name in NAMES.items()}
    return PreferencesAnswer(data=PreferencesOut(**values)).model_dump(mode="json", by_alias=True)
