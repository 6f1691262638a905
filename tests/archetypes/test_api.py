"""The calls: prices, outcomes, archetypes, overrides, who may."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from tests.archetypes.making import make_night, spender
from tests.conftest import World
from webapp.archetypes.models import Recommendation
from webapp.archetypes.recommending import replay
from webapp.archetypes.rule_state import place_of

CALL = "/api/transaction-recommendations"


@pytest.fixture
def call(world: World) -> Any:
    """Call the API with a token of these scopes."""
    browser = world.client(None)

    def one(
        method: str, path: str, body: object = None, scopes: tuple[str, ...] = ("archetypes",), **headers: str
    ) -> Any:
        token = {"Authorization": f"Bearer {world.token(*scopes)}", **headers}
        return browser.open(path, method=method, json=body, headers=token)

    return one


def not_held_out(world: World, make: Any) -> Any:
    """A member outside the hold-out, whatever id they got."""
    for number in range(20):
        person = make(world, f"m{number}")
        if place_of(person) >= 0.05:
            return person, f"m{number}"
    raise AssertionError("the hash holds everybody out")


def test_a_big_spender_five_days_before_is_offered_the_buyout_of_the_requirements(
    world: World, call: Any
) -> None:
    _, user = not_held_out(world, spender)
    make_night(world, "n1", 189_000, days=5)
    answer = call("POST", CALL, {"userId": user, "leaseNightId": "n1"}).json
    best = answer["options"][0]
    assert answer["primaryRecommendation"] == best["type"] == "buyout"
    assert (best["price"], best["platformFee"], best["totalCost"]) == (2835, 43, 2878)
    assert answer["userArchetype"]["type"] == "big_spender"
    assert answer["urgency"]["level"] == "high"
    assert len(answer["options"]) == 3


def test_every_answer_is_logged_and_made_again_to_the_byte(world: World, call: Any) -> None:
    spender(world, "s")
    make_night(world, "n1", 189_000, days=5, demand_ppm=1_080_000)
    raw = call("POST", CALL, {"userId": "s", "leaseNightId": "n1"}).data
    world.actor()
    row = world.session.scalars(select(Recommendation)).one()
    assert json.loads(raw)["logId"] == str(row.id)
    assert replay(world.session, row.id)[1:] == (raw, True)
