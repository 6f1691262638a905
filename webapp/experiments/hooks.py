"""What other areas ask of experiments, through the door that areas meet at."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.experiments.clients import assigning


def held_back(session: Session, actor: Actor, identifier: str, treatment: str) -> bool:
    """Whether a running experiment gives this person the control; that they met it is logged."""
    return assigning().held_back(session, actor, identifier, treatment)
