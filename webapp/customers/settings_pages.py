"""How the company runs the service: defaults, consent, switches, and what the customers consented to."""

from __future__ import annotations

from flask import flash
from werkzeug.wrappers import Response

from webapp.accounts.companies import current_company
from webapp.core.access import Permission, requires
from webapp.core.charts import Bar, BarChart, bars
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.record_forms import clients, now_at
from webapp.core.services import services
from webapp.core.text import number
from webapp.core.told_settings import told_settings
from webapp.customers.blueprint import pages
from webapp.customers.consents import Share, coverage
from webapp.customers.facts import Feature
from webapp.customers.preference_forms import SettingsForm, blamed
from webapp.customers.preference_view import in_words
from webapp.customers.rules.preferring import LABELS, NAMES, effective_of
from webapp.customers.running import (
    change_settings,
    settings_row,
    settings_values,
    switch,
    switches_of,
    version_of,
)
from webapp.customers.service import service_of

# The instance's settings that the service heeds, as they are told on the page.
HEEDED = (
    *("CACHE_TTL", "ENABLE_BEHAVIORAL_TRACKING", "ENABLE_PREFERENCE_CENTER", "TRACK_BROWSING_HISTORY"),
    *("BROWSING_HISTORY_LIMIT", "RESPECT_DO_NOT_TRACK", "GDPR_COMPLIANT", "ALLOW_OPT_OUT"),
    *("ENABLE_PERSONALIZED_RECOMMENDATIONS", "RECOMMENDATION_SERVICE_URL", "ENABLE_AB_TESTING"),
    *("AB_TEST_SAMPLE_SIZE", "ENABLE_DYNAMIC_PRICING", "ENABLE_PERSONALIZED_SEARCH"),
    "ENABLE_SMART_NOTIFICATIONS",
)
# Where it all stands: for those who may see the instance's settings elsewhere, too.
OF_INSTANCE = ("LOG_LEVEL", "PORT", "DATABASE_URL", "REDIS_URL", "REDIS_PASSWORD")


def _shown() -> tuple[str, ...]:
    return (*HEEDED, *OF_INSTANCE) if actor().may(Permission.SETTINGS_READ) else HEEDED


@pages.get("/settings")
@requires(Permission.CUSTOMERS_READ)
def settings() -> Response:
    row = settings_row(db.session())
    return _page(SettingsForm.of(settings_values(row), version_of(row)), 200)


@pages.post("/settings")
@requires(Permission.CUSTOMERS_MANAGE)
def save_settings() -> Response:
    form = SettingsForm()
    if not form.validate():
        return _page(form, 422)
    try:
        change_settings(db.session(), actor(), form.values(), form.version.data or 0, **clients())
    except Conflict as error:
        row = settings_row(db.session())
        theirs = _theirs(settings_values(row), form)
        now_at(form, version_of(row), error)
        return _page(form, 409, theirs=theirs)
    except DomainError as error:
        blamed(form, error)
        return _page(form, error.status)
    flash("The settings are saved. The next call follows them.")
    return go("customers.settings")


@pages.post("/settings/switches/<string:feature>/<string:state>")
@requires(Permission.CUSTOMERS_MANAGE)
def set_switch(feature: str, state: str) -> Response:
    wanted = next((one for one in Feature if one.value == feature), None)
    if wanted is None or state not in {"on", "off"}:
        raise NotFound("There is no such switch.")
    switch(db.session(), actor(), wanted, on=state == "on", **clients())
    flash(f"{wanted.label}: switched {state} for this company.")
    return go("customers.settings")


def _page(form: SettingsForm, status: int, **context: object) -> Response:
    session, made = db.session(), services()
    service = service_of(session, made.settings)
    below = effective_of({}, 0, {}, consent_first=service.consent_first)
    shares = coverage(session) if service.instance.gdpr_compliant else []
    return render(
        "customers/settings.html",
        None,
        status,
        form=form.falls_back_to(below),
        service=service,
        switches=switches_of(service),
        shares=shares,
        chart=_chart(shares),
        policy=current_company(session).consent_policy,
        heeded=[one for one in told_settings(made.settings) if one.name in _shown()],
        **context,
    )


def _chart(shares: list[Share]) -> BarChart | None:
    """How many customers granted each purpose, of all of them."""
    if not shares or not shares[0].total:
        return None
    rows = [
        Bar(one.purpose.label, one.granted / one.total, f"{number(one.granted)} of {number(one.total)}", "k2")
        for one in shares
    ]
    return bars(rows, percent=True)


def _theirs(saved: dict[str, object], form: SettingsForm) -> list[tuple[str, str]]:
    """What is saved where it differs from what the form says."""
    given = form.values()
    names = [*NAMES, "consent_first", "wording", "search_shift", "retention_days"]
    labels = {name: LABELS[name] if name in LABELS else form[name].label.text for name in names}
    return [
        (labels[name], in_words(saved[name]))
        for name in names
        if name in given and saved[name] != given[name]
    ]
