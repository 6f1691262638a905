"""The page of a lead model, one's own or somebody else's: look, train, choose a version, export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask import Response as FlaskResponse
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.csv_files import csv_parts
from webapp.core.db import db
from webapp.core.errors import DomainError, NotFound
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import go_to, render
from webapp.core.jobs.models import Job, JobItem
from webapp.core.jobs.views import view_of
from webapp.core.services import services
from webapp.leads import model_charts as figures
from webapp.leads import model_words as words
from webapp.leads.facts import activity_label
from webapp.leads.learning import TRAIN, running_training, start_training
from webapp.leads.model_forms import ChooseForm, ThresholdForm
from webapp.leads.model_view import (
    Opened,
    Past,
    State,
    company_average,
    figures_of,
    find_salesperson,
    likeliest,
    opened,
    past_of,
    state_of,
)
from webapp.leads.predicting import asker, tell
from webapp.leads.rules.score import DEFAULT_WEIGHTS, OTHER_POINTS, PARTS, POINTS, SOURCES
from webapp.leads.salespeople import may_steer
from webapp.leads.similar_cases import Like, named
from webapp.leads.versions import choose_version
from webapp.leads.whose import caller_staff

models = Blueprint("lead_models", __name__, url_prefix="/models")
HEAD = ("part", "of", "name", "value", "low", "high", "n")


@models.get("")
@requires(Permission.LEADS_READ)
def mine() -> Response:
    return _show(caller_staff(actor()))


@models.get("/<uuid:staff_id>")
@requires(Permission.LEADS_MANAGE)
def show(staff_id: UUID) -> Response:
    return _show(staff_id)


@models.post("/train")
@requires(Permission.LEADS_WRITE)
def train_mine() -> Response:
    return _train(caller_staff(actor()))


@models.post("/<uuid:staff_id>/train")
@requires(Permission.LEADS_MANAGE)
def train(staff_id: UUID) -> Response:
    return _train(staff_id)


@models.post("/version")
@requires(Permission.LEADS_WRITE)
def choose_mine() -> Response:
    return _choose(caller_staff(actor()))


@models.post("/<uuid:staff_id>/version")
@requires(Permission.LEADS_MANAGE)
def choose(staff_id: UUID) -> Response:
    return _choose(staff_id)


@models.get("/export")
@requires(Permission.LEADS_READ)
def export_mine() -> Response:
    return _export(caller_staff(actor()))


@models.get("/<uuid:staff_id>/export")
@requires(Permission.LEADS_MANAGE)
def export(staff_id: UUID) -> Response:
    return _export(staff_id)


def _at(deed: str, staff_id: UUID, **values: Any) -> str:
    """The address of one's own page or deed, or of somebody else's."""
    if staff_id == actor().staff_id:
        return url_for(f"lead_models.{'mine' if deed == 'show' else f'{deed}_mine'}", **values)
    return url_for(f"lead_models.{deed}", staff_id=staff_id, **values)


def _train(staff_id: UUID) -> Response:
    session = db.session()
    find_salesperson(session, staff_id)
    try:
        job = start_training(session, actor(), services().starter, [staff_id])
    except DomainError as error:
        flash(error.message, "bad")
        return go_to(_at("show", staff_id))
    return go_to(_at("show", staff_id, job=job.id))


def _choose(staff_id: UUID) -> Response:
    session, made, form = db.session(), services(), ChooseForm()
    form.offer(state_of(session, find_salesperson(session, staff_id)))
    if not form.validate():
        return _show(staff_id, form, 422)
    number, reason = int(form.number.data), form.reason.data or ""
    try:
        choose_version(session, actor(), staff_id, number, reason, auditor=made.auditor, clock=made.clock)
    except DomainError as error:
        put_error(form, next((one for one in error.details if one in form), None), error.message)
        return _show(staff_id, form, error.status)
    flash(f"{f'Version {number}' if number else 'The default'} is in force from now on.")
    return go_to(_at("show", staff_id))


def _show(staff_id: UUID, form: ChooseForm | None = None, status: int = 200) -> Response:
    session, made = db.session(), services()
    zone, now = made.zone(session), made.clock.now()
    state = state_of(session, find_salesperson(session, staff_id))
    own, threshold = staff_id == actor().staff_id, ThresholdForm(formdata=request.args)
    threshold.validate()
    row = _wanted(state)
    one = opened(session, state, row, threshold.share) if row else None
    past = past_of(session, state, zone, now)
    ruling = state.ruling
    ruling_figures = figures_of(session, ruling) if ruling else None
    fresh = form or ChooseForm(formdata=None, data={"number": request.args.get("choose")})
    fresh.offer(state)
    return render(
        "leads/model.html",
        None,
        status,
        state=state,
        own=own,
        verdict=words.verdict(state, ruling_figures, own=own),
        may_steer=may_steer(actor(), staff_id),
        one=one,
        past=past,
        line=figures.accuracy_line(past.months, state, zone, ruling.accuracy if ruling else None),
        form=fresh,
        wrong=form,
        threshold=threshold,
        average=company_average(session),
        words=words,
        at={deed: _at(deed, staff_id) for deed in ("show", "train", "choose", "export")},
        **_drawn(one),
        **_job(session, staff_id),
        **_similar(session, staff_id),
        **_rule(state),
    )


def _wanted(state: State) -> Any:
    """The version that the address names; else the one in force, else the newest."""
    number = request.args.get("version", type=int)
    if number is None:
        return state.ruling or state.newest
    found = state.version(number)
    if found is None:
        raise NotFound(f"There is no version {number} of this model.")
    return found


def _drawn(one: Opened | None) -> dict[str, Any]:
    if one is None:
        return {}
    return {
        "weights": figures.weight_bars(one.weights_before, one.row.weights),
        "reliability": figures.reliability(one.bins),
        "curve": figures.curve(one),
        "strengths": figures.strength_bars(one.strengths) if one.strengths else None,
    }


def _job(session: Session, staff_id: UUID) -> dict[str, Any]:
    """The training at work, or the one that the address names with what became of it."""
    job = running_training(session, [staff_id])
    if job is None and (named_ := request.args.get("job", type=UUID)) is not None:
        job = session.scalar(select(Job).where(Job.id == named_, Job.kind == TRAIN.name))
    items = session.scalars(select(JobItem).where(JobItem.job_id == job.id)) if job else ()
    item = next((one for one in items if one.params["staff"] == str(staff_id)), None)
    if job is None or item is None:
        return {"job": None, "outcome": None}
    told = view_of(session, job, services().clock.now())
    return {"job": told, "where": None, "outcome": None if told.live else item.outcome}


def _similar(session: Session, staff_id: UUID) -> dict[str, Any]:
    """The person's likeliest open leads, and the closed ones most like the one that was picked."""
    offered, picked = likeliest(session, staff_id), request.args.get("lead", type=UUID)
    found: list[Like] = []
    sentence = ""
    if picked in {one for one, _ in offered} and picked is not None:
        made = services()
        told = tell(session, asker(session, staff_id, made.zone(session), made.clock), [picked])
        found, sentence = named(session, told[0].cases), told[0].sentence
    return {"offered": offered, "picked": picked, "similar": found, "similar_sentence": sentence}


def _rule(state: State) -> dict[str, Any]:
    """How the score and the default come about, with the owner's multipliers beside."""
    ruling = state.ruling
    given = ruling.multipliers if ruling else {}
    kinds = [*POINTS, *sorted(given.keys() - POINTS.keys())]
    points = [(activity_label(kind), POINTS.get(kind, OTHER_POINTS), given.get(kind)) for kind in kinds]
    parts = [(words.WEIGHTS[part], DEFAULT_WEIGHTS[part], SOURCES[part]) for part in PARTS]
    return {"points": points, "other_points": OTHER_POINTS, "parts": parts}


def _export(staff_id: UUID) -> Response:
    session, made = db.session(), services()
    state = state_of(session, find_salesperson(session, staff_id))
    past = past_of(session, state, made.zone(session), made.clock.now())
    row = _wanted(state)
    one = opened(session, state, row, ThresholdForm(formdata=request.args).share) if row else None
    headers = {"Content-Disposition": 'attachment; filename="lead-model.csv"'}
    return FlaskResponse(csv_parts(HEAD, _rows(one, past)), mimetype="text/csv", headers=headers)


def _rows(one: Opened | None, past: Past) -> Iterator[list[str]]:
    for month in past.months:
        yield _row(
            "month", f"{month.begins:%Y-%m}", "accuracy", month.accuracy, month.low, month.high, month.leads
        )
    if one is None:
        return
    for where, told in (("out of sample", one.figures), ("last fifth", one.holdout or {})):
        for way, named_ in told.items():
            for name, (value, low, high) in named_.items():
                yield _row(where, way, name, value, low, high)
    for part in PARTS:
        yield _row("weight", "before", part, one.weights_before[part])
        yield _row("weight", "now", part, one.row.weights[part])
    for bin_ in one.bins:
        yield _row("calibration", f"{bin_.predicted:.4f}", "won", bin_.won, bin_.low, bin_.high, bin_.leads)
    for false, hit, threshold in one.curve:
        yield _row("roc", f"{threshold:.4f}", "found", hit, false, false)
    for name, moved in one.strengths:
        yield _row("strength", name, "log-odds", moved)


def _row(part: str, of: str, name: str, *numbers: float) -> list[str]:
    cells = [f"{one:.6g}" for one in numbers]
    return [part, of, name, *cells, *[""] * (len(HEAD) - 3 - len(cells))]
