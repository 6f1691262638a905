"""Experiments, persons who may be watched, and calls, for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.conftest import World
from webapp.core.access import Role
from webapp.core.db import new_id, scope_to, unit
from webapp.customers.models import CustomerSettings, Preference
from webapp.experiments.experiments import Designing, metrics_of
from webapp.experiments.models import Experiment, Exposure, MetricValue
from webapp.experiments.rules.design import Counted, Design, Variant
from webapp.experiments.steering import Steering
from webapp.people.models import Person

EVEN = (Variant("control", "Control", 0.5), Variant("b", "With it", 0.5))
BOUGHT = Counted("bought", "Bought")


def designing(world: World) -> Designing:
    made = world.services
    return Designing(world.clock, made.auditor, frozenset(made.trials.treatments))


def an_experiment(
    world: World,
    key: str = "checkout",
    *,
    start: bool = True,
    company_id: UUID | None = None,
    **design: Any,
) -> Experiment:
    """An experiment of the company, running unless told otherwise."""
    told = {"key": key, "name": "", "variants": EVEN, "metrics": (BOUGHT,), **design}
    admin = world.actor(Role.ADMIN, company_id)
    row = designing(world).create(world.session, admin, Design(**told))
    if start:
        Steering(designing(world)).start(world.session, admin, row.id)
    return row


def open_to_all(world: World, company_id: UUID | None = None) -> None:
    """Have the company watch whoever did not refuse."""
    scope_to(world.session, company_id or world.company_id)
    with unit(world.session) as session:
        session.add(CustomerSettings(consent_first=False, updated_at=world.clock.now()))


def a_customer(world: World, identifier: str = "ann", *, tracking: bool | None = True) -> UUID:
    """A person who agreed to be watched, refused (False), or said nothing (None)."""
    scope_to(world.session, world.company_id)
    now = world.clock.now()
    with unit(world.session) as session:
        person = Person(id=new_id(), identifier=identifier, created_at=now, updated_at=now)
        session.add(person)
        session.flush()
        if tracking is not None:
            said = Preference(person_id=person.id, tracking_enabled=tracking, created_at=now, updated_at=now)
            session.add(said)
        return person.id


def exposures(world: World) -> list[tuple[str, str, str]]:
    """Who met what: experiment, user id, variant."""
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    asked = select(Experiment.key, Person.identifier, Exposure.variant).select_from(Exposure)
    joined = asked.join(Experiment, Experiment.id == Exposure.experiment_id).join(
        Person, Person.id == Exposure.person_id
    )
    return sorted((row[0], row[1], row[2]) for row in world.session.execute(joined))


def count(world: World, model: type[Any]) -> int:
    scope_to(world.session, world.company_id)
    return world.session.scalar(select(func.count()).select_from(model)) or 0


class Api:
    """A program with a token."""

    def __init__(self, world: World, *scopes: str) -> None:
        self.client, self.token = world.client(None), world.token(*scopes)

    def __call__(self, method: str, path: str, **given: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **given.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **given)


def expose(
    world: World,
    row: Experiment,
    *,
    several: int = 0,
    did: dict[str, dict[str, int]] | None = None,
    days: int = 3,
    value: float = 7.0,
    **users: int,
) -> None:
    """Have so many users meet each variant over some days, and so many of each do what a metric counts."""
    scope_to(world.session, world.company_id)
    now, session = world.clock.now(), world.session
    with unit(session):
        metrics = {one.key: one for one in metrics_of(session, row.id)}
        persons, met, values = list[Person](), list[Exposure](), list[MetricValue]()
        for variant, many in [*users.items(), ("", several)]:
            for number in range(many):
                person = Person(identifier=f"{row.key}-{variant}-{number}", created_at=now, updated_at=now)
                persons.append(person)
                at = now - timedelta(days=days * (1 - number / many), minutes=1)
                for one in [variant] if variant else list(users):
                    found = {"experiment_id": row.id, "person_id": person.id, "variant": one, "at": at}
                    met.append(Exposure(**found))
                for key, done in (did or {}).items():
                    if number % many < done.get(variant, 0):
                        found = {"person_id": person.id, "identifier": f"{variant}-{number}", "at": at}
                        values.append(
                            MetricValue(
                                experiment_id=row.id,
                                metric_id=metrics[key].id,
                                value=value + number % 5,
                                **found,
                            )
                        )
        for rows in (persons, met, values):
            session.add_all(rows)
            session.flush()
