"""The pages of archetypes, all under one address; the two lists of records have blueprints of their own."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("archetypes", __name__, url_prefix="/archetypes")
nights = Blueprint("nights", __name__, url_prefix="/archetypes/nights")
requests = Blueprint("requests", __name__, url_prefix="/archetypes/requests")
