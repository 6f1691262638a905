"""The pages of the recalculation: its runs, what failed and why, and the button."""

from __future__ import annotations

from flask import request
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.archetypes.blueprint import pages
from webapp.archetypes.models import RecalculationLog
from webapp.archetypes.recalculating import MOST_TOLD, running_recalculation, start_recalculation
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.jobs.models import Job
from webapp.core.services import services
from webapp.core.tables import Column, Listing

LISTING = Listing(
    RecalculationLog,
    (Column("started", RecalculationLog.started_at),),
    default_sort="-started",
)


@pages.get("/recalculation")
@requires(Permission.ARCHETYPES_READ)
def runs() -> Response:
    session = db.session()
    page = LISTING.page(session, request.args)
    ids = [row.job_id for row in page.rows]
    jobs = {job.id: job for job in session.scalars(select(Job).where(Job.id.in_(ids)))}
    live = running_recalculation(session)
    return render(
        "archetypes/runs.html",
        None,
        200,
        page=page,
        jobs=jobs,
        live=live,
        most=MOST_TOLD,
        set_size=services().settings.archetype_set,
    )


@pages.post("/recalculation")
@requires(Permission.ARCHETYPES_MANAGE)
def start_run() -> Response:
    everyone = request.form.get("everyone") == "yes"
    made = services()
    size = made.settings.archetype_set
    job = start_recalculation(db.session(), actor(), made.starter, everyone=everyone, size=size)
    return go("jobs.show", job_id=job.id)
