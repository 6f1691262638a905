"""Nights and requests for programs: every call, every refusal, exact amounts, one row a key."""

from __future__ import annotations

from typing import Any

import pytest

from tests.archetypes.records import a_night, a_request, detected, persons, stale
from tests.conftest import World
from tests.personas.test_catalog_api import Api, told

NIGHT = {
    "night_id": "n-1",
    "date": "2026-12-24",
    "base_price": "1890",
    "currency": "EUR",
    "market_demand": 1.08,
}
REQUEST: dict[str, Any] = {
    "request_id": "r-1",
    "requester": "ann",
    "responder": "bo",
    "kind": "buyout",
    "created_at": "2026-11-01T10:00:00Z",
    "days_until_checkin": 5,
    "base_price": 1890,
    "offered_price": "2268.5",
    "currency": "EUR",
    "status": "accepted",
    "responded_at": "2026-11-01T11:30:00+01:00",
}
NIGHTS, REQUESTS = "/api/nights", "/api/requests"


@pytest.fixture
def api(world: World) -> Api:
    return Api(world, "archetypes")


def test_a_night_is_created_read_changed_listed_and_deleted(api: Api) -> None:
    made = api("POST", NIGHTS, NIGHT)
    assert made.status_code == 201
    assert made.json == made.json | {
        "id": "n-1",
        "base_price": "1890.00",
        "market_demand": "1.08",
        "version": 1,
    }
    here = f"{NIGHTS}/n-1"
    assert api("GET", here).json == made.json
    body = {name: value for name, value in NIGHT.items() if name not in {"night_id", "market_demand"}}
    changed = api("PUT", here, {**body, "base_price": 1900.5, "version": 1}).json
    assert (changed["base_price"], changed["market_demand"], changed["version"]) == ("1900.50", None, 2)
    assert told(api("PUT", here, {**body, "base_price": "1", "version": 1})) == (409, "conflict")
    assert api("GET", NIGHTS).json == {"items": [changed], "next": None}
    assert api("DELETE", here).status_code == 204
    assert told(api("GET", here)) == told(api("GET", f"{NIGHTS}/a%00b")) == (404, "not_found")


NIGHT_REFUSED: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"night_id": ""}, (400, "invalid")),
    ({"night_id": "a/b"}, (422, "invalid")),
    ({"night_id": "taken"}, (422, "taken")),
    ({"date": "24.12.2026"}, (400, "invalid")),
    ({"date": 20261224}, (400, "invalid")),
    ({"base_price": "much"}, (400, "invalid")),
    ({"base_price": -1}, (400, "invalid")),
    ({"base_price": True}, (400, "invalid")),
    ({"base_price": 0}, (422, "invalid")),
    ({"base_price": "1.234"}, (422, "invalid")),
    ({"currency": "Euro"}, (400, "invalid")),
    ({"market_demand": 0}, (400, "invalid")),
    ({"market_demand": 10.1}, (400, "invalid")),
    ({"unknown": 1}, (400, "invalid")),
]


def test_a_night_that_cannot_be_saved_is_refused_by_its_field(api: Api) -> None:
    a_night(api.world, night_id="taken")
    for change, refusal in NIGHT_REFUSED:
        refused = api("POST", NIGHTS, NIGHT | change)
        assert told(refused) == refusal, change
        assert set(refused.json["details"]) == set(change)


def test_amounts_have_the_decimals_of_their_currency(api: Api) -> None:
    for currency, price, told_price in (("JPY", 250_000, "250000"), ("KWD", "420.125", "420.125")):
        made = api("POST", NIGHTS, {**NIGHT, "night_id": currency, "currency": currency, "base_price": price})
        assert made.json["base_price"] == told_price


def test_a_request_is_created_read_changed_listed_and_deleted(api: Api) -> None:
    persons(api.world, "ann", "bo")
    a_night(api.world)
    made = api("POST", REQUESTS, {**REQUEST, "night_id": "n-1"})
    assert made.status_code == 201
    assert made.json == made.json | {
        "id": "r-1",
        "night_id": "n-1",
        "offered_price": "2268.50",
        "responded_at": "2026-11-01T10:30:00Z",
        "decline_reason": None,
        "version": 1,
    }
    assert stale(api.world) == {"ann": True, "bo": True}
    detected(api.world)
    here = f"{REQUESTS}/r-1"
    assert api("GET", here).json == made.json
    body = {name: value for name, value in REQUEST.items() if name != "request_id"}
    declined = {**body, "status": "declined", "decline_reason": "price", "version": 1}
    changed = api("PUT", here, declined).json
    assert (changed["decline_reason"], changed["night_id"], changed["version"]) == ("price", None, 2)
    assert stale(api.world) == {"ann": True, "bo": True}
    assert told(api("PUT", here, {**body, "version": 1})) == (409, "conflict")
    assert api("GET", REQUESTS).json == {"items": [changed], "next": None}
    assert api("DELETE", here).status_code == 204
    assert told(api("GET", here)) == (404, "not_found")


REQUEST_REFUSED: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"request_id": "taken"}, (422, "taken")),
    ({"requester": "nobody"}, (422, "invalid")),
    ({"responder": "ann"}, (422, "invalid")),
    ({"night_id": "n-9"}, (422, "invalid")),
    ({"kind": "gift"}, (400, "invalid")),
    ({"created_at": "yesterday"}, (400, "invalid")),
    ({"created_at": 1_700_000_000}, (400, "invalid")),
    ({"days_until_checkin": 3_651}, (400, "invalid")),
    ({"days_until_checkin": "5"}, (400, "invalid")),
    ({"offered_price": "0.001"}, (422, "invalid")),
    ({"status": "done"}, (400, "invalid")),
    ({"decline_reason": "price"}, (422, "invalid")),
    ({"responded_at": "2026-11-01T09:00:00Z"}, (422, "invalid")),
]


def test_a_request_that_cannot_be_saved_is_refused_by_its_field(api: Api) -> None:
    persons(api.world, "ann", "bo")
    a_request(api.world, request_id="taken")
    for change, refusal in REQUEST_REFUSED:
        refused = api("POST", REQUESTS, REQUEST | change)
        assert told(refused) == refusal, change
        assert set(refused.json["details"]) == set(change)


def test_lists_are_paged_by_cursor(api: Api) -> None:
    persons(api.world, "ann", "bo")
    for number in range(3):
        a_request(api.world, request_id=f"r-{number}")
    first = api("GET", f"{REQUESTS}?limit=2").json
    rest = api("GET", f"{REQUESTS}?limit=2&cursor={first['next']}").json
    assert [one["id"] for one in (*first["items"], *rest["items"])] == ["r-0", "r-1", "r-2"]
    assert rest["next"] is None
    assert told(api("GET", f"{NIGHTS}?cursor={first['next']}")) == (400, "bad_cursor")


def test_B3_another_companys_records_are_not_there(world: World) -> None:
    persons(world, "ann", "bo", company_id=world.other_id)
    a_night(world, world.other_id)
    a_request(world, world.other_id)
    ours = Api(world, "archetypes")
    night = {name: value for name, value in NIGHT.items() if name != "night_id"}
    request = {name: value for name, value in REQUEST.items() if name != "request_id"}
    for path, body in ((f"{NIGHTS}/n-1", night), (f"{REQUESTS}/r-1", request)):
        assert told(ours("GET", path)) == told(ours("DELETE", path)) == (404, "not_found")
        assert told(ours("PUT", path, {**body, "version": 1})) == (404, "not_found")
    assert ours("GET", NIGHTS).json["items"] == ours("GET", REQUESTS).json["items"] == []


def test_one_key_makes_one_row(api: Api) -> None:
    persons(api.world, "ann", "bo")
    for path, body in ((NIGHTS, NIGHT), (REQUESTS, REQUEST)):
        first, again = (api("POST", path, body, Idempotency_Key=f"k{path}") for _ in range(2))
        assert (first.status_code, first.json) == (again.status_code, again.json)
        assert len(api("GET", path).json["items"]) == 1


def test_scopes_decide_who_reads_and_writes(world: World) -> None:
    reader = Api(world, "archetypes:read")
    assert reader("GET", NIGHTS).status_code == reader("GET", REQUESTS).status_code == 200
    for path, body in ((NIGHTS, NIGHT), (REQUESTS, REQUEST)):
        assert told(reader("POST", path, body)) == (403, "forbidden")
        assert told(Api(world, "lessons")("GET", path)) == (403, "forbidden")
