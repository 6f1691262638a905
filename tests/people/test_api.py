"""Persons and surveys for programs: every call, every refusal, one row a key."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import World
from tests.people.records import answer, make
from tests.personas.test_catalog_api import Api, at_once, told

PERSON = {"user_id": "u-1", "name": "Marta Lindqvist", "email": "marta@x.example"}
PATH = "/api/persons"


@pytest.fixture
def api(world: World) -> Api:
    return Api(world)


def test_a_person_is_created_read_changed_listed_and_deleted(api: Api) -> None:
    made = api("POST", PATH, PERSON)
    assert made.status_code == 201
    assert made.json == made.json | PERSON | {"id": "u-1", "version": 1, "language": ""}
    assert made.json["companyHQId"] == str(api.world.company_id)
    here = f"{PATH}/u-1"
    assert api("GET", here).json == made.json
    changed = api("PUT", here, {"name": "New", "language": "de", "version": 1}).json
    assert (changed["name"], changed["email"], changed["user_id"], changed["version"]) == (
        "New",
        "",
        "u-1",
        2,
    )
    assert api("GET", PATH).json == {"items": [changed], "next": None}
    assert told(api("PUT", here, {"name": "Late", "version": 1})) == (409, "conflict")
    assert api("DELETE", here).status_code == 204
    assert told(api("GET", here)) == told(api("GET", f"{PATH}/a%00b")) == (404, "not_found")


def test_a_survey_is_read_and_saved_at_its_version(api: Api) -> None:
    api("POST", PATH, PERSON)
    here = f"{PATH}/u-1/survey"
    assert api("GET", here).json == {"user_id": "u-1", "answers": {}, "version": 0, "updated_at": None}
    answers = {"fears": "Hurting someone", "Shoe size": "41", "empty": " "}
    saved = api("PUT", here, {"answers": answers, "version": 0}).json
    assert (saved["answers"], saved["version"]) == ({"fears": "Hurting someone", "Shoe size": "41"}, 1)
    assert told(api("PUT", here, {"answers": {}, "version": 0})) == (409, "conflict")
    assert api("PUT", here, {"answers": {}, "version": 1}).json["answers"] == {}
    assert told(api("PUT", f"{PATH}/nobody/survey", {"answers": {}, "version": 0})) == (404, "not_found")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"user_id": ""}, (400, "invalid")),
        ({"user_id": 7}, (400, "invalid")),
        ({"user_id": "  "}, (400, "invalid")),
        ({"name": "a\0b"}, (400, "invalid")),
        ({"unknown": 1}, (400, "invalid")),
        ({"email": "nobody"}, (422, "invalid")),
        ({"timezone": "Nowhere"}, (422, "invalid")),
        ({"user_id": "taken"}, (422, "taken")),
    ],
)
def test_what_cannot_be_saved_is_refused_by_its_field(
    api: Api, change: dict[str, Any], refusal: tuple[int, str]
) -> None:
    make(api.world, "taken")
    refused = api("POST", PATH, PERSON | change)
    assert told(refused) == refusal
    names = {"user_id", "identifier"} if "user_id" in change else set(change)
    assert set(refused.json["details"]) <= names


@pytest.mark.parametrize(
    "body",
    [
        {"answers": {"q" * 81: "x"}, "version": 0},
        {"answers": {"fears": "x" * 100_001}, "version": 0},
        {"answers": {f"q{number}": "x" for number in range(61)}, "version": 0},
        {"answers": {"fears": 3}, "version": 0},
        {"answers": {"fears": "a\0"}, "version": 0},
        {"answers": {}},
        {"answers": {}, "version": -1},
    ],
)
def test_a_survey_that_cannot_be_read_is_400(api: Api, body: dict[str, Any]) -> None:
    make(api.world)
    assert told(api("PUT", f"{PATH}/u-1/survey", body)) == (400, "invalid")


def test_B3_another_companys_persons_are_not_there(world: World) -> None:
    theirs = make(world, company_id=world.other_id)
    answer(world, theirs)
    ours = Api(world)
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "", {"version": 1}),
        ("DELETE", "", None),
        ("GET", "/survey", None),
        ("PUT", "/survey", {"answers": {}, "version": 1}),
    ):
        assert told(ours(method, f"{PATH}/u-1{path}", body)) == (404, "not_found")
    assert ours("GET", PATH).json["items"] == []


def test_scopes_decide_who_reads_and_writes(world: World) -> None:
    reader = Api(world, "lessons:read")
    assert reader("GET", PATH).status_code == 200
    assert told(reader("POST", PATH, PERSON)) == (403, "forbidden")
    assert told(Api(world, "personas")("GET", PATH)) == (403, "forbidden")


def test_one_key_makes_one_person(api: Api) -> None:
    first, again = (api("POST", PATH, PERSON, Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, first.json) == (again.status_code, again.json)


def test_J5_of_many_posts_of_one_person_at_once_one_is_made(api: Api) -> None:
    answers = at_once(api, 8, lambda caller: caller("POST", PATH, PERSON))
    assert sorted(one.status_code for one in answers) == [201, *[422] * 7]
