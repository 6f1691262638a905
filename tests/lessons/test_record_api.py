"""Courses, lessons and templates for programs: every call, every refusal, one row a key."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import World
from tests.lessons.records import TEMPLATE, a_course, a_lesson
from tests.personas.test_catalog_api import Api, told

COURSE = {"key": "massage", "name": "Neck massage", "voice": "Warm", "lengths": {"summary": [10, 20]}}
LESSON = {"lesson_number": 3, "title": "Neck and collar", "description": "Five strokes"}


@pytest.fixture
def api(world: World) -> Api:
    return Api(world)


def test_a_course_is_created_read_changed_listed_and_deleted(api: Api) -> None:
    made = api("POST", "/api/courses", COURSE)
    assert made.status_code == 201
    assert (made.json["lengths"]["summary"], made.json["lengths"]["homework"]) == ([10, 20], [20, 80])
    assert (made.json["serve_unreviewed"], made.json["language"]) == (True, "en")
    for word in ("massage", made.json["id"]):
        assert api("GET", f"/api/courses/{word}").json == made.json
    changed = api("PUT", "/api/courses/massage", {**COURSE, "name": "New", "version": 1}).json
    assert (changed["name"], changed["version"]) == ("New", 2)
    assert told(api("PUT", "/api/courses/massage", {**COURSE, "name": "Late", "version": 1}))[0] == 409
    assert api("GET", "/api/courses").json == {"items": [changed], "next": None}
    assert api("DELETE", "/api/courses/massage").status_code == 204
    assert told(api("GET", "/api/courses/massage")) == (404, "not_found")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"key": "../x"}, (422, "invalid")),
        ({"key": "taken"}, (422, "taken")),
        ({"lengths": {"summary": [20, 10]}}, (422, "invalid")),
        ({"lengths": {"nothing": [1, 2]}}, (400, "invalid")),
        ({"language": "plain English"}, (422, "invalid")),
        ({"banned_words": [""]}, (400, "invalid")),
        ({"unknown": 1}, (400, "invalid")),
    ],
)
def test_a_course_that_cannot_be_saved_is_refused(
    api: Api, change: dict[str, Any], refusal: tuple[int, str]
) -> None:
    a_course(api.world, "taken")
    assert told(api("POST", "/api/courses", COURSE | change)) == refusal


def test_a_lesson_is_created_read_changed_listed_and_deleted(api: Api) -> None:
    course_id = str(a_course(api.world).id)
    made = api("POST", "/api/lessons", LESSON).json
    assert made == made | LESSON | {"course_id": course_id, "version": 1}
    assert made["template"]["default"] is True
    assert made["template"]["summary"] == "Neck and collar\n\nFive strokes"
    here = f"/api/lessons/{made['id']}"
    saved = api("PUT", f"{here}/template", {**TEMPLATE, "version": 0, "reason": "first"}).json
    assert saved["template"] == {**TEMPLATE, "version": 1, "default": False}
    assert told(api("PUT", f"{here}/template", {**TEMPLATE, "summary": "late", "version": 0}))[0] == 409
    assert told(api("PUT", f"{here}/template", {"version": 1})) == (422, "invalid")
    changed = api("PUT", here, {**LESSON, "title": "New", "version": 1}).json
    assert (changed["title"], changed["code"], changed["version"]) == ("New", made["code"], 2)
    assert api("GET", here).json == changed
    assert api("GET", "/api/lessons?course=massage").json == {"items": [changed], "next": None}
    assert api("DELETE", here).status_code == 204
    assert told(api("GET", here)) == (404, "not_found")


def test_lessons_of_one_course_are_paged_by_number(api: Api) -> None:
    world = api.world
    one, two = a_course(world, "one"), a_course(world, "two")
    for number in (3, 1, 2):
        a_lesson(world, one, number)
        a_lesson(world, two, number)
    found, cursor = [], ""
    while True:
        page = api("GET", f"/api/lessons?course=one&limit=2{cursor}").json
        found += [item["lesson_number"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == [1, 2, 3]
    assert len(api("GET", "/api/lessons").json["items"]) == 6
    assert told(api("GET", "/api/lessons?course=three")) == (404, "not_found")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"lesson_number": "3"}, (400, "invalid")),
        ({"lesson_number": -1}, (400, "invalid")),
        ({"lesson_number": 1}, (422, "taken")),
        ({"title": " "}, (400, "invalid")),
        ({"code": "a b"}, (422, "invalid")),
        ({"course": "nothing"}, (404, "not_found")),
        ({"course": None}, (400, "course_required")),
    ],
)
def test_a_lesson_that_cannot_be_saved_is_refused(
    api: Api, change: dict[str, Any], refusal: tuple[int, str]
) -> None:
    a_lesson(api.world, a_course(api.world, "one"))
    a_course(api.world, "two")
    assert told(api("POST", "/api/lessons", {**LESSON, "course": "one", **change})) == refusal


def test_B3_another_companys_lessons_are_not_there(world: World) -> None:
    theirs = a_course(world, company_id=world.other_id)
    lesson = a_lesson(world, theirs)
    ours = Api(world)
    for method, path, body in (
        ("GET", f"/api/lessons/{lesson.id}", None),
        ("PUT", f"/api/lessons/{lesson.id}", {**LESSON, "version": 1}),
        ("PUT", f"/api/lessons/{lesson.id}/template", {**TEMPLATE, "version": 0}),
        ("DELETE", f"/api/lessons/{lesson.id}", None),
        ("GET", f"/api/lessons/{uuid4()}", None),
        ("GET", f"/api/courses/{theirs.id}", None),
        ("GET", "/api/courses/massage", None),
        ("PUT", f"/api/courses/{theirs.id}", {**COURSE, "version": 1}),
        ("DELETE", f"/api/courses/{theirs.id}", None),
        ("POST", "/api/lessons", {**LESSON, "course": str(theirs.id)}),
    ):
        assert told(ours(method, path, body)) == (404, "not_found"), (method, path)
    assert ours("GET", "/api/lessons").json["items"] == ours("GET", "/api/courses").json["items"] == []


def test_one_key_makes_one_lesson(api: Api) -> None:
    a_course(api.world)
    first, again = (api("POST", "/api/lessons", LESSON, Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, first.json) == (again.status_code, again.json)


def test_scopes_decide_who_reads_and_writes(world: World) -> None:
    reader = Api(world, "lessons:read")
    assert reader("GET", "/api/courses").status_code == reader("GET", "/api/lessons").status_code == 200
    assert told(reader("POST", "/api/courses", COURSE)) == (403, "forbidden")
