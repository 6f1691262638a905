"""Salespeople with closed leads for tests, written straight into the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tests.conftest import OPERATOR, World
from webapp.accounts.staff import create_staff
from webapp.core.access import Actor, Role
from webapp.core.db import new_id, scope_to, unit
from webapp.leads.facts import Stage
from webapp.leads.learning import start_training
from webapp.leads.models import Activity, Lead, ScoringModel, StageChange

DAY = timedelta(days=1)
PASSWORD = "a long password of a salesperson"  # of the tests


@dataclass(frozen=True)
class Sold:
    """A lead that lived for `life` days; with `won` None it is open. Activities are spread evenly."""

    counts: Mapping[str, int] = field(default_factory=dict)
    won: bool | None = None
    ago: float = 1.0  # days since it closed, or 0 for an open one's last day
    life: float = 21.0
    attributes: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    value_minor: int | None = None


def salesperson(world: World, name: str, role: Role = Role.EDITOR) -> UUID:
    """A staff account of the first company; `world.staff` knows it by its name."""
    scope_to(world.session, world.company_id)
    world.staff[name] = create_staff(
        world.session,
        OPERATOR,
        f"{name}@test.example",
        role,
        PASSWORD,
        passwords=world.app.extensions["atelier.gate"].passwords,
        clock=world.clock,
        auditor=world.services.auditor,
        name=name.title(),
    ).id
    return world.staff[name]


def write(world: World, owner: UUID | None, sold: Iterable[Sold], prefix: str = "lead") -> list[UUID]:
    """Write these leads with their stages and activities; their ids, in order."""
    scope_to(world.session, world.company_id)
    rows = [_rows(world, owner, one, f"{prefix}-{number}") for number, one in enumerate(sold)]
    with unit(world.session) as session:
        session.add_all(lead for lead, *_ in rows)
        session.flush()
        session.add_all(more for _, *rest in rows for more in rest)
    return [lead.id for lead, *_ in rows]


def _rows(world: World, owner: UUID | None, one: Sold, name: str) -> list[Any]:
    now = world.clock.now()
    closed = None if one.won is None else now - one.ago * DAY
    begun = (closed or now) - one.life * DAY
    stage = Stage.NEW if one.won is None else Stage.WON if one.won else Stage.LOST
    lead_id = new_id()
    lead = Lead(
        identifier=name,
        name=name,
        owner_id=owner,
        closer_id=None if one.won is None else owner,
        stage=stage,
        opened_at=begun,
        stage_changed_at=closed or begun,
        closed_at=closed,
        attributes=dict(one.attributes),
        source=one.source,
        value_minor=one.value_minor,
        currency="EUR" if one.value_minor is not None else "",
        created_at=begun,
        updated_at=now,
    )
    lead.id = lead_id
    steps = [StageChange(lead_id=lead_id, stage=Stage.NEW, at=begun)]
    if closed:
        steps.append(StageChange(lead_id=lead_id, stage=stage, at=closed))
    deeds = [
        Activity(
            identifier=new_id().hex,
            lead_id=lead_id,
            kind=kind,
            at=begun + (place + 0.5) / count * (one.life - 0.01) * DAY,
            created_at=now,
        )
        for kind, count in one.counts.items()
        for place in range(count)
    ]
    return [lead, *steps, *deeds]


def seller(world: World, name: str, role: Role = Role.EDITOR) -> Actor:
    """The person as an actor, with the session confined to the first company."""
    scope_to(world.session, world.company_id)
    return Actor(
        company_id=world.company_id,
        permissions=role.permissions,
        staff_id=world.staff[name],
        name=name.title(),
    )


def train(world: World, name: str) -> ScoringModel:
    """Train the person's model, as a job worked off here and now; the version that came of it."""
    start_training(world.session, seller(world, name), world.services.starter, [world.staff[name]])
    world.work()
    return newest(world, name)


def newest(world: World, name: str) -> ScoringModel:
    """The person's newest version."""
    scope_to(world.session, world.company_id)
    asked = select(ScoringModel).where(ScoringModel.staff_id == world.staff[name])
    return world.session.scalars(asked.order_by(ScoringModel.number.desc())).first()  # type: ignore[return-value]  # tests call it after a training


def habits(kind: str, of_ten: int, *, times: int = 3, leads: int = 30, ago: float = 5.0) -> list[Sold]:
    """Closed leads with activities of one kind, won in ten as often as said, six days apart."""
    return [Sold({kind: times}, won=number % 10 < of_ten, ago=ago + 6 * number) for number in range(leads)]
