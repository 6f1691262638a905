"""Courses and lessons: written, changed by two at once, deleted with what hangs on them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.lessons.records import (
    a_course,
    a_lesson,
    a_template,
    clients,
    course_form,
    hidden,
    saved_course,
    saved_lesson,
)
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.errors import BadRequest, NotFound
from webapp.lessons.courses import change_course, course_facts, course_named, course_values
from webapp.lessons.facts import voice_hash
from webapp.lessons.lessons import lesson_numbered
from webapp.lessons.models import Course, Lesson, TemplateVersion

PAYLOAD = "<script>alert(1)</script>{{7*7}}"


def test_a_course_is_saved_shown_and_traced(world: World) -> None:
    browser = world.client()
    browser.get("/lessons/courses/new")
    data = course_form(voice="Warm", banned_words=["guru", ""], summary_least=10)
    page = browser.send("/lessons/courses", data, follow_redirects=True).get_data(as_text=True)
    assert "The course is saved." in page
    assert "guru" in page
    world.actor()
    course = world.session.scalars(select(Course)).one()
    assert (course.banned_words, course.serve_unreviewed, course.nightly) == (["guru"], True, False)
    assert course.lengths["summary"] == [10, 120]
    assert course.voice_hash == voice_hash(course_facts(course))
    trace = world.session.scalars(select(AuditEntry).where(AuditEntry.subject_id == course.id)).one()
    assert trace.action is AuditAction.COURSE_CREATED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"key": ""}, "key"),
        ({"key": "../x"}, "key"),
        ({"key": "taken"}, "key"),
        ({"language": "English please"}, "language"),
        ({"summary_least": "200"}, ""),
        ({"summary_most": "many"}, "summary_most"),
        ({"voice": "a\0b"}, "voice"),
    ],
)
def test_a_course_that_cannot_be_saved_comes_back_at_its_field(
    world: World, change: dict[str, Any], field: str
) -> None:
    a_course(world, "taken")
    answer = world.client().send("/lessons/courses", course_form(**{"banned_words": ["kept word"], **change}))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in page if field else "two numbers of words" in page
    assert "kept word" in page


def test_one_form_sent_twice_makes_one_course(world: World) -> None:
    browser = world.client()
    data = course_form(once=hidden(browser.get("/lessons/courses/new"), "once"))
    assert browser.send("/lessons/courses", data).location == browser.send("/lessons/courses", data).location


def test_words_are_added_without_a_script_and_nothing_is_saved(world: World) -> None:
    page = world.client().send("/lessons/courses", course_form(name="typed", move="banned_words::add"))
    assert page.status_code == 200
    assert 'value="typed"' in page.get_data(as_text=True)
    world.actor()
    assert world.session.scalars(select(Course)).all() == []


def test_only_what_decides_how_lessons_are_written_changes_the_voices_hash(world: World) -> None:
    course = a_course(world)
    values = course_values(course)
    hashes = [course.voice_hash]
    for version, change in enumerate(({"name": "New"}, {"nightly": True}, {"voice": "Dry"}), start=1):
        values |= change
        actor = world.actor()
        hashes.append(
            change_course(world.session, actor, course.id, values, version, **clients(world)).voice_hash
        )
    assert hashes[0] == hashes[1] == hashes[2] != hashes[3]
    same = change_course(world.session, world.actor(), course.id, values, 4, **clients(world))
    assert same.version == 4


def test_D1_the_second_of_two_editors_of_a_course_sees_both(world: World) -> None:
    course = a_course(world)
    course_id = course.id
    mine, theirs = world.client(), world.client("admin")
    path = f"/lessons/courses/{course_id}"
    version = hidden(mine.get(f"{path}/edit"), "version")
    theirs.send(path, course_form(course, version=version, voice="Their voice"))
    refused = mine.send(path, course_form(course, version=version, voice="My voice"))
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert re.search(r"<textarea[^>]*>\s*My voice</textarea>", page)
    assert '<p class="text">Their voice</p>' in page
    again = mine.send(path, course_form(course, version=hidden(refused, "version"), voice="My voice"))
    assert again.status_code == 303
    assert saved_course(world, course_id).voice == "My voice"


def test_a_lesson_is_saved_with_a_number_of_its_own(world: World) -> None:
    course_id = a_course(world).id
    browser = world.client()
    new = f"/lessons/courses/{course_id}/lessons"
    assert hidden(browser.get(f"{new}/new"), "lesson_number") == "1"
    made = browser.send(new, {"lesson_number": "3", "title": "Neck and collar"})
    assert made.status_code == 303
    assert hidden(browser.get(f"{new}/new"), "lesson_number") == "4"
    refused = browser.send(new, {"lesson_number": "3", "title": "typed title"})
    assert refused.status_code == 422
    assert '<a href="#lesson_number">Another lesson' in refused.get_data(as_text=True)
    assert "typed title" in refused.get_data(as_text=True)
    world.actor()
    lesson = world.session.scalars(select(Lesson)).one()
    assert lesson.code == lesson.id.hex
    page = browser.get("/lessons").get_data(as_text=True)
    assert "Neck and collar" in page
    assert "default template" in page


def test_D1_the_second_of_two_editors_of_a_lesson_sees_both(world: World) -> None:
    lesson = a_lesson(world, a_course(world))
    path, lesson_id = f"/lessons/{lesson.id}", lesson.id
    browser = world.client()
    data = {"lesson_number": "1", "version": "1"}
    browser.send(path, {**data, "title": "Their title"})
    refused = browser.send(path, {**data, "title": "My title"})
    assert refused.status_code == 409
    assert 'value="My title"' in refused.get_data(as_text=True)
    assert '<p class="text">Their title</p>' in refused.get_data(as_text=True)
    again = {**data, "title": "My title", "version": hidden(refused, "version")}
    assert browser.send(path, again).status_code == 303
    assert saved_lesson(world, lesson_id).title == "My title"


def test_deleting_a_course_takes_its_lessons_along(world: World) -> None:
    course = a_course(world)
    a_template(world, a_lesson(world, course))
    answer = world.client().send(f"/lessons/courses/{course.id}/delete")
    assert answer.location == "/lessons"
    world.actor()
    assert world.session.scalars(select(TemplateVersion)).all() == []
    assert world.session.scalars(select(Lesson)).all() == []


def test_deleting_a_lesson_goes_back_to_its_course(world: World) -> None:
    course = a_course(world)
    lesson = a_lesson(world, course)
    where = f"/lessons/courses/{course.id}"
    assert world.client().send(f"/lessons/{lesson.id}/delete").location == where


def test_a_course_is_named_by_key_or_id_or_left_out_when_it_is_the_only_one(world: World) -> None:
    world.actor()
    with pytest.raises(NotFound):
        course_named(world.session, None)
    one = a_course(world, "one").id
    world.actor()
    assert course_named(world.session, None).id == one
    assert course_named(world.session, "one").id == course_named(world.session, str(one)).id == one
    a_course(world, "two")
    for word in ("nothing", "-" * 36, "a\0"):
        with pytest.raises(NotFound):
            course_named(world.session, word)
    with pytest.raises(BadRequest) as refused:
        course_named(world.session, "")
    assert list(refused.value.details) == ["course"]


@pytest.mark.thorough
def test_B3_another_companys_courses_are_not_there(world: World) -> None:
    theirs = a_course(world, company_id=world.other_id)
    lesson = a_lesson(world, theirs)
    browser = world.client("admin")
    there = f"/lessons/courses/{theirs.id}"
    for path in (there, f"{there}/edit", f"{there}/files", f"{there}/lessons/new", f"/lessons/{lesson.id}"):
        assert browser.get(path).status_code == 404
    for path in (f"/lessons/{lesson.id}/edit", f"/lessons/{lesson.id}/versions"):
        assert browser.get(path).status_code == 404
    posts = (there, f"{there}/delete", f"{there}/lessons", f"{there}/files/import", f"{there}/files/export")
    for path in (
        *posts,
        *(f"/lessons/{lesson.id}{deed}" for deed in ("", "/delete", "/template", "/restore")),
    ):
        assert browser.send(path, {"title": "x", "lesson_number": "1"}).status_code == 404, path
    assert "Neck" not in browser.get("/lessons").get_data(as_text=True)
    assert "Lesson 1" not in browser.get("/search?q=lesson").get_data(as_text=True)
    world.actor()
    with pytest.raises(NotFound):
        lesson_numbered(world.session, theirs.id, 1)


def test_C2_payloads_come_out_as_text(world: World) -> None:
    course = a_course(world, name=PAYLOAD, voice=PAYLOAD, banned_words=[PAYLOAD])
    lesson = a_lesson(world, course, title=PAYLOAD, description=PAYLOAD)
    a_template(world, lesson, summary=PAYLOAD)
    a_template(world, lesson, 1, summary=PAYLOAD + "!")
    browser = world.client()
    there = f"/lessons/courses/{course.id}"
    paths = ("/lessons", there, f"{there}/edit", f"{there}/files", f"{there}/lessons/new")
    for path in (*paths, *(f"/lessons/{lesson.id}{page}" for page in ("", "/edit", "/versions"))):
        page = browser.get(path).get_data(as_text=True)
        assert "<script>alert" not in page, path
        assert "{{7*7}}" in page, path


def test_lessons_are_found_by_the_search_of_everything(world: World) -> None:
    a_lesson(world, a_course(world), title="Neck and collar")
    page = world.client("viewer").get("/search?q=neck").get_data(as_text=True)
    assert "Neck and collar" in page


def test_a_viewer_sees_and_changes_nothing(world: World) -> None:
    course = a_course(world)
    lesson = a_lesson(world, course)
    viewer = world.client("viewer")
    for path in ("/lessons", f"/lessons/courses/{course.id}", f"/lessons/{lesson.id}"):
        page = viewer.get(path).get_data(as_text=True)
        assert "<textarea" not in page
        assert "Delete" not in page
    assert viewer.send(f"/lessons/{lesson.id}/template", {"summary": "x"}).status_code == 403
