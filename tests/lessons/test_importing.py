"""Courses, lessons and templates from files: the course left out where there is one, bad rows named."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.lessons.records import TEMPLATE, a_course, a_lesson, a_template, saved_lesson
from tests.pages import CheckedClient
from tests.personas.test_importing import checked, counts, report, write
from webapp.lessons.courses import course_facts
from webapp.lessons.facts import voice_hash
from webapp.lessons.models import Course, Lesson, TemplateVersion


@pytest.fixture
def browser(world: World) -> CheckedClient:
    return world.client()


def lessons(world: World) -> list[Lesson]:
    world.actor()
    world.session.expire_all()
    return list(world.session.scalars(select(Lesson).order_by(Lesson.lesson_number)))


def test_courses_are_created_and_changed(world: World, browser: CheckedClient) -> None:
    a_course(world, "one", name="Old")
    content = "course,name,language,voice\none,New,,\ntwo,Two,de,Dry\nbad key!,Three,,\n,None,,\n"
    address = checked(world, browser, content, "courses")
    assert counts(world, address) == (1, 1, 0, 2)
    assert [row["Column"] for row in report(browser, address)] == ["Course", "Course"]
    write(world, browser, address, skip_bad="1")
    world.actor()
    world.session.expire_all()
    found = {course.key: course for course in world.session.scalars(select(Course))}
    assert (found["one"].name, found["one"].voice, found["one"].version) == ("New", "Warm, calm", 2)
    assert (found["two"].language, found["two"].serve_unreviewed) == ("de", True)
    assert found["two"].voice_hash == voice_hash(course_facts(found["two"]))


def test_lessons_need_no_course_where_there_is_one(world: World, browser: CheckedClient) -> None:
    a_lesson(world, a_course(world), 1)
    content = "lesson_number,title,description\n1,New title,\n2,Second,About\nx,Bad,\n2,Twice,\n"
    address = checked(world, browser, content, "lessons")
    assert counts(world, address) == (1, 1, 0, 2)
    write(world, browser, address, skip_bad="1")
    assert [(one.title, one.description, one.code == one.id.hex) for one in lessons(world)] == [
        ("New title", "Five strokes", True),
        ("Second", "About", True),
    ]
    again = checked(world, browser, "lesson_number,title\n2,Second\n", "lessons")
    assert counts(world, again) == (0, 0, 1, 0)


def test_rows_must_name_their_course_where_there_are_several(world: World, browser: CheckedClient) -> None:
    a_course(world, "one")
    a_course(world, "two")
    content = "course,lesson_number,title\none,1,A\ntwo,1,B\n,2,C\nthree,1,D\n"
    address = checked(world, browser, content, "lessons")
    assert counts(world, address) == (2, 0, 0, 2)
    problems = [row["Problem"] for row in report(browser, address)]
    assert problems == [
        "Say which course: the company has several.",
        "There is no course with the key three.",
    ]
    write(world, browser, address, skip_bad="1")
    assert [one.title for one in lessons(world)] == ["A", "B"]


def test_the_same_lesson_with_and_without_its_course_is_one(world: World, browser: CheckedClient) -> None:
    a_course(world, "one")
    address = checked(world, browser, "course,lesson_number,title\none,1,A\n,1,B\n", "lessons")
    assert counts(world, address) == (1, 0, 0, 1)


def test_templates_become_versions_and_empty_cells_leave_sections(
    world: World, browser: CheckedClient
) -> None:
    lesson = a_lesson(world, a_course(world), 3)
    a_lesson(world, world.session.get_one(Course, lesson.course_id), 4)
    lesson_id = lesson.id
    a_template(world, lesson)
    content = "lesson_number,summary,homework\n3,New summary,\n4,First summary,Do it\n9,x,\n"
    address = checked(world, browser, content, "templates")
    assert counts(world, address)[3] == 1
    assert "no lesson of this number" in report(browser, address)[0]["Problem"]
    write(world, browser, address, skip_bad="1")
    found = saved_lesson(world, lesson_id)
    assert found.template == {**TEMPLATE, "summary": "New summary"}
    assert found.template_number == 2
    assert sorted(world.session.scalars(select(TemplateVersion.number))) == [1, 1, 2]
