"""Closed leads in numbers and trained versions for tests, written straight into the tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tests.conftest import World
from webapp.core.access import Role
from webapp.core.db import new_id, unit
from webapp.leads.facts import ModelDeed, Stage
from webapp.leads.learning import start_training
from webapp.leads.models import Activity, Lead, ModelEvent, Salesperson, ScoringModel, StageChange

DAY = timedelta(days=1)
KINDS = (("property_view", 3), ("email_open", 10))


def close_leads(world: World, role: str, habits: tuple[int, int], each: int = 30) -> list[UUID]:
    """So many closed leads of each kind, won in ten as often as said; one every six days."""
    now, found = world.clock.now(), []
    world.actor()
    with unit(world.session) as session:
        for (kind, times), of_ten in zip(KINDS, habits, strict=True):
            for number in range(each):
                ended = now - (5 + 6 * number) * DAY
                won = number % 10 < of_ten
                found.append(_closed(session, world.staff[role], f"{kind} {number}", ended, won, kind, times))
    return found


def _closed(
    session: Any,
    owner: UUID,
    name: str,
    ended: Any,
    won: bool,
    kind: str,
    times: int,  # a row
) -> UUID:
    begun, lead_id = ended - 21 * DAY, new_id()
    stage = Stage.WON if won else Stage.LOST
    session.add(
        Lead(
            id=lead_id,
            identifier=lead_id.hex,
            name=name,
            owner_id=owner,
            closer_id=owner,
            stage=stage,
            opened_at=begun,
            stage_changed_at=ended,
            closed_at=ended,
            created_at=begun,
            updated_at=ended,
        )
    )
    session.flush()
    session.add(StageChange(lead_id=lead_id, stage=Stage.NEW, at=begun))
    session.add(StageChange(lead_id=lead_id, stage=stage, at=ended))
    for place in range(times):
        at = begun + (place + 1) * DAY
        session.add(Activity(identifier=new_id().hex, lead_id=lead_id, kind=kind, at=at, created_at=at))
    return lead_id


def train(world: World, role: str = "editor") -> ScoringModel:
    """Train as the page does; answers the newest version."""
    actor = world.actor(Role.ADMIN)
    start_training(world.session, actor, world.services.starter, [world.staff[role]])
    world.work()
    newest = select(ScoringModel).where(ScoringModel.staff_id == world.staff[role])
    world.actor()
    return world.session.scalars(newest.order_by(ScoringModel.number.desc()).limit(1)).one()


def values_of(row: ScoringModel) -> dict[str, Any]:
    """Everything a version says, to be written again elsewhere."""
    left_out = {"id", "company_id", "staff_id", "number"}
    names = (one.key for one in ScoringModel.__table__.columns)
    return {name: getattr(row, name) for name in names if name not in left_out}


def make_version(
    world: World, values: dict[str, Any], number: int, *, adopted: bool, role: str = "editor", **changes: Any
) -> None:
    """A version with its event; in force when it was adopted."""
    staff_id, at = world.staff[role], world.clock.now() - (10 - number) * DAY
    world.actor()
    with unit(world.session) as session:
        row = ScoringModel(
            staff_id=staff_id, number=number, **{**values, "adopted": adopted, "trained_at": at, **changes}
        )
        deed = ModelDeed.ADOPTED if adopted else ModelDeed.REJECTED
        session.add(row)
        session.add(ModelEvent(staff_id=staff_id, deed=deed, number=number, at=at, reason=row.reason))
        person = session.scalar(select(Salesperson).where(Salesperson.staff_id == staff_id))
        if person is None:
            person = Salesperson(staff_id=staff_id)
            session.add(person)
        person.number = number if adopted else person.number
