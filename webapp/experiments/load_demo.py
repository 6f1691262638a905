"""Loads the demo company's experiment: one that runs on its customers, honestly too small for a verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.clock import Clock
from webapp.core.db import company_of, insert_new, new_id, unit
from webapp.core.services import services
from webapp.experiments.clients import designing, steering
from webapp.experiments.experiments import metrics_of
from webapp.experiments.facts import MetricKind, Role
from webapp.experiments.models import Experiment, Exposure, Metric, MetricValue
from webapp.experiments.rules.design import Counted, Design, Variant
from webapp.experiments.rules.hashing import assigned
from webapp.people.models import Person

DAYS = 24
BUYS = (0.21, 0.29)  # the share of customers who buy, without and with the change
KEY = "free-delivery-hint"
DESIGN = Design(
    key=KEY,
    name="Free delivery shown in the basket",
    hypothesis="Customers who see from which sum on delivery is free buy more often, and for more.",
    variants=(Variant("control", "Basket as it is", 0.5), Variant("hint", "With the hint", 0.5)),
    metrics=(
        Counted("bought", "Bought something", role=Role.PRIMARY, event_kind="purchase"),
        Counted("revenue", "Revenue of a customer", MetricKind.REVENUE, event_kind="purchase"),
        Counted("returned", "Sent something back", role=Role.GUARD_RAIL, higher_is_better=False),
    ),
    minimum_effect=0.2,
    baseline=0.21,
    a_day=10,
)


def load_experiments_demo(session: Session, actor: Actor, clock: Clock) -> None:
    """Begin an experiment that has run for some weeks; who may not be watched is not in it."""
    now, made = clock.now(), services()
    asked = session.execute(select(Person.id, Person.identifier).order_by(Person.identifier))
    people = [(row.id, row.identifier) for row in asked]
    watched = [one for one in people if not made.trials.watched(session, one[1])]
    with unit(session):
        row = designing().create(session, actor, DESIGN)
        steering().start(session, actor, row.id)
        row.started_at = row.created_at = now - timedelta(days=DAYS)
        metrics = {one.key: one for one in metrics_of(session, row.id)}
        insert_new(session, Exposure, [_exposure(session, row, one, now) for one in watched])
        insert_new(
            session,
            MetricValue,
            [value for one in watched for value in _values(session, row, metrics, one, now)],
        )


def _chance(user_id: str, what: str) -> float:
    """A number from 0 to 1 that is always the same for this person and question."""
    digest = hashlib.sha256(f"demo experiment\x1f{what}\x1f{user_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _met(user_id: str, now: datetime) -> datetime:
    return now - timedelta(days=DAYS * _chance(user_id, "met"), minutes=5)


def _place(row: Experiment, user_id: str) -> int:
    place = assigned(row.seed, user_id, [one["weight"] for one in row.variants])
    assert place is not None
    return place


def _exposure(session: Session, row: Experiment, one: tuple[UUID, str], now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "company_id": company_of(session),
        "experiment_id": row.id,
        "person_id": one[0],
        "variant": row.variants[_place(row, one[1])]["key"],
        "at": _met(one[1], now),
    }


def _values(
    session: Session,
    row: Experiment,
    metrics: dict[str, Metric],
    one: tuple[UUID, str],
    now: datetime,
) -> Sequence[dict[str, Any]]:
    """A purchase with its revenue, and now and then something sent back."""
    person_id, user_id = one
    if _chance(user_id, "buys") >= BUYS[_place(row, user_id)]:
        return []
    met = _met(user_id, now)
    at = met + (now - met) * _chance(user_id, "when")
    spent = round(25 + 180 * _chance(user_id, "spent") ** 2, 2)
    found = {"bought": 1.0, "revenue": spent}
    if _chance(user_id, "returns") < 0.12:
        found["returned"] = 1.0
    return [
        {
            "id": new_id(),
            "company_id": company_of(session),
            "experiment_id": row.id,
            "metric_id": metrics[key].id,
            "person_id": person_id,
            "identifier": f"demo:{user_id}",
            "value": value,
            "at": at,
        }
        for key, value in found.items()
    ]
