"""The page of a simulation: the verdict, what it would have brought, what is offered, who moves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response as FlaskResponse
from flask import flash
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.archetypes.blueprint import pages
from webapp.archetypes.models import Simulation
from webapp.archetypes.rule_sets import find_version
from webapp.archetypes.rule_state import state_of
from webapp.archetypes.rules.ruleset import Rules
from webapp.archetypes.rules.simulate import MEASURES, PROFILES, WAYS
from webapp.archetypes.simulating import (
    is_stale,
    latest_simulation,
    simulation_job,
    start_simulation,
)
from webapp.archetypes.simulation_words import HEAD, LABELS, caveats, group_name, lines, signed, verdict
from webapp.core.access import Permission, requires
from webapp.core.charts import Interval, IntervalChart, interval
from webapp.core.csv_files import csv_parts
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.jobs.views import view_of
from webapp.core.services import services
from webapp.people.models import Person


@pages.get("/rules/<uuid:set_id>/simulation")
@requires(Permission.ARCHETYPES_READ)
def simulation(set_id: UUID) -> Response:
    session, version = db.session(), find_version(db.session(), set_id)
    state, found = state_of(session), latest_simulation(session, set_id)
    job = simulation_job(session, set_id)
    newer = job is not None and (found is None or job.created_at > found.at or job.state.live)
    context: dict[str, Any] = {}
    if found is not None:
        context = _told(found, version.number)
    return render(
        "archetypes/simulation.html",
        None,
        200,
        version=version,
        state=state,
        simulation=found,
        stale=found is not None and is_stale(found, Rules.model_validate(version.rules), state.number),
        job=view_of(session, job, services().clock.now()) if job is not None and newer else None,
        where=None,
        **context,
    )


@pages.post("/rules/<uuid:set_id>/simulation")
@requires(Permission.ARCHETYPES_WRITE)
def simulate(set_id: UUID) -> Response:
    session = db.session()
    start_simulation(session, actor(), find_version(session, set_id), services().starter)
    flash("The simulation runs; it takes some seconds.")
    return go("archetypes.simulation", set_id=set_id)


@pages.get("/rules/<uuid:set_id>/simulation/export")
@requires(Permission.ARCHETYPES_READ)
def export_simulation(set_id: UUID) -> Response:
    version, found = find_version(db.session(), set_id), latest_simulation(db.session(), set_id)
    if found is None:
        raise NotFound("This version was not simulated yet.")
    name = f'attachment; filename="simulation-version-{version.number}.csv"'
    parts = csv_parts(HEAD, lines(found.result))
    return FlaskResponse(parts, mimetype="text/csv", headers={"Content-Disposition": name})


def _told(found: Simulation, number: int) -> dict[str, Any]:
    result = found.result
    outlook = result["outlook"]
    return {
        "found": result,
        "verdict": verdict(result, number, found.against),
        "caveats": caveats(result),
        "named": _named(result),
        "profiles": PROFILES,
        "ways": WAYS,
        "labels": LABELS,
        "measures": MEASURES,
        "group_name": group_name,
        "signed": signed,
        "chart": _chart(outlook) if outlook else None,
    }


def _named(result: dict[str, Any]) -> list[tuple[UUID, str, str, str]]:
    """The members who change, with their names of today; who is erased by now is not there."""
    moved = {UUID(person): (PROFILES[before], PROFILES[after]) for person, before, after in result["named"]}
    asked = select(Person.id, Person.name, Person.identifier).where(Person.id.in_(moved))
    rows = db.session().execute(asked.order_by(Person.name))
    return [(row.id, row.name or row.identifier, *moved[row.id]) for row in rows]


def _chart(outlook: dict[str, Any]) -> IntervalChart:
    """Relative differences: each measure over all members, then revenue by who they are."""
    rows = [_row(LABELS[one], outlook["all"][one]["relative"]) for one in MEASURES]
    groups = (one for one in outlook if one != "all" and outlook[one]["revenue"]["before"][0])
    rows += [_row(f"– {group_name(one)}", outlook[one]["revenue"]["relative"]) for one in groups]
    return interval(rows, base=0.0, percent=True)


def _row(name: str, relative: list[float]) -> Interval:
    value, low, high = relative
    return Interval(name, value, low, high, signed(value))
