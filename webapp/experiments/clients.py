"""The deeds of this area with the application's clients, for routes and hooks."""

from __future__ import annotations

from webapp.core.guard import asks_not_to_be_tracked
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


def asked_not_to() -> bool:
    """Whether the browser behind the call asks not to be tracked, and that is heeded; no job has one."""
    return asks_not_to_be_tracked() and services().settings.respect_do_not_track


def counting() -> Counting:
    """What writes down what persons do."""
    made = services()
    return Counting(made.clock, made.trials, made.settings.audit_secret())
