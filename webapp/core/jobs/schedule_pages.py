"""The page of what is scheduled: when, how it went, run now, pause, resume."""

from __future__ import annotations

from flask import Blueprint, flash
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.seen import counts_for
from webapp.core.services import services

pages = Blueprint("schedule", __name__, url_prefix="/jobs/scheduled")


@pages.get("")
@requires(Permission.JOBS_READ)
def index() -> Response:
    session = db.session()
    lines = services().scheduler.lines(session)
    counts = counts_for(session, actor())
    return render("jobs/scheduled.html", None, lines=lines, zone=services().zone(session).key, counts=counts)


@pages.post("/<string:name>/run")
@requires(Permission.JOBS_SCHEDULE)
def run(name: str) -> Response:
    job = services().scheduler.run_now(db.session(), actor(), _named(name))
    return go("jobs.show", job_id=job.id)


@pages.post("/<string:name>/pause")
@requires(Permission.JOBS_SCHEDULE)
def pause(name: str) -> Response:
    schedule = _named(name)
    services().scheduler.pause(db.session(), actor(), schedule)
    flash(f"Paused: {schedule.label}.")
    return go("schedule.index")


@pages.post("/<string:name>/resume")
@requires(Permission.JOBS_SCHEDULE)
def resume(name: str) -> Response:
    schedule = _named(name)
    services().scheduler.resume(db.session(), actor(), schedule)
    flash(f"It goes on: {schedule.label}.")
    return go("schedule.index")


def _named(name: str) -> Schedule:
    for schedule in services().scheduler.schedules:
        if schedule.name == name:
            return schedule
    raise NotFound("There is no such schedule.")
