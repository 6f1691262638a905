"""Leads and activities for programs: every call, every refusal, one row a key."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import World
from tests.leads.records import a_lead, activities, scored
from tests.personas.test_catalog_api import Api, told

LEADS = "/api/leads"
LEAD: dict[str, Any] = {
    "lead_id": "l-1",
    "name": "Amrei Vogt",
    "email": "amrei@example.com",
    "source": "website",
    "value": 250000.5,
    "currency": "EUR",
    "owner": "editor@test.example",
    "created_at": "2026-11-01T11:00:00+01:00",
    "attributes": {"rooms": 3, "garden": True, "region": "North"},
}


@pytest.fixture
def api(world: World) -> Api:
    return Api(world, "leads")


def data(answer: Any, status: int = 200) -> Any:
    assert (answer.status_code, answer.json["success"]) == (status, True), answer.json
    return answer.json["data"]


def test_a_lead_is_created_read_changed_listed_and_deleted(api: Api) -> None:
    made = data(api("POST", LEADS, LEAD), 201)
    assert made == made | {
        **{name: value for name, value in LEAD.items() if name != "value"},
        "id": "l-1",
        "value": "250000.50",
        "stage": "NEW",
        "created_at": "2026-11-01T10:00:00Z",
        "stage_changed_at": "2026-11-01T10:00:00Z",
        "closed_at": None,
        "score": 0,
        "probability": None,
        "version": 1,
    }
    here = f"{LEADS}/l-1"
    assert data(api("GET", here)) == made
    body = {"stage": "WON", "attributes": {"garden": None}, "owner": None}
    changed = data(api("PUT", here, body))
    assert (changed["stage"], changed["owner"], changed["version"]) == ("WON", None, 2)
    assert changed["attributes"] == {"region": "North", "rooms": 3}
    assert changed["closed_at"] == changed["stage_changed_at"]
    assert told(api("PUT", here, {"name": "B", "version": 1})) == (409, "conflict")
    assert data(api("PUT", here, {"name": "B", "version": 2}))["name"] == "B"
    listed = data(api("GET", LEADS))
    assert ([one["name"] for one in listed["items"]], listed["next"]) == (["B"], None)
    assert data(api("DELETE", here)) == {"id": "l-1"}
    assert told(api("GET", here)) == told(api("GET", f"{LEADS}/a%00b")) == (404, "not_found")


def test_a_lead_that_is_closed_already_is_stored_as_such(api: Api) -> None:
    body = {"name": "Won", "stage": "WON", "created_at": "2026-01-01T00:00:00Z"}
    made = data(api("POST", LEADS, {**body, "closed_at": "2026-02-01T00:00:00Z"}), 201)
    assert made["id"]
    assert made["closed_at"] == made["stage_changed_at"] == "2026-02-01T00:00:00Z"
    made = data(api("POST", LEADS, {**body, "stage_changed_at": "2026-03-01T00:00:00Z"}), 201)
    assert made["closed_at"] == "2026-03-01T00:00:00Z"


def test_the_probability_is_told_in_percent(api: Api) -> None:
    a_lead(api.world)
    scored(api.world)
    found = data(api("GET", f"{LEADS}/l-1"))
    assert (found["score"], found["probability"]) == (42, 37.0)


REFUSED: list[tuple[dict[str, Any], tuple[int, str], str]] = [
    ({"lead_id": ""}, (400, "invalid"), "lead_id"),
    ({"lead_id": "a/b"}, (422, "invalid"), "lead_id"),
    ({"lead_id": "taken"}, (422, "taken"), "lead_id"),
    ({"name": None}, (400, "invalid"), "name"),
    ({"name": " "}, (400, "invalid"), "name"),
    ({"value": "much"}, (400, "invalid"), "value"),
    ({"value": True}, (400, "invalid"), "value"),
    ({"value": "1.234"}, (422, "invalid"), "value"),
    ({"currency": "Euro"}, (400, "invalid"), "currency"),
    ({"stage": "WAITING"}, (400, "invalid"), "stage"),
    ({"owner": "stranger@test.example"}, (422, "invalid"), "owner"),
    ({"created_at": "yesterday"}, (400, "invalid"), "created_at"),
    ({"created_at": 1_700_000_000}, (400, "invalid"), "created_at"),
    ({"closed_at": "2026-11-02T10:00:00Z"}, (422, "invalid"), "closed_at"),
    ({"attributes": {"score": 1}}, (422, "invalid"), "attributes.score"),
    ({"attributes": []}, (400, "invalid"), "attributes"),
    ({"score": 50}, (400, "invalid"), "score"),
]


def test_a_lead_that_cannot_be_saved_is_refused_by_its_field(api: Api) -> None:
    a_lead(api.world, lead_id="taken")
    for change, refusal, field in REFUSED:
        refused = api("POST", LEADS, LEAD | change)
        assert told(refused) == refusal, change
        assert set(refused.json["details"]) == {field}
    assert told(api("POST", LEADS, {"lead_id": "x"})) == (400, "invalid")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("lead_id", "l\n1", "one line"),
        ("lead_id", "l\u20281", "one line"),
        ("name", " ", "write something beside spaces"),
        ("currency", "E1R", "three letters"),
    ],
)
def test_what_does_not_fit_is_said_in_words(api: Api, name: str, value: str, said: str) -> None:
    answer = api("POST", LEADS, {**LEAD, name: value})
    assert answer.status_code == 400
    assert said in answer.json["details"][name]
    assert "pattern" not in answer.json["error"]


def test_many_are_saved_at_once_all_or_none(api: Api) -> None:
    a_lead(api.world)
    leads = [{"lead_id": "l-1", "stage": "CONTACTED"}, {"lead_id": "l-2", "name": "B"}, {"name": "C"}]
    answer = api("POST", f"{LEADS}/bulk", {"leads": leads})
    done = data(answer)
    assert (done["created"], done["updated"], done["unchanged"]) == (2, 1, 0)
    assert done["ids"][:2] == ["l-1", "l-2"]
    assert answer.json["message"] == "2 created, 1 updated, 0 unchanged."
    bad = [*leads, {"lead_id": "l-9"}]
    refused = api("POST", f"{LEADS}/bulk", {"leads": bad})
    assert (told(refused), set(refused.json["details"])) == ((422, "invalid"), {"leads.3.name"})
    assert len(data(api("GET", LEADS))["items"]) == 3
    assert told(api("POST", f"{LEADS}/bulk", {"leads": []})) == (400, "invalid")
    many = [{"lead_id": f"m-{number}", "name": "Many"} for number in range(1_001)]
    assert told(api("POST", f"{LEADS}/bulk", {"leads": many})) == (400, "invalid")
    assert data(api("POST", f"{LEADS}/bulk", {"leads": many[:1_000]}))["created"] == 1_000


def test_activities_are_recorded_alone_and_many_at_once_each_once(api: Api) -> None:
    lead = a_lead(api.world)
    here = f"{LEADS}/l-1/activities"
    one = data(api("POST", here, {"kind": "call", "at": "2026-11-02T08:00:00Z", "activity_id": "a-1"}), 201)
    assert one == one | {"id": "a-1", "lead_id": "l-1", "kind": "call", "at": "2026-11-02T08:00:00Z"}
    many = {"activities": [{"kind": "call", "activity_id": "a-1"}, {"kind": "meeting"}, {"kind": "tour"}]}
    done = data(api("POST", here, many), 201)
    assert (done["recorded"], [item["kind"] for item in done["items"]]) == (2, ["call", "meeting", "tour"])
    assert len(activities(api.world, lead.id)) == 3
    first = data(api("GET", f"{here}?limit=2"))
    rest = data(api("GET", f"{here}?limit=2&cursor={first['next']}"))
    assert {item["kind"] for item in first["items"]} == {"meeting", "tour"}
    assert ([item["id"] for item in rest["items"]], rest["next"]) == (["a-1"], None)
    for body in ({}, {"kind": ""}, {"kind": "call", **many}, {"activities": []}, {"kind": "call", "by": "x"}):
        assert told(api("POST", here, body)) == (400, "invalid"), body
    refused = api("POST", here, {"kind": "???"})
    assert (told(refused), set(refused.json["details"])) == ((422, "invalid"), {"kind"})


def test_B3_another_companys_lead_is_not_there(world: World) -> None:
    a_lead(world, world.other_id)
    ours = Api(world, "leads")
    here = f"{LEADS}/l-1"
    for path in (here, f"{here}/activities"):
        assert told(ours("GET", path)) == (404, "not_found")
    assert told(ours("PUT", here, {"name": "x"})) == told(ours("DELETE", here)) == (404, "not_found")
    assert told(ours("POST", f"{here}/activities", {"kind": "call"})) == (404, "not_found")
    assert data(ours("GET", LEADS))["items"] == []


def test_one_key_makes_one_row(api: Api) -> None:
    a_lead(api.world)
    here = f"{LEADS}/l-1/activities"
    for path, body in ((LEADS, {"name": "A"}), (here, {"kind": "call"})):
        first, again = (api("POST", path, body, Idempotency_Key=f"k{path}") for _ in range(2))
        assert (first.status_code, first.json) == (again.status_code, again.json)
    assert len(data(api("GET", LEADS))["items"]) == 2
    assert len(data(api("GET", here))["items"]) == 1


def test_scopes_decide_who_reads_and_writes(world: World) -> None:
    reader = Api(world, "leads:read")
    assert reader("GET", LEADS).status_code == 200
    assert told(reader("POST", LEADS, LEAD)) == (403, "forbidden")
    assert told(Api(world, "archetypes")("GET", LEADS)) == (403, "forbidden")
