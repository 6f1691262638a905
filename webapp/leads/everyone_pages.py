"""The dashboard of every salesperson's model: how good each is, train them all, score all leads now."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response as FlaskResponse
from flask import flash, url_for
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.charts import Interval, IntervalChart, interval
from webapp.core.csv_files import csv_parts
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.jobs.views import view_of
from webapp.core.services import services
from webapp.leads.everyone import Line, average, lines_of, ready, verdict
from webapp.leads.learning import live_trainings, start_training
from webapp.leads.model_pages import models
from webapp.leads.scoring import running_scoring, start_scoring

HEAD = (
    "salesperson",
    "status",
    "closed",
    "won",
    "sample",
    "accuracy",
    "low",
    "high",
    "calibration_error",
    "last_trained",
    "drifting",
)
MOST_SHOWN = 4  # of the jobs that train everybody together


@models.get("/everyone")
@requires(Permission.LEADS_MANAGE)
def everyone() -> Response:
    session, now = db.session(), services().clock.now()
    lines = lines_of(session)
    trainings = [one for one in live_trainings(session) if one.total > 1][:MOST_SHOWN]
    scoring = running_scoring(session)
    return render(
        "leads/everyone.html",
        None,
        200,
        lines=lines,
        verdict=verdict(lines),
        ready=ready(lines),
        me=actor().staff_id,
        average=average(lines),
        chart=_chart(lines),
        jobs=[view_of(session, one, now) for one in (*trainings, scoring) if one is not None],
        live=any(one.training for one in lines) or scoring is not None,
    )


@models.post("/everyone/train")
@requires(Permission.LEADS_MANAGE)
def train_everyone() -> Response:
    session = db.session()
    try:
        start_training(session, actor(), services().starter, ready(lines_of(session)))
    except DomainError as error:
        flash(error.message, "bad")
    else:
        flash("Every model with enough closed leads is being trained.")
    return go("lead_models.everyone")


@models.post("/everyone/score")
@requires(Permission.LEADS_MANAGE)
def score_everyone() -> Response:
    made = services()
    start_scoring(db.session(), actor(), made.starter, size=made.settings.lead_set)
    flash("All open leads are being scored, each with its owner’s model.")
    return go("lead_models.everyone")


@models.get("/everyone/export")
@requires(Permission.LEADS_MANAGE)
def export_everyone() -> Response:
    headers = {"Content-Disposition": 'attachment; filename="lead-models.csv"'}
    rows = (_cells(one) for one in lines_of(db.session()))
    return FlaskResponse(csv_parts(HEAD, rows), mimetype="text/csv", headers=headers)


def page_of(line: Line) -> str:
    """The address of somebody's model."""
    return url_for("lead_models.show", staff_id=line.staff_id)


def _chart(lines: Sequence[Line]) -> IntervalChart | None:
    rows = [
        Interval(
            one.name,
            value,
            low,
            high,
            f"{100 * value:.0f} % of {one.judged}",
            marked=one.drifting,
        )
        for one in lines
        if one.accuracy
        for value, low, high in (one.accuracy,)
    ]
    return interval(rows, most=1.0, base=average(lines), percent=True, slim=True) if rows else None


def _cells(one: Line) -> list[str]:
    figures = [*(one.accuracy or (None, None, None)), one.calibration_error]
    return [
        one.name,
        one.status,
        str(one.progress.closed),
        str(one.progress.won),
        "" if one.sample is None else str(one.sample),
        *("" if number is None else f"{number:.6g}" for number in figures),
        one.trained_at.isoformat() if one.trained_at else "",
        "yes" if one.drifting else "no",
    ]
