"""Members with histories, nights and requests, made quickly for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tests.conftest import World
from webapp.archetypes.facts import RequestStatus, Way
from webapp.archetypes.models import Member, MemberRequest, Night
from webapp.archetypes.rule_state import place_of
from webapp.core.db import scope_to, unit
from webapp.people.models import Person


def make_person(world: World, user_id: str) -> UUID:
    """A person of the first company."""
    scope_to(world.session, world.company_id)
    now = world.clock.now()
    with unit(world.session) as session:
        person = Person(identifier=user_id, name=user_id.title(), created_at=now, updated_at=now)
        session.add(person)
    return person.id


def make_night(world: World, night_id: str, base_minor: int, days: int = 5, **more: Any) -> Night:
    """A night so many days from today (UTC)."""
    scope_to(world.session, world.company_id)
    now = world.clock.now()
    with unit(world.session) as session:
        night = Night(
            identifier=night_id,
            date=(now + timedelta(days=days)).date(),
            base_minor=base_minor,
            currency=more.pop("currency", "EUR"),
            created_at=now,
            updated_at=now,
            **more,
        )
        session.add(night)
    return night


def ask(
    world: World, number: int, requester: UUID, responder: UUID | None = None, **more: Any
) -> MemberRequest:
    """A request: an accepted buyout at the base price a day ago, unless told otherwise. Not yet added."""
    now = world.clock.now()
    asked = more.pop("asked_at", now - timedelta(days=1, minutes=number))
    values: dict[str, Any] = {
        "identifier": f"r{number}",
        "requester_id": requester,
        "responder_id": responder,
        "kind": Way.BUYOUT,
        "asked_at": asked,
        "days_until_checkin": 10,
        "base_minor": 100_000,
        "offered_minor": 100_000,
        "currency": "EUR",
        "status": RequestStatus.ACCEPTED,
        "created_at": now,
        "updated_at": now,
        **more,
    }
    values.setdefault("paid_ppm", round(values["offered_minor"] * 1_000_000 / values["base_minor"]))
    if values["status"] in {RequestStatus.ACCEPTED, RequestStatus.DECLINED}:
        values.setdefault("answer_seconds", 1800)
        values.setdefault("answered_at", asked + timedelta(seconds=values["answer_seconds"]))
    return MemberRequest(**values)


def spender(world: World, user_id: str = "spender", requests: int = 12) -> UUID:
    """A member who pays 122 % of the base price and is never asked."""
    person = make_person(world, user_id)
    made = [
        ask(world, number, person, identifier=f"{user_id}-{number}", offered_minor=122_000)
        for number in range(requests)
    ]
    add(world, made)
    return person


def flexible(world: World, user_id: str = "flexible", requests: int = 12) -> UUID:
    """A member who swaps, and says yes to whoever asks."""
    person, other = make_person(world, user_id), make_person(world, f"{user_id}-other")
    swap = {"kind": Way.SWAP, "offered_minor": 0}
    made = [
        ask(
            world,
            number,
            *((person, None) if number % 3 == 0 else (other, person)),
            identifier=f"{user_id}-{number}",
            **swap,
        )
        for number in range(requests)
    ]
    add(world, made)
    return person


def add(world: World, requests: list[MemberRequest]) -> None:
    """Save the requests."""
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        session.add_all(requests)


def member(world: World, person_id: UUID) -> Member:
    """The person's row as a member."""
    scope_to(world.session, world.company_id)
    return world.session.scalars(select(Member).where(Member.person_id == person_id)).one()


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def not_held_out(world: World, make: Any) -> Any:
    """A member outside the hold-out, whatever id they got."""
    for number in range(20):
        person = make(world, f"m{number}")
        if place_of(person) >= 0.05:
            return person, f"m{number}"
    raise AssertionError("the hash holds everybody out")
