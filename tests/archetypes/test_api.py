"""The calls: prices, outcomes, archetypes, overrides, who may."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.archetypes.making import add, ask, flexible, make_night, make_person, spender
from tests.conftest import World
from webapp.accounts.models import Company
from webapp.archetypes.models import Recommendation
from webapp.archetypes.recommending import replay
from webapp.archetypes.rule_state import place_of
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import scope_to, unit

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


def test_a_night_may_be_described_instead_of_named(world: World, call: Any) -> None:
    spender(world, "s")
    day = (world.clock.now() + timedelta(days=40)).date().isoformat()
    body = {"userId": "s", "basePrice": 100_000, "currency": "JPY", "checkinDate": day}
    answer = call("POST", CALL, body).json
    assert answer["currency"] == "JPY"
    assert all(isinstance(one["price"], int) for one in answer["options"])


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"userId": "nobody"}, 404, "userId"),
        ({"leaseNightId": "nowhere"}, 404, "leaseNightId"),
        ({"counterpartId": "nobody"}, 404, "counterpartId"),
        ({"swapNightId": "nowhere"}, 404, "swapNightId"),
        ({"swapNightId": "dollars"}, 422, "swapNightId"),
        ({"leaseNightId": "gone"}, 422, "checkinDate"),
        ({"leaseNightId": None}, 400, "basePrice"),
        ({"leaseNightId": None, "basePrice": 10, "currency": "EUR"}, 400, "checkinDate"),
        (
            {"leaseNightId": None, "basePrice": 0.001, "currency": "EUR", "checkinDate": "2030-01-01"},
            422,
            "basePrice",
        ),
        ({"leaseNightId": None, "basePrice": -5}, 400, "basePrice"),
        ({"leaseNightId": None, "currency": "euro"}, 400, "currency"),
        ({"userId": 7}, 400, "userId"),
        ({"basePrice": 10}, 422, "leaseNightId"),
        ({"counterpartId": "s"}, 422, "counterpartId"),
        ({"swapNightId": "n1"}, 422, "swapNightId"),
        ({"swapNightId": "gone"}, 422, "swapNightId"),
        ({"surprise": 1}, 400, "surprise"),
    ],
)
def test_what_cannot_be_done_names_its_field(
    world: World, call: Any, change: dict[str, Any], status: int, field: str
) -> None:
    spender(world, "s")
    make_night(world, "n1", 189_000)
    make_night(world, "dollars", 189_000, currency="USD")
    make_night(world, "gone", 189_000, days=-2)
    asked = {
        name: value
        for name, value in {"userId": "s", "leaseNightId": "n1", **change}.items()
        if value is not None
    }
    refused = call("POST", CALL, asked)
    assert refused.status_code == status
    assert field in refused.json["details"]
    world.actor()
    assert world.session.scalars(select(Recommendation)).all() == []


def test_days_are_counted_where_the_company_is(world: World, call: Any) -> None:
    spender(world, "s")
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        session.get_one(Company, world.company_id).timezone = "Pacific/Kiritimati"  # UTC+14
    now = world.clock.now()
    world.clock.shift(hours=12 - now.hour + 24, minutes=-now.minute)  # noon in UTC: two in the morning there
    day = world.clock.now().date() + timedelta(days=3)
    body = {"userId": "s", "basePrice": 10, "currency": "EUR", "checkinDate": day.isoformat()}
    assert call("POST", CALL, body).json["urgency"]["daysUntilCheckin"] == 2


def test_an_outcome_is_recorded_once(world: World, call: Any) -> None:
    spender(world, "s")
    make_night(world, "n1", 189_000)
    log = call("POST", CALL, {"userId": "s", "leaseNightId": "n1"}).json["logId"]
    outcome = {"selected": "crash", "decidedAfterSeconds": 12, "revenue": 719.5}
    told = call("POST", f"{CALL}/{log}/outcome", outcome)
    assert (told.status_code, told.json["selected"], told.json["revenue"]) == (200, "crash", 719.5)
    assert call("POST", f"{CALL}/{log}/outcome", outcome).status_code == 200
    other = call("POST", f"{CALL}/{log}/outcome", {**outcome, "selected": "swap"})
    assert (other.status_code, other.json["code"]) == (409, "conflict")
    nobodys = call("POST", f"{CALL}/{world.company_id}/outcome", outcome)
    assert nobodys.status_code == 404


def test_whoever_takes_nothing_brings_nothing(world: World, call: Any) -> None:
    spender(world, "s")
    make_night(world, "n1", 189_000)
    log = call("POST", CALL, {"userId": "s", "leaseNightId": "n1"}).json["logId"]
    told = call("POST", f"{CALL}/{log}/outcome", {"selected": "none"}).json
    assert (told["revenue"], told["followed"]) == (0, False)


def test_the_same_key_brings_the_same_bytes_and_one_log_row(world: World, call: Any) -> None:
    spender(world, "s")
    make_night(world, "n1", 189_000)
    asked = {"userId": "s", "leaseNightId": "n1"}
    first, again = (call("POST", CALL, asked, **{"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.data == again.data
    world.actor()
    assert len(world.session.scalars(select(Recommendation)).all()) == 1


def test_an_archetype_is_detected_once_and_then_read(world: World, call: Any) -> None:
    flexible(world, "f")
    first, again = (call("GET", "/api/user-archetype/f").json for _ in range(2))
    assert (first["type"], first["cached"], again["cached"]) == ("high_flexibility", False, True)
    assert first["label"] == "High flexibility"
    assert first["signals"]["flexibility_score"] == 1
    assert first["reasoning"][-1].startswith("That speaks for a highly flexible member")
    world.clock.shift(hours=25)
    assert call("GET", "/api/user-archetype/f").json["cached"] is False


def test_a_new_member_gets_a_graceful_default(world: World, call: Any) -> None:
    make_person(world, "new")
    told = call("GET", "/api/user-archetype/new").json
    assert (told["type"], told["isNewMember"]) == ("average_user", True)
    assert told["confidence"] < 0.34
    assert told["reasoning"] == [
        "No transaction so far: a new member counts as an average user until there are 3."
    ]
    body = {"userId": "new", "basePrice": 10, "currency": "EUR", "checkinDate": "2030-01-01"}
    _, user = not_held_out(world, make_person)
    far = {**body, "userId": user}
    assert call("POST", CALL, far).json["primaryRecommendation"] == "crash"
    assert call("GET", "/api/user-archetype/nobody").status_code == 404


def test_what_a_token_may_do_follows_its_scope(world: World, call: Any) -> None:
    spender(world, "s")
    make_night(world, "n1", 189_000)
    asked, path = {"userId": "s", "leaseNightId": "n1"}, "/api/user-archetype/s"
    reading = ("archetypes:read",)
    assert call("GET", path, scopes=reading).status_code == 200
    assert call("POST", CALL, asked, scopes=reading).status_code == 403
    assert call("POST", path, scopes=reading).status_code == 403
    assert call("PUT", path, {"archetype": "average_user", "reason": "x"}, scopes=reading).status_code == 403
    assert call("GET", path, scopes=("lessons",)).status_code == 403
    assert world.client(None).post(CALL, json=asked).status_code == 401


def test_another_companys_members_and_nights_are_not_known(world: World, call: Any) -> None:
    spender(world, "s")
    make_night(world, "n1", 189_000)
    browser = world.client(None)
    token = {"Authorization": f"Bearer {world.token('archetypes', company_id=world.other_id)}"}
    asked = {"userId": "s", "leaseNightId": "n1"}
    assert browser.post(CALL, json=asked, headers=token).status_code == 404
    assert browser.get("/api/user-archetype/s", headers=token).status_code == 404


def test_a_recalculation_by_call_is_audited_and_sees_new_requests(world: World, call: Any) -> None:
    person = make_person(world, "s")
    assert call("GET", "/api/user-archetype/s").json["isNewMember"] is True
    add(world, [ask(world, n, person, offered_minor=122_000) for n in range(12)])
    assert call("POST", "/api/user-archetype/s").json["type"] == "big_spender"
    world.actor()
    actions = world.session.scalars(select(AuditEntry.action)).all()
    assert AuditAction.ARCHETYPE_RECALCULATED in actions


def test_a_held_out_member_gets_the_default_of_everybody_and_the_answer_says_so(
    world: World, call: Any
) -> None:
    number = 0
    while place_of(person := make_person(world, f"h{number}")) >= 0.05:
        number += 1
    add(world, [ask(world, n, person, offered_minor=122_000) for n in range(12)])
    make_night(world, "n1", 189_000)
    answer = call("POST", CALL, {"userId": f"h{number}", "leaseNightId": "n1"}).json
    assert (answer["heldOut"], answer["rule"], answer["primaryRecommendation"]) == (True, 5, "crash")
    assert answer["userArchetype"]["type"] == "big_spender"
    override = {"archetype": "big_spender", "reason": "she asked"}
    assert call("PUT", f"/api/user-archetype/h{number}", override).status_code == 200
    answer = call("POST", CALL, {"userId": f"h{number}", "leaseNightId": "n1"}).json
    assert (answer["heldOut"], answer["primaryRecommendation"]) == (False, "buyout")


def test_overriding_and_reverting_tell_of_a_member_who_was_never_detected(world: World, call: Any) -> None:
    flexible(world, "f")
    told = call("PUT", "/api/user-archetype/f", {"archetype": "big_spender", "reason": "she asked"}).json
    assert (told["type"], told["detectedType"], told["isNewMember"]) == (
        "big_spender",
        "high_flexibility",
        False,
    )
    assert call("DELETE", "/api/user-archetype/f").json["type"] == "high_flexibility"


@pytest.mark.parametrize(
    ("until", "status"),
    [
        ("9999-12-31T23:59:59Z", 422),
        ("9999-12-31T23:59:59-23:59", 422),
        ("2001-01-01T00:00:00Z", 422),
        ("2026-12-01", 400),
        (1_800_000_000, 400),
    ],
)
def test_an_override_ends_at_a_moment_that_can_be(
    world: World, call: Any, until: object, status: int
) -> None:
    spender(world, "s")
    body = {"archetype": "average_user", "reason": "x", "expiresAt": until}
    refused = call("PUT", "/api/user-archetype/s", body)
    assert (refused.status_code, list(refused.json["details"])) == (status, ["expiresAt"])


def test_a_moment_without_a_zone_is_the_companys(world: World, call: Any) -> None:
    spender(world, "s")
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        session.get_one(Company, world.company_id).timezone = "Europe/Berlin"
    day = (world.clock.now() + timedelta(days=40)).strftime("%Y-%m-%dT12:00:00")
    told = call(
        "PUT", "/api/user-archetype/s", {"archetype": "average_user", "reason": "x", "expiresAt": day}
    ).json
    assert told["expiresAt"][11:13] in {"10", "11"}
    assert told["overrideBy"].endswith("(API token)")


def test_whoever_takes_nothing_cannot_have_paid(world: World, call: Any) -> None:
    spender(world, "s")
    make_night(world, "n1", 189_000)
    log = call("POST", CALL, {"userId": "s", "leaseNightId": "n1"}).json["logId"]
    refused = call("POST", f"{CALL}/{log}/outcome", {"selected": "none", "revenue": 500})
    assert (refused.status_code, list(refused.json["details"])) == (422, ["revenue"])


@pytest.mark.thorough
def test_a_currency_that_nobody_uses_and_a_night_too_far_are_refused(world: World, call: Any) -> None:
    spender(world, "s")
    day = (world.clock.now() + timedelta(days=40)).date().isoformat()
    for change, field in (({"currency": "ZZZ"}, "currency"), ({"checkinDate": "9999-12-31"}, "checkinDate")):
        body = {"userId": "s", "basePrice": 10, "currency": "EUR", "checkinDate": day, **change}
        refused = call("POST", CALL, body)
        assert (refused.status_code, list(refused.json["details"])) == (422, [field])
