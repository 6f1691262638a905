"""What the rest of the application asks of experiments: the home page, the search, a person's page, areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.area import Attention, Found
from webapp.core.services import services
from webapp.experiments.assigning import running
from webapp.experiments.clients import asked_not_to, assigning
from webapp.experiments.experiments import metrics_of_all
from webapp.experiments.lists import LISTING
from webapp.experiments.models import Experiment, Metric
from webapp.experiments.numbers import kept_numbers
from webapp.experiments.results import concluded

MOST_FOUND, MOST_LOOKED_AT = 5, 20


def held_back(session: Session, actor: Actor, identifier: str, treatment: str) -> bool:
    """Whether a running experiment gives this person the control; that they met it is logged."""
    return assigning().held_back(session, actor, identifier, treatment, asked_not_to=asked_not_to())


def wanting(session: Session, who: Actor) -> list[Attention]:
    """The home page's lines: running experiments with a warning in what was counted last."""
    if not who.may(Permission.EXPERIMENTS_READ) or who.company_id is None:
        return []
    rows = running(session)[:MOST_LOOKED_AT]
    metrics = metrics_of_all(session, [row.id for row in rows])
    told = ((row, _warnings(session, row, metrics[row.id])) for row in rows)
    return [
        Attention(f"{row.name}: {warnings[0]}", f"/experiments/{row.id}", "experiment", row.started_at)
        for row, warnings in told
        if warnings
    ]


def find(session: Session, who: Actor, query: str) -> list[Found]:
    """Experiments whose name or key begins like this."""
    if not who.may(Permission.EXPERIMENTS_READ):
        return []
    rows = LISTING.first(session, query, MOST_FOUND)
    return [Found("Experiment", row.name, f"/experiments/{row.id}", row.state.label) for row in rows]


def _warnings(session: Session, row: Experiment, metrics: Sequence[Metric]) -> Sequence[str]:
    """What speaks against trusting it, by what was counted last."""
    kept = kept_numbers(session, row, services().store)
    return concluded(row, metrics, replace(kept, course=())).verdict.warnings if kept else ()
