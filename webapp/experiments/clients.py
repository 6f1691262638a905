"""The deeds of this area with the application's clients, for routes and hooks."""

from __future__ import annotations

from webapp.core.services import services
from webapp.experiments.assigning import Assigning
from webapp.experiments.counting import Counting
from webapp.experiments.experiments import Designing
from webapp.experiments.steering import Steering


def designing() -> Designing:
    """What lays experiments out."""
    made = services()
    return Designing(made.clock, made.auditor, frozenset(made.trials.treatments))


def steering() -> Steering:
    """What starts and stops them."""
    return Steering(designing())


def assigning() -> Assigning:
    """What says who gets what."""
    made = services()
    return Assigning(made.clock, made.auditor, made.trials, made.settings.audit_secret())


def counting() -> Counting:
    """What writes down what persons do."""
    made = services()
    return Counting(made.clock, made.trials, made.settings.audit_secret())
