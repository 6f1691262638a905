"""The page of the instance's settings: read-only."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.htmx import render
from webapp.core.services import services
from webapp.core.told_settings import facts, told_settings

pages = Blueprint("instance", __name__, url_prefix="/admin/settings")


@pages.get("")
@requires(Permission.SETTINGS_READ)
def index() -> Response:
    given = services().settings
    rows, where = told_settings(given), facts(db.session(), given)
    return render("accounts/settings.html", None, 200, rows=rows, facts=where)
