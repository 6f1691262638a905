"""Calls of the personalization service for tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.conftest import World
from webapp.core.db import Model, Tenant, scope_to
from webapp.customers.models import Consent, Preference
from webapp.people.models import Person

PREFERENCES = "/api/v1/preferences"


class Caller:
    """A program with a token of the first company."""

    def __init__(self, world: World, *scopes: str, token: str | None = None) -> None:
        self.world = world
        self.secret = token or world.token(*(scopes or ("customers",)))
        self.client = world.client(None)

    def call(self, method: str, path: str, **given: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.secret}", **given.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **given)

    def get(self, user_id: str, **given: Any) -> TestResponse:
        return self.call("GET", f"{PREFERENCES}/{user_id}", **given)

    def put(self, user_id: str, body: Any, tag: str | None = None, **given: Any) -> TestResponse:
        headers = {"If-Match": tag} if tag else {}
        return self.call("PUT", f"{PREFERENCES}/{user_id}", json=body, headers=headers, **given)

    def reset(self, user_id: str, tag: str | None = None) -> TestResponse:
        headers = {"If-Match": tag} if tag else {}
        return self.call("POST", f"{PREFERENCES}/{user_id}/reset", headers=headers)

    def consents(self, user_id: str, **query: Any) -> list[dict[str, Any]]:
        answer = self.call("GET", f"{PREFERENCES}/{user_id}/consents", query_string=query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return list(answer.get_json()["items"])


def fresh(world: World) -> None:
    scope_to(world.session, world.company_id)
    world.session.expire_all()


def row_of(world: World, user_id: str) -> Preference | None:
    fresh(world)
    named = select(Preference).join(Person, Person.id == Preference.person_id)
    return world.session.scalar(named.where(Person.identifier == user_id))


def consents_of(world: World, user_id: str) -> list[tuple[str, bool, str, str]]:
    """Purpose, granted, by and wording of each, the oldest first."""
    fresh(world)
    named = select(Consent).join(Person, Person.id == Consent.person_id).where(Person.identifier == user_id)
    rows = world.session.scalars(named.order_by(Consent.at, Consent.id))
    return [(row.purpose.value, row.granted, row.by, row.wording) for row in rows]


def every_count(world: World) -> dict[str, int]:
    """How many rows each table of the company has."""
    fresh(world)
    models = [mapper.class_ for mapper in Model.registry.mappers if issubclass(mapper.class_, Tenant)]
    return {
        model.__tablename__: world.session.scalar(select(func.count()).select_from(model)) or 0
        for model in models
    }
