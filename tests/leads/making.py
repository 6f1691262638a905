"""Leads, activities and notices for tests, written straight into the tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.conftest import World
from webapp.core.db import new_id, unit
from webapp.leads.facts import Stage
from webapp.leads.models import Activity, Lead


def make_lead(world: World, name: str, owner: str | None = "editor", **values: Any) -> UUID:
    """A lead that began 60 days ago, of the editor."""
    now = world.clock.now()
    began = values.pop("opened_at", now - timedelta(days=60))
    stage = values.get("stage", Stage.NEW)
    if stage.closed:
        values.setdefault("closed_at", now - timedelta(days=1))
    world.actor()
    row = Lead(
        identifier=f"{name}-{new_id().hex}",
        name=name,
        owner_id=world.staff[owner] if owner else None,
        closer_id=world.staff[owner] if owner and stage.closed else None,
        opened_at=began,
        stage_changed_at=began,
        created_at=began,
        updated_at=now,
        **values,
    )
    return keep(world, row)


def keep(world: World, row: Any) -> UUID:
    """Save a row of the first company; answers its id."""
    with unit(world.session) as session:
        session.add(row)
        session.flush()
        found: UUID = row.id
    return found


def make_activity(world: World, lead_id: UUID, days: float, kind: str = "call") -> UUID:
    """Something that happened so many days ago."""
    now = world.clock.now()
    row = Activity(
        identifier=new_id().hex, lead_id=lead_id, kind=kind, at=now - timedelta(days=days), created_at=now
    )
    return keep(world, row)
