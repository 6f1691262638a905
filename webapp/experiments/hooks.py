"""What the rest of the application asks of experiments: the home page, the search, a person's page, areas."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.accounts.companies import zone_of
from webapp.core.access import Actor, Permission
from webapp.core.area import Attention, Found
from webapp.core.db import company_of
from webapp.core.services import services
from webapp.core.store import StoreAway
from webapp.experiments.assigning import running
from webapp.experiments.clients import assigning
from webapp.experiments.lists import LISTING
from webapp.experiments.models import Experiment
from webapp.experiments.results import results_of

MOST_FOUND, MOST_LOOKED_AT = 5, 20
KEPT = 900  # seconds that the home page’s warnings may be old


def held_back(session: Session, actor: Actor, identifier: str, treatment: str) -> bool:
    """Whether a running experiment gives this person the control; that they met it is logged."""
    return assigning().held_back(session, actor, identifier, treatment)


def wanting(session: Session, who: Actor) -> list[Attention]:
    """The home page's lines: running experiments with a warning."""
    if not who.may(Permission.EXPERIMENTS_READ) or who.company_id is None:
        return []
    told = ((row, _warnings(session, row)) for row in running(session)[:MOST_LOOKED_AT])
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


def _warnings(session: Session, row: Experiment) -> list[str]:
    """What speaks against trusting it, at most a quarter of an hour old: the home page reads no numbers."""
    made, key = services(), f"experiments:warnings:{company_of(session)}:{row.id}:{row.version}"
    try:
        kept = made.store.get(key)
        if kept is None:
            found = results_of(session, row, made.clock.now(), zone_of(session), made.store)
            kept = list(found.verdict.warnings)
            made.store.put(key, kept, KEPT)
    except StoreAway:
        return []
    return list(kept)
