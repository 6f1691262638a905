"""The pages and the calls of experiments, as blueprints that routes are hung on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag

from webapp.core.docs import RESPONSES

pages = Blueprint("experiments", __name__, url_prefix="/experiments")
_common: dict[str, Any] = {
    "abp_responses": RESPONSES,
    "abp_tags": [Tag(name="experiments", description="Who gets which variant, and what came of it")],
    "abp_security": [{"token": []}],
}
ab_test_api = APIBlueprint("ab_test_api", __name__, url_prefix="/api/v1/ab-test", **_common)
experiments_api = APIBlueprint("experiments_api", __name__, url_prefix="/api/v1/experiments", **_common)
