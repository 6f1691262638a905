"""The pages of rules: what is in force, a version beside it, its form, and what is done with versions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from werkzeug.wrappers import Response

from webapp.archetypes import rule_sets
from webapp.archetypes.blueprint import pages
from webapp.archetypes.facts import Way
from webapp.archetypes.models import RuleSet, RulesInForce
from webapp.archetypes.refit import refit_rules
from webapp.archetypes.rule_forms import BaseForm, ReasonForm, RollOutForm, RulesForm, form_of
from webapp.archetypes.rule_sets import RuleDeeds, find_version, most_share
from webapp.archetypes.rule_state import state_of
from webapp.archetypes.rules.grid import Band, GridRow, bands, grid
from webapp.archetypes.rules.parameters import differences, sections, texts_of
from webapp.archetypes.rules.ruleset import Rules
from webapp.archetypes.rules.simulate import PROFILES
from webapp.archetypes.rules.words import sentences
from webapp.archetypes.simulating import is_stale, latest_simulation
from webapp.core.access import Permission, requires
from webapp.core.charts import Cell, HeatMap, heat_map
from webapp.core.db import db
from webapp.core.diff import Token
from webapp.core.errors import Conflict, DomainError
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.money import Money, read_amount
from webapp.core.record_forms import RecordForm, created_once, now_at
from webapp.core.services import services

USUAL_BASE = "1890"
KINDS = {Way.BUYOUT: ("own", "B"), Way.CRASH: ("info", "C"), Way.SWAP: ("draft", "S")}
DEEDS = {"publish": ReasonForm, "back": ReasonForm, "withdraw": ReasonForm, "share": RollOutForm}


def deeds() -> RuleDeeds:
    """The deeds with this application's clients."""
    made = services()
    return RuleDeeds(made.clock, made.auditor, made.starter, made.settings.archetype_set)


@pages.get("/rules")
@requires(Permission.ARCHETYPES_READ)
def rules() -> Response:
    session = db.session()
    state, row = state_of(session), rule_sets.in_force(session)
    versions = rule_sets.versions(session)
    form, drawn = _grid(state.rules, state.currency)
    return render(
        "archetypes/rules.html",
        None,
        422 if form.errors else 200,
        state=state,
        grid_at=url_for("archetypes.rules"),
        sentences=sentences(state.rules, state.currency),
        versions=[(one, standing(one, row)) for one in versions],
        here_now=next((one for one in versions if one.number == state.number), None),
        events=rule_sets.events(session),
        ids={one.number: one.id for one in versions},
        fresh=RecordForm(formdata=None),
        base_form=form,
        **drawn,
    )


@pages.post("/rules")
@requires(Permission.ARCHETYPES_WRITE)
def draft_rules() -> Response:
    """Draft from the version in force, or from the one the form names."""
    session, form, source = db.session(), RecordForm(), request.form.get("source", "")
    values = Rules.model_validate(find_version(session, UUID(source)).rules) if _is_id(source) else None
    made = created_once(form, {"source": source}, lambda: deeds().draft(session, actor(), rules=values).id)
    flash("The draft is made. Nothing changes for members until it is published.")
    return go("archetypes.edit_rules", set_id=made)


@pages.get("/rules/refit")
@requires(Permission.ARCHETYPES_MANAGE)
def refit() -> Response:
    session = db.session()
    state = state_of(session)
    found = refit_rules(session, state, services().clock.now())
    old, new = texts_of(state.rules), texts_of(found.rules)
    return render(
        "archetypes/refit.html",
        None,
        200,
        state=state,
        refit=found,
        old=old,
        new=new,
        profiles=PROFILES,
        fresh=RecordForm(formdata=None),
    )


@pages.post("/rules/refit")
@requires(Permission.ARCHETYPES_MANAGE)
def take_refit() -> Response:
    """Keep the refitted anchors as a draft."""
    session, form = db.session(), RecordForm()
    found = refit_rules(session, state_of(session), services().clock.now())
    if not found.changes:
        raise DomainError("No signal has enough members for new anchors; nothing was drafted.")
    note = f"Anchors refitted to {found.members:,} members"
    made = created_once(form, {}, lambda: deeds().draft(session, actor(), note, found.rules).id)
    flash("The new anchors are in a draft. Simulate it before you publish it.")
    return go("archetypes.show_rules", set_id=made)


@pages.get("/rules/<uuid:set_id>")
@requires(Permission.ARCHETYPES_READ)
def show_rules(set_id: UUID) -> Response:
    return _show(find_version(db.session(), set_id))


@pages.get("/rules/<uuid:set_id>/edit")
@requires(Permission.ARCHETYPES_WRITE)
def edit_rules(set_id: UUID) -> Response:
    version = find_version(db.session(), set_id)
    if version.published_at is not None:
        return go("archetypes.show_rules", set_id=set_id)
    return _edit(form_of(version), version, 200)


@pages.post("/rules/<uuid:set_id>")
@requires(Permission.ARCHETYPES_WRITE)
def save_rules(set_id: UUID) -> Response:
    session, form = db.session(), RulesForm()
    version = find_version(session, set_id)
    valid, written = form.validate(), form.rules()
    if not valid or written is None:
        return _edit(form, version, 422)
    try:
        deeds().change(session, actor(), set_id, written, form.note.data or "", form.version.data or 0)
    except Conflict as error:
        version = find_version(db.session(), set_id)
        now_at(form, version.version, error)
        theirs = differences(written, Rules.model_validate(version.rules))
        told = [(one.parameter.title, one.after) for one in theirs]
        return _edit(form, version, 409, theirs=told)
    except DomainError as error:
        put_error(form, next(iter(error.details), None), error.message)
        return _edit(form, version, error.status)
    flash("The draft is saved. Nothing changes for members until it is published.")
    return go("archetypes.show_rules", set_id=set_id)


@pages.post("/rules/<uuid:set_id>/discard")
@requires(Permission.ARCHETYPES_WRITE)
def discard_rules(set_id: UUID) -> Response:
    read = request.form.get("version", type=int) or 0
    deeds().discard(db.session(), actor(), set_id, read)
    flash("The draft is discarded.")
    return go("archetypes.rules")


@pages.post("/rules/<uuid:set_id>/publish")
@requires(Permission.ARCHETYPES_MANAGE)
def publish_rules(set_id: UUID) -> Response:
    form = ReasonForm(prefix="publish-")
    return _done(form, set_id, "publish", "It is in force for everybody; a job finds who is what by it.")


@pages.post("/rules/<uuid:set_id>/roll-back")
@requires(Permission.ARCHETYPES_MANAGE)
def roll_back_rules(set_id: UUID) -> Response:
    form = ReasonForm(prefix="back-")
    return _done(form, set_id, "back", "It is in force again; a job finds who is what by it.")


@pages.post("/rules/<uuid:set_id>/roll-out")
@requires(Permission.ARCHETYPES_MANAGE)
def roll_out_rules(set_id: UUID) -> Response:
    form = RollOutForm(prefix="share-")
    return _done(form, set_id, "share", f"{form.share.data} % of the members get it from now on.")


@pages.post("/rules/<uuid:set_id>/withdraw")
@requires(Permission.ARCHETYPES_MANAGE)
def withdraw_rules(set_id: UUID) -> Response:
    form = ReasonForm(prefix="withdraw-")
    return _done(form, set_id, "withdraw", "It is taken back; everybody gets the version in force.")


def _done(form: Any, set_id: UUID, deed: str, said: str) -> Response:
    """Do what the form asks, or show the page again with what was written and what is wrong."""
    session, version = db.session(), find_version(db.session(), set_id)
    if not form.validate():
        return _show(version, 422, **{deed: form})
    reason, read, made = form.reason.data or "", form.read, deeds()
    try:
        if deed == "publish":
            made.publish(session, actor(), set_id, read, reason)
        elif deed == "back":
            made.roll_back(session, actor(), set_id, read, reason)
        elif deed == "share":
            made.roll_out(session, actor(), set_id, read, form.share.data or 0, reason)
        else:
            made.withdraw(session, actor(), read, reason)
    except DomainError as error:
        put_error(form, next((one for one in error.details if one in form), None), error.message)
        return _show(find_version(db.session(), set_id), error.status, **{deed: form})
    flash(f"Version {version.number}: {said[:1].lower()}{said[1:]}")
    return go("archetypes.rules")


def standing(version: RuleSet, row: RulesInForce | None) -> tuple[str, str]:
    """How a version stands, and the kind of its mark."""
    if version.published_at is None:
        return "draft", "draft"
    if row is not None and version.number == row.number:
        return "in force", "own"
    if row is not None and version.number == row.rollout:
        return f"rolled out to {row.rollout_share} %", "info"
    return "former", "plain"


def _show(version: RuleSet, status: int = 200, **written: Any) -> Response:
    session = db.session()
    state, row = state_of(session), rule_sets.in_force(session)
    mine = Rules.model_validate(version.rules)
    changed = differences(state.rules, mine)
    simulation = latest_simulation(session, version.id)
    base_form, drawn = _grid(mine, state.currency)
    return render(
        "archetypes/rules_version.html",
        None,
        422 if base_form.errors else status,
        grid_at=url_for("archetypes.show_rules", set_id=version.id),
        version=version,
        standing=standing(version, row),
        state=state,
        mine=texts_of(mine),
        sections=sections(),
        sentences=sentences(mine, state.currency),
        changed=[(one.parameter, [Token("del", one.before), Token("ins", one.after)]) for one in changed],
        simulation=simulation,
        stale=simulation is not None and is_stale(simulation, mine, state.number),
        most_share=min(99, most_share(state.rules)),
        fresh=RecordForm(formdata=None),
        base_form=base_form,
        **_forms(version, row, written),
        **drawn,
    )


def _forms(version: RuleSet, row: RulesInForce | None, written: Mapping[str, Any]) -> dict[str, Any]:
    """The forms of deeds, as read now; the one that was sent with what was written."""
    read = {"version": version.version, "in_force": row.version if row else 0}
    forms = dict[str, Any]()
    for name, kind in DEEDS.items():
        forms[name] = written.get(name) or kind(
            formdata=None, prefix=f"{name}-", data=_begun(name, read, row)
        )
        for field, value in read.items():
            forms[name][field].data = value
            forms[name][field].raw_data = None
    return {**forms, "wrong": next(iter(written.values()), None)}


def _begun(name: str, read: Mapping[str, int], row: RulesInForce | None) -> dict[str, Any]:
    share = {"share": row.rollout_share} if name == "share" and row and row.rollout_share else {}
    return {**read, **share}


def _edit(form: Any, version: RuleSet, status: int, **context: object) -> Response:
    state = state_of(db.session())
    told = {"sections": sections(), "in_force": texts_of(state.rules), "number": state.number}
    return render("archetypes/rules_edit.html", None, status, form=form, version=version, **told, **context)


def _grid(rules: Rules, currency: str) -> tuple[BaseForm, dict[str, Any]]:
    """The grid for the base price in the address, with its form."""
    form = BaseForm(formdata=request.args)
    text = form.base.data or USUAL_BASE
    base = Decimal(USUAL_BASE)
    try:
        base = Money(read_amount(text, currency), currency).amount or base
    except ValueError as error:
        form.base.errors = [str(error)]
    form.base.data = text
    columns, rows = bands(rules), grid(rules, base, currency)
    return form, {"bands": columns, "rows": rows, "base": base, "chart": _chart(columns, rows, currency)}


def _chart(columns: tuple[Band, ...], rows: tuple[GridRow, ...], currency: str) -> HeatMap:
    cells = {}
    for place, row in enumerate(rows):
        for at, offer in enumerate(row.offers):
            kind, sign = KINDS[offer.way]
            total = f"{offer.total:,f}".rstrip("0").rstrip(".") if offer.total % 1 else f"{offer.total:,.0f}"
            words = f"{row.label}, {columns[at].words}: {offer.way.value} for {total} {currency}"
            cells[place, at] = Cell(kind, sign, words)
    heads = [(str(band.first), band.words) for band in columns]
    return heat_map([(row.label, "") for row in rows], heads, cells)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
