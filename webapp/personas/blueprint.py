"""The blueprint that the pages of personas share."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("personas", __name__, url_prefix="/personas")
