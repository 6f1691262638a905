"""The pages of leads, all under one address."""

from __future__ import annotations

from flask import Blueprint

leads = Blueprint("leads", __name__, url_prefix="/leads")
