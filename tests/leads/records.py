"""Leads, activities and their histories for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from tests.conftest import World
from webapp.core.db import scope_to, unit
from webapp.leads.leads import change_lead, create_lead
from webapp.leads.models import Activity, Lead, LeadFact, StageChange
from webapp.leads.reading import Given

LEAD = {
    "lead_id": "l-1",
    "name": "Amrei Vogt",
    "email": "amrei@example.com",
    "source": "website",
    "value": "250000",
    "currency": "EUR",
    "stage": "NEW",
    "owner": "editor@test.example",
    "created_at": "2026-11-01T10:00:00Z",
}


def clients(world: World) -> dict[str, Any]:
    return {"clock": world.clock, "auditor": world.services.auditor}


def a_lead(world: World, company_id: Any = None, attributes: Any = None, **texts: str) -> Lead:
    actor = world.actor(company_id=company_id)
    given = {**LEAD, **({"owner": ""} if company_id else {}), **texts}
    return create_lead(world.session, actor, Given(given, attributes or {}), **clients(world))


def changed(world: World, lead: Lead, attributes: Any = None, **texts: str) -> Lead:
    """The lead after somebody saved this."""
    given = Given(texts, attributes or {})
    return change_lead(world.session, world.actor(), lead.id, given, None, **clients(world))


def all_of(world: World, model: type[Any]) -> list[Any]:
    """The company's rows in the order of their identifiers."""
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return list(world.session.scalars(select(model).order_by(model.identifier)))


def steps(world: World, lead_id: UUID) -> list[tuple[str, str]]:
    """The lead's stages with their times, in their order."""
    scope_to(world.session, world.company_id)
    found = select(StageChange).where(StageChange.lead_id == lead_id).order_by(StageChange.at)
    return [(one.stage.value, f"{one.at:%m-%d %H:%M}") for one in world.session.scalars(found)]


def facts(world: World, lead_id: UUID) -> list[tuple[str, Any, Any]]:
    """What became of the lead: name, before, after."""
    scope_to(world.session, world.company_id)
    found = select(LeadFact).where(LeadFact.lead_id == lead_id).order_by(LeadFact.at, LeadFact.name)
    return [(one.name, one.before, one.after) for one in world.session.scalars(found)]


def activities(world: World, lead_id: UUID) -> list[tuple[str, str]]:
    """The lead's activities by time, with their ids."""
    scope_to(world.session, world.company_id)
    found = select(Activity).where(Activity.lead_id == lead_id).order_by(Activity.at)
    return [(one.identifier, one.kind) for one in world.session.scalars(found)]


def scored(world: World) -> None:
    """Have every lead scored just now, as the nightly job would leave it."""
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        for lead in session.scalars(select(Lead)):
            lead.stale, lead.score, lead.probability = False, 42, 0.37
            lead.scored_at = world.clock.now()


def stale(world: World) -> dict[str, bool]:
    """Every lead by id, with whether it is to be scored anew."""
    return {lead.identifier: lead.stale for lead in all_of(world, Lead)}
