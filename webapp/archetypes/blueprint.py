"""The pages of archetypes, all under one address."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("archetypes", __name__, url_prefix="/archetypes")
