"""The pages of customers, all under one address; the lists of records have blueprints of their own."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("customers", __name__, url_prefix="/customers")
consents = Blueprint("consents", __name__, url_prefix="/customers/consents")
events = Blueprint("events", __name__, url_prefix="/customers/events")
catalog = Blueprint("catalog", __name__, url_prefix="/customers/catalog")
offers = Blueprint("offers", __name__, url_prefix="/customers/offers")
contents = Blueprint("contents", __name__, url_prefix="/customers/content")
