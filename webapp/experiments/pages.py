"""The pages of experiments: the list, laying one out, its results, its course, overrides to try it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.accounts.companies import zone_of
from webapp.core.access import Permission, requires
from webapp.core.db import db, unit
from webapp.core.errors import Conflict, DomainError
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.list_pages import add_list_routes, views_of
from webapp.core.record_forms import blamed, clients, created_once, now_at
from webapp.core.services import services
from webapp.experiments.assigning import Assigned
from webapp.experiments.blueprint import pages
from webapp.experiments.clients import assigning, designing, steering
from webapp.experiments.experiments import design_of, find_experiment, metrics_of
from webapp.experiments.facts import MetricKind, Role, State
from webapp.experiments.figures import courses, forest, lines_of
from webapp.experiments.finding import found_of, stopped
from webapp.experiments.forms import ExperimentForm, StopForm
from webapp.experiments.lists import EXPERIMENT_DESK, LISTING
from webapp.experiments.models import Experiment
from webapp.experiments.overrides import override_variant, overrides_of, release_variant
from webapp.experiments.prefilled import behind, blank
from webapp.experiments.results import alpha_of
from webapp.experiments.rules.design import Design

add_list_routes(pages, EXPERIMENT_DESK)


@pages.get("")
@requires(Permission.EXPERIMENTS_READ)
def index() -> Response:
    page = LISTING.page(db.session(), request.args)
    why_off = services().trials.why_off(db.session())
    context: dict[str, Any] = {"page": page, "why_off": why_off, "views": views_of(EXPERIMENT_DESK)}
    return render("experiments/index.html", "list", **context)


@pages.get("/new")
@requires(Permission.EXPERIMENTS_MANAGE)
def new() -> Response:
    made = services()
    usual, wanted = made.settings.ab_test_sample_size, request.args.get("treatment", "")
    known = made.trials.treatments.get(wanted)
    design = behind(known, usual, made.clock.now()) if known else blank(usual)
    return _new(ExperimentForm.of(design, 0), 200)


@pages.post("")
@requires(Permission.EXPERIMENTS_MANAGE)
def create() -> Response:
    form = ExperimentForm()
    if form.moved:
        return _new(form, 200)
    design = form.design(services().settings.ab_test_sample_size)
    if design is None:
        return _new(form, 422)
    start = request.form.get("deed") == "start"
    try:
        made = created_once(
            form, {"design": str(design), "start": str(start)}, lambda: _created(design, start=start)
        )
    except DomainError as error:
        _blame(form, error)
        return _new(form, error.status)
    flash("The experiment runs." if start else "The draft is saved. Nobody is assigned until it is started.")
    return go("experiments.show", experiment_id=made)


@pages.get("/<uuid:experiment_id>")
@requires(Permission.EXPERIMENTS_READ)
def show(experiment_id: UUID) -> Response:
    session = db.session()
    return _show(session, find_experiment(session, experiment_id), None, 200)


@pages.get("/<uuid:experiment_id>/edit")
@requires(Permission.EXPERIMENTS_MANAGE)
def edit(experiment_id: UUID) -> Response:
    session = db.session()
    row = find_experiment(session, experiment_id)
    design = design_of(row, metrics_of(session, row.id))
    return _edit(ExperimentForm.of(design, row.version), row, 200)


@pages.post("/<uuid:experiment_id>")
@requires(Permission.EXPERIMENTS_MANAGE)
def save(experiment_id: UUID) -> Response:
    form, session = ExperimentForm(), db.session()
    row = find_experiment(session, experiment_id)
    if form.moved:
        return _edit(form, row, 200)
    design = form.design(services().settings.ab_test_sample_size)
    if design is None:
        return _edit(form, row, 422)
    try:
        designing().change(session, actor(), experiment_id, design, form.version.data or 0)
    except Conflict as error:
        row = find_experiment(session, experiment_id)
        if error.code == "frozen" or "version" not in error.details:
            put_error(form, None, error.message)
        else:
            now_at(form, row.version, error)
        return _edit(form, row, 409)
    except DomainError as error:
        _blame(form, error)
        return _edit(form, row, error.status)
    flash("The experiment is saved.")
    return go("experiments.show", experiment_id=experiment_id)


@pages.post("/<uuid:experiment_id>/delete")
@requires(Permission.EXPERIMENTS_MANAGE)
def delete(experiment_id: UUID) -> Response:
    designing().delete(db.session(), actor(), experiment_id)
    flash("The draft is deleted.")
    return go("experiments.index")


@pages.post("/<uuid:experiment_id>/start")
@requires(Permission.EXPERIMENTS_MANAGE)
def start(experiment_id: UUID) -> Response:
    try:
        steering().start(db.session(), actor(), experiment_id)
        flash("The experiment runs: from now on persons are assigned.")
    except Conflict as error:
        flash(error.message, "bad")
    return go("experiments.show", experiment_id=experiment_id)


@pages.post("/<uuid:experiment_id>/pause")
@requires(Permission.EXPERIMENTS_MANAGE)
def pause(experiment_id: UUID) -> Response:
    try:
        steering().pause(db.session(), actor(), experiment_id)
        flash("The experiment is paused: everybody gets the control.")
    except Conflict as error:
        flash(error.message, "bad")
    return go("experiments.show", experiment_id=experiment_id)


@pages.post("/<uuid:experiment_id>/resume")
@requires(Permission.EXPERIMENTS_MANAGE)
def resume(experiment_id: UUID) -> Response:
    try:
        steering().resume(db.session(), actor(), experiment_id)
        flash("The experiment runs again: everybody gets the variant they had.")
    except Conflict as error:
        flash(error.message, "bad")
    return go("experiments.show", experiment_id=experiment_id)


@pages.post("/<uuid:experiment_id>/stop")
@requires(Permission.EXPERIMENTS_MANAGE)
def stop(experiment_id: UUID) -> Response:
    session = db.session()
    form = StopForm().offer(find_experiment(session, experiment_id).variants)
    decision, reason = form.decision.data or "", form.reason.data or ""
    try:
        stopped(session, actor(), experiment_id, decision, reason)
    except DomainError as error:
        for name, why in error.details.items() or [("", error.message)]:
            put_error(form, name, why)
        return _show(session, find_experiment(session, experiment_id), form, error.status)
    flash("The experiment is stopped; the decision stands on its page.")
    return go("experiments.show", experiment_id=experiment_id)


@pages.post("/<uuid:experiment_id>/overrides")
@requires(Permission.EXPERIMENTS_MANAGE)
def override(experiment_id: UUID) -> Response:
    user_id, variant = request.form.get("user_id", "").strip(), request.form.get("variant", "")
    session = db.session()
    find_experiment(session, experiment_id)
    try:
        override_variant(session, actor(), experiment_id, user_id, variant, **clients())
        flash(f"{user_id} gets this variant until you take it back, and counts in no result.")
    except DomainError as error:
        flash(f"{error.message} Nothing was changed.", "bad")
    return go("experiments.show", experiment_id=experiment_id, user_id=user_id[:200], _anchor="try")


@pages.post("/<uuid:experiment_id>/overrides/<uuid:override_id>/release")
@requires(Permission.EXPERIMENTS_MANAGE)
def release(experiment_id: UUID, override_id: UUID) -> Response:
    release_variant(db.session(), actor(), experiment_id, override_id, auditor=services().auditor)
    flash("The person is left to chance again.")
    return go("experiments.show", experiment_id=experiment_id, _anchor="try")


def _created(design: Design, *, start: bool) -> UUID:
    session = db.session()
    with unit(session):
        row = designing().create(session, actor(), design)
        if start:
            steering().start(session, actor(), row.id)
        return row.id


def _new(form: ExperimentForm, status: int) -> Response:
    return render("experiments/new.html", None, status, **_form(form, None))


def _edit(form: ExperimentForm, row: Experiment, status: int) -> Response:
    return render("experiments/edit.html", None, status, row=row, **_form(form, row))


def _form(form: ExperimentForm, row: Experiment | None) -> dict[str, Any]:
    treatments = services().trials.treatments
    return {
        "form": form.offer(treatments),
        "treatments": treatments.values(),
        "kinds": [(one.value, one.label) for one in MetricKind],
        "roles": [(one.value, one.label) for one in Role],
        "frozen": row is not None and row.state is not State.DRAFT,
    }


def _show(session: Session, row: Experiment, form: StopForm | None, status: int) -> Response:
    made, zone = services(), zone_of(session)
    metrics = metrics_of(session, row.id)
    design = design_of(row, metrics)
    found, job = found_of(session, actor(), row)
    user_id = request.args.get("user_id", "").replace("\0", "").strip()[:200]
    return render(
        "experiments/show.html",
        None,
        status,
        row=row,
        metrics=metrics,
        plan=design.plan,
        found=found,
        job=job,
        where=None,
        tables=[(one.metric, lines_of(found, one)) for one in found.metrics] if found else [],
        forest=forest(found) if found else None,
        courses=courses(found, zone) if found and row.state is not State.DRAFT else [],
        level=1 - alpha_of(row),
        stop_form=(form or StopForm(formdata=None)).offer(row.variants),
        overrides=overrides_of(session, row.id),
        user_id=user_id,
        would=_would(session, row, user_id),
        treatment=made.trials.treatments.get(row.treatment),
        why_off=made.trials.why_off(session),
    )


def _would(session: Session, row: Experiment, user_id: str) -> Assigned | None:
    """What somebody would get; nothing is logged."""
    return assigning().preview(session, [row], user_id)[0] if user_id else None


def _blame(form: ExperimentForm, error: DomainError) -> None:
    """Show the refusal at the fields; a namespace or an audience at its first one."""
    first = {"namespace": "namespace_id", "audience": "audience_lifecycle"}
    details = {first.get(name, name): why for name, why in error.details.items()}
    blamed(form, DomainError(error.message, details=details))
