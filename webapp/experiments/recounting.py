"""The hourly count of running experiments, so that no page waits for one with a million users."""

from __future__ import annotations

from webapp.accounts.companies import zone_of
from webapp.core.access import Permission
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.when import When
from webapp.core.services import services
from webapp.core.text import plural
from webapp.experiments.assigning import running
from webapp.experiments.experiments import metrics_of
from webapp.experiments.numbers import count_anew


def recount(context: ItemContext) -> None:
    """Count each of them; nothing is written but what Redis keeps."""
    session, store = context.session, services().store
    rows, zone = running(session), zone_of(session)
    for row in rows:
        count_anew(session, row, metrics_of(session, row.id), context.clock.now(), zone, store)
        context.stop_if_asked()
    note = f"{plural(len(rows), 'experiment')} counted." if rows else "None runs."
    with context.effect({"result": "counted", "experiments": len(rows), "note": note}):
        pass


RECOUNT = JobKind(
    "experiments.recount",
    "Count running experiments",
    Queue.BATCH,
    Permission.EXPERIMENTS_MANAGE,
    recount,
)
SCHEDULES = (
    Schedule("experiments.recount", "Count running experiments", RECOUNT, When(minute=35), lambda _: {}),
)
