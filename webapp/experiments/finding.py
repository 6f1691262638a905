"""Results for pages and calls: at hand, or counted by a job; and a stop that keeps what was found."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from webapp.accounts.companies import zone_of
from webapp.core.access import Actor
from webapp.core.jobs.models import Job
from webapp.core.services import services
from webapp.experiments.clients import steering
from webapp.experiments.experiments import find_experiment
from webapp.experiments.models import Experiment
from webapp.experiments.recounting import start_count
from webapp.experiments.results import Results, conclusion, results_of


def found_of(session: Session, actor: Actor, row: Experiment) -> tuple[Results | None, Job | None]:
    """The results; where too many must be counted for somebody to wait, the job that counts them."""
    made = services()
    found = results_of(session, row, made.clock.now(), zone_of(session), made.store)
    return found, None if found else start_count(session, actor, row, made.starter)


def stopped(session: Session, actor: Actor, experiment_id: UUID, decision: str, reason: str) -> Experiment:
    """Stop it, and keep with the decision what was found until now; of many users a job counts that."""
    made, row = services(), find_experiment(session, experiment_id)
    found = results_of(session, row, made.clock.now(), zone_of(session), made.store)
    kept = conclusion(found) if found else None
    row = steering().stop(session, actor, experiment_id, decision, reason, kept)
    if not row.concluded:
        start_count(session, actor, row, made.starter)
    return row
