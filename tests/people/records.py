"""Persons and surveys for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.conftest import World
from webapp.core.db import scope_to
from webapp.people.models import Person, Survey
from webapp.people.persons import PERSONS
from webapp.people.surveys import find_survey, save_survey

ANSWERS = {"motivation": "To help my clients", "fears": "Hurting someone"}


def clients(world: World) -> dict[str, Any]:
    return {"clock": world.clock, "auditor": world.services.auditor}


def make(world: World, identifier: str = "u-1", company_id: UUID | None = None, **texts: str) -> Person:
    given = {"name": "Marta Lindqvist", "email": "marta@x.example", **texts, "identifier": identifier}
    return PERSONS.create(world.session, world.actor(company_id=company_id), given, **clients(world))


def answer(world: World, person: Person, answers: dict[str, str] | None = None, version: int = 0) -> Survey:
    actor = world.actor(company_id=person.company_id)
    said = ANSWERS if answers is None else answers
    return save_survey(world.session, actor, person.id, said, version, **clients(world))


def said(world: World, person_id: UUID) -> Survey | None:
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return find_survey(world.session, person_id)
