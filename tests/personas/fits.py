"""Products, personas and contacts that the tests of fits, analyses and exports share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import World
from webapp.core.db import scope_to
from webapp.personas.contacts import CONTACTS
from webapp.personas.products import PRODUCTS
from webapp.personas.saving import Saver

SHELF = {
    "name": "ShelfSense",
    "description": "Weighs each shelf and reorders consumables before they run out. One delivery a week.",
    "value_proposition": "No more runs to the pharmacy and fewer expired packs.",
    "target_market": "Practice owners with 5 to 60 therapists",
    "price_note": "From €39 per site and month",
}
COURSE = {
    "name": "Hands-On Campus",
    "description": "Certified training for therapy teams, half of it online.",
    "value_proposition": "Training that counts towards certification.",
}
OWNER = {
    "personName": "The two-site practice owner",
    "title": "Practice owner",
    "coreGoal": "Open the second site",
    "painPoints": ["Stock lists exist and nobody keeps them", "Expired packs are thrown away"],
    "needForOurProduct": "Supplies that are simply there",
    "industry": "Healthcare",
    "companySize": "11–50 people",
}
KATRIN = {
    "name": "Katrin Voß",
    "email": "k.voss@praxis-elbufer.example",
    "title": "Practice owner",
    "company": "Praxis am Elbufer",
    "industry": "Physiotherapy",
    "headcount": "14",
    "location": "Hamburg, Germany",
    "notes": "Two sites since spring. Struggles with stock lists that nobody keeps. "
    "Wants to stop driving to the wholesaler on Saturdays.",
}
PLANTED = "<script>alert(1)</script><b hx-get='/x'>javascript:x</b>"


class Api:
    """A program with a token."""

    def __init__(self, world: World, *scopes: str, company_id: UUID | None = None) -> None:
        self.world = world
        self.client: FlaskClient = world.client(None)
        self.token = world.token(*scopes, company_id=company_id)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {self.token}"} | sent
        return self.client.open(path, method=method, json=body, headers=sent)


@dataclass(frozen=True)
class Made:
    """What was made, by its id: rows of a session do not outlive its work."""

    id: UUID


def clients(world: World) -> dict[str, Any]:
    return {"clock": world.clock, "auditor": world.services.auditor}


def product(world: World, company_id: UUID | None = None, **texts: str) -> Made:
    who = world.actor(company_id=company_id)
    return Made(PRODUCTS.create(world.session, who, {**SHELF, **texts}, **clients(world)).id)


def contact(world: World, company_id: UUID | None = None, **texts: str) -> Made:
    who = world.actor(company_id=company_id)
    return Made(CONTACTS.create(world.session, who, {**KATRIN, **texts}, **clients(world)).id)


def persona(world: World, company_id: UUID | None = None, **fields: Any) -> Made:
    saver = Saver(world.clock, world.services.auditor)
    who = world.actor(company_id=company_id)
    return Made(saver.create(world.session, who, {**OWNER, **fields}).id)


def confined(world: World) -> Any:
    """The test's session in the first company, with a fresh view."""
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return world.session
