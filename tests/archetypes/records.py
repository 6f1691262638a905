"""Nights, requests and members for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from tests.conftest import World
from tests.people.records import make
from webapp.archetypes.models import Member, MemberRequest, Night
from webapp.archetypes.nights import create_night
from webapp.archetypes.requests import create_request
from webapp.core.db import scope_to, unit
from webapp.people.models import Person

NIGHT = {
    "night_id": "n-1",
    "date": "2026-12-24",
    "base_price": "1890",
    "currency": "EUR",
    "market_demand": "1.08",
}
REQUEST = {
    "request_id": "r-1",
    "requester": "ann",
    "responder": "bo",
    "night_id": "",
    "kind": "buyout",
    "created_at": "2026-11-01T10:00:00Z",
    "days_until_checkin": "5",
    "base_price": "1890",
    "offered_price": "2268",
    "currency": "EUR",
    "status": "accepted",
    "decline_reason": "",
    "responded_at": "2026-11-01T10:30:00Z",
}


def clients(world: World) -> dict[str, Any]:
    return {"clock": world.clock, "auditor": world.services.auditor}


def persons(world: World, *identifiers: str, company_id: UUID | None = None) -> dict[str, Person]:
    """Persons of these user ids."""
    return {one: make(world, one, company_id, name=one.title(), email="") for one in identifiers}


def a_night(world: World, company_id: UUID | None = None, **texts: str) -> Night:
    return create_night(
        world.session, world.actor(company_id=company_id), {**NIGHT, **texts}, **clients(world)
    )


def a_request(world: World, company_id: UUID | None = None, **texts: str) -> MemberRequest:
    """A request between persons that are there already."""
    actor = world.actor(company_id=company_id)
    return create_request(world.session, actor, {**REQUEST, **texts}, **clients(world))


def stale(world: World) -> dict[str, bool]:
    """Every member by user id, with whether the archetype is to be found anew."""
    scope_to(world.session, world.company_id)
    found = select(Person.identifier, Member.stale).join(Person, Person.id == Member.person_id)
    return {row.identifier: row.stale for row in world.session.execute(found)}


def detected(world: World) -> None:
    """Have every member's archetype found just now."""
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        for member in session.scalars(select(Member)):
            member.stale = False


def all_of(world: World, model: type[Any]) -> list[Any]:
    """The company's rows by identifier."""
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return list(world.session.scalars(select(model).order_by(model.identifier)))
