"""Items, offers, blocks, customers and what they did, for tests."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tests.conftest import World
from webapp.core.db import scope_to, unit
from webapp.customers.lists import BLOCKS, ITEMS, OFFERS
from webapp.customers.models import CatalogItem, ContentBlock, CustomerSettings, Event, Offer
from webapp.people.models import Person

ITEM = {
    "product_id": "p-1",
    "title": "Trail shoe",
    "category": "Shoes",
    "price": "89.9",
    "currency": "EUR",
    "available": "true",
}
OFFER = {"offer_id": "o-1", "title": "Ten off", "body": "Only this week", "audience": "", "cap": ""}
BLOCK = {"name": "Welcome", "slot": "hero", "body": "Hello {{first_name}}", "active": "true"}


def clients(world: World) -> dict[str, Any]:
    return {"clock": world.clock, "auditor": world.services.auditor}


def an_item(world: World, company_id: UUID | None = None, **texts: str) -> CatalogItem:
    actor = world.actor(company_id=company_id)
    return ITEMS.create(world.session, actor, {**ITEM, **texts}, **clients(world))


def an_offer(world: World, company_id: UUID | None = None, **texts: str) -> Offer:
    actor = world.actor(company_id=company_id)
    return OFFERS.create(world.session, actor, {**OFFER, **texts}, **clients(world))


def a_block(world: World, company_id: UUID | None = None, **texts: Any) -> ContentBlock:
    actor = world.actor(company_id=company_id)
    fallbacks = json.dumps(texts.pop("fallbacks", {}))
    return BLOCKS.create(world.session, actor, {**BLOCK, **texts, "fallbacks": fallbacks}, **clients(world))


def a_person(world: World, identifier: str = "ann", company_id: UUID | None = None, **texts: str) -> UUID:
    """The id of a person of this user id."""
    scope_to(world.session, company_id or world.company_id)
    now = world.clock.now()
    with unit(world.session) as session:
        person = Person(identifier=identifier, created_at=now, updated_at=now, **texts)
        session.add(person)
        session.flush()
        return person.id


def did(world: World, person_id: UUID, *deeds: tuple[str, str | None, float], **columns: Any) -> None:
    """Have the person do things: kind, item, days ago."""
    scope_to(world.session, columns.pop("company_id", world.company_id))
    now = world.clock.now()
    with unit(world.session) as session:
        for number, (kind, item, days) in enumerate(deeds):
            at = now - timedelta(days=days)
            name = f"{person_id}-{kind}-{item}-{days}-{number}"
            event = Event(
                identifier=name, person_id=person_id, kind=kind, at=at, item=item, received_at=now, **columns
            )
            session.add(event)


def switch_off(world: World, *features: str) -> None:
    """Have the company switch features off."""
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        session.add(CustomerSettings(off=list(features), updated_at=world.clock.now()))


def moment(at: datetime) -> str:
    return at.isoformat()


def all_of(world: World, model: type[Any]) -> list[Any]:
    """The company's rows in the order they were made."""
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return list(world.session.scalars(select(model).order_by(model.id)))
