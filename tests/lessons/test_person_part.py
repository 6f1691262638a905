"""A person's page shows every lesson and how far it is for them."""

from __future__ import annotations

import re

from tests.conftest import World
from tests.lessons.records import a_course, a_lesson
from tests.people.records import make
from webapp.core.db import unit
from webapp.lessons.models import LessonState, PersonalLesson, Strategy


def test_each_lesson_stands_with_its_state(world: World) -> None:
    course = a_course(world)
    first, second = a_lesson(world, course, 1), a_lesson(world, course, 2)
    person, other = make(world, "u-1"), make(world, "u-2", name="Somebody else")
    world.actor()
    now = world.clock.now()
    with unit(world.session) as session:
        for whose, lesson, state in (
            (person, second, LessonState.APPROVED),
            (other, first, LessonState.EDITED),
        ):
            session.add(
                PersonalLesson(
                    person_id=whose.id,
                    lesson_id=lesson.id,
                    sections={},
                    strategy=Strategy.BASIC,
                    template_number=0,
                    survey_hash="",
                    voice_hash="",
                    prompt_version="",
                    model="",
                    state=state,
                    written_at=now,
                    updated_at=now,
                )
            )
    page = world.client("viewer").get(f"/people/{person.id}").get_data(as_text=True)
    assert "1 of 2 lessons written." in page
    assert re.findall(r'class="mark \w+">(\w+)</span>', page) == ["missing", "approved", "stale"]


def test_without_lessons_there_is_no_such_part(world: World) -> None:
    page = world.client().get(f"/people/{make(world).id}").get_data(as_text=True)
    assert "lessons written" not in page
