"""The page of a person's own preferences."""

from __future__ import annotations

from flask import Blueprint, flash
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.record_forms import now_at
from webapp.core.services import services
from webapp.leads.preference_forms import PreferencesForm
from webapp.leads.preferences import Preferences, change_preferences, preferences_in
from webapp.leads.salespeople import salesperson_of
from webapp.leads.whose import caller_staff

preferences = Blueprint("lead_preferences", __name__, url_prefix="/leads/preferences")


@preferences.get("")
@requires(Permission.LEADS_READ)
def index() -> Response:
    known, version = _known()
    return _page(PreferencesForm.of(known, version))


@preferences.post("")
@requires(Permission.LEADS_READ)
def save() -> Response:
    form = PreferencesForm()
    if not form.validate():
        return _page(form, 422)
    staff_id, auditor = caller_staff(actor()), services().auditor
    try:
        change_preferences(
            db.session(), actor(), staff_id, form.values(), auditor=auditor, version=form.version.data
        )
    except Conflict as error:
        now_at(form, _known()[1], error)
        return _page(form, 409, _known()[0])
    flash("Your preferences are saved.")
    return go("lead_preferences.index")


def _known() -> tuple[Preferences, int]:
    """What is kept of the signed-in person, and its version; a row that is made later begins with 1."""
    row = salesperson_of(db.session(), caller_staff(actor()))
    return preferences_in(row), row.version if row else 1


def _page(form: PreferencesForm, status: int = 200, theirs: Preferences | None = None) -> Response:
    zone = services().zone(db.session())
    return render("leads/preferences.html", None, status, form=form, theirs=theirs, zone=zone.key)
