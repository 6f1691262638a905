"""The calls of the personalization service, all below `/api/v1`."""

from __future__ import annotations

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag

from webapp.core.docs import RESPONSES

SECURITY: list[dict[str, list[str]]] = [{"token": []}]


def _calls(name: str, path: str, about: str) -> APIBlueprint:
    return APIBlueprint(
        f"{name}_api",
        __name__,
        abp_responses=RESPONSES,
        url_prefix=f"/api/v1/{path}",
        abp_tags=[Tag(name=name, description=about)],
        abp_security=SECURITY,
    )


preferences_api = _calls("preferences", "preferences", "What customers want, and what they consent to")
behavior_api = _calls("behavior", "behavior", "What customers do, and what it says of them")
personalize_api = _calls("personalize", "personalize", "What customers get to see")
catalog_api = _calls("catalog", "catalog", "What customers can view and buy")
offers_api = _calls("offers", "offers", "What customers are offered")
