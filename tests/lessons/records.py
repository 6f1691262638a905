"""Courses, lessons and templates for tests."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from tests.conftest import World
from webapp.core.db import scope_to
from webapp.lessons.courses import course_values, create_course, find_course
from webapp.lessons.facts import DEFAULT_LENGTHS, SECTIONS
from webapp.lessons.lessons import create_lesson, find_lesson
from webapp.lessons.models import Course, Lesson
from webapp.lessons.templates import save_template

TEMPLATE = {name: f"The {name} of the lesson." for name in SECTIONS}


def clients(world: World) -> dict[str, Any]:
    return {"clock": world.clock, "auditor": world.services.auditor}


def a_course(world: World, key: str = "massage", company_id: UUID | None = None, **values: Any) -> Course:
    given = {"key": key, "name": "Neck massage", "voice": "Warm, calm", **values}
    return create_course(world.session, world.actor(company_id=company_id), given, **clients(world))


def a_lesson(world: World, course: Course, number: int = 1, **values: Any) -> Lesson:
    given = {"lesson_number": number, "title": f"Lesson {number}", "description": "Five strokes", **values}
    actor = world.actor(company_id=course.company_id)
    return create_lesson(world.session, actor, course.id, given, **clients(world))


def a_template(world: World, lesson: Lesson, read: int = 0, **sections: str) -> Lesson:
    texts = {**TEMPLATE, **sections}
    return save_template(world.session, world.actor(), lesson.id, texts, read, **clients(world))


def saved_lesson(world: World, lesson_id: UUID) -> Lesson:
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return find_lesson(world.session, lesson_id)


def saved_course(world: World, course_id: UUID) -> Course:
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return find_course(world.session, course_id)


def course_form(course: Course | None = None, **changes: Any) -> dict[str, Any]:
    """What the browser sends of a course's form."""
    lengths: dict[str, Any] = {}
    for name, (least, most) in DEFAULT_LENGTHS.items():
        lengths |= {f"{name}_least": least, f"{name}_most": most}
    values: dict[str, Any] = {"key": "massage", "name": "Neck massage", "language": "en"}
    values["serve_unreviewed"] = "y"
    if course is not None:
        known = course_values(course)
        values |= {name: known[name] for name in ("key", "name", "language", "voice")}
        values["version"] = course.version
    return {**lengths, **values, **changes}


def hidden(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.get_data(as_text=True))
    assert found, name
    return unescape(found.group(1))
