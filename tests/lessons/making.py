"""A course, a lesson and learners to personalize it for, for tests of the lesson area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import World
from webapp.core.access import Role
from webapp.core.db import scope_to, unit
from webapp.lessons.courses import change_course, course_values, create_course
from webapp.lessons.demo import COURSES, LEARNERS
from webapp.lessons.lessons import create_lesson
from webapp.lessons.models import Course, Lesson, PersonalLesson, Proposal
from webapp.lessons.templates import save_template
from webapp.people.models import Person, Survey
from webapp.people.questions import survey_hash

DEMO = COURSES[0]


@dataclass(frozen=True)
class Who:
    """A learner as tests name them: rows are let go between requests."""

    id: UUID
    name: str
    identifier: str


BY_ID = {learner.identifier: learner for learner in LEARNERS}


def confined(world: World, company_id: UUID | None = None) -> Session:
    """The world's session, in one company."""
    scope_to(world.session, company_id or world.company_id)
    return world.session


def clients(world: World) -> dict[str, Any]:
    """What deeds are handed."""
    return {"clock": world.clock, "auditor": world.services.auditor}


def course(world: World, lessons: int = 1, company_id: UUID | None = None, **values: Any) -> UUID:
    """The demo course with its first lessons and their templates."""
    who, session = world.actor(Role.ADMIN, company_id), confined(world, company_id)
    given = {"key": DEMO.key, "name": DEMO.name, "language": "en", "voice": DEMO.voice, **values}
    made = create_course(session, who, given, **clients(world))
    course_id = made.id
    for demo in DEMO.lessons[:lessons]:
        told = {"lesson_number": demo.number, "title": demo.title, "description": demo.description}
        row = create_lesson(session, who, course_id, told, **clients(world))
        save_template(session, who, row.id, demo.template.as_dict(), row.template_number, **clients(world))
    return course_id


def change(world: World, course_id: UUID, **values: Any) -> None:
    """Change some of a course's values."""
    session = confined(world)
    now = session.get_one(Course, course_id)
    given = {**course_values(now), **values}
    change_course(session, world.actor(Role.ADMIN), course_id, given, now.version, **clients(world))


def lesson(world: World, number: int = 1) -> Lesson:
    """The lesson of that number."""
    return confined(world).scalars(select(Lesson).where(Lesson.lesson_number == number)).one()


def set_template(world: World, number: int = 1, **sections: str) -> None:
    """Change sections of a lesson's template."""
    row = lesson(world, number)
    texts = {**row.template, **sections}
    save_template(
        confined(world), world.actor(Role.ADMIN), row.id, texts, row.template_number, **clients(world)
    )


def learner(world: World, identifier: str = "21179358", company_id: UUID | None = None, **values: Any) -> Who:
    """One of the demo's learners with their survey; `name` and `answers` may be others."""
    session, now = confined(world, company_id), world.clock.now()
    demo = BY_ID.get(identifier)
    answers = values.pop("answers", dict(demo.answers) if demo else {})
    person = Person(
        identifier=identifier,
        name=values.pop("name", demo.name if demo else identifier),
        created_at=now,
        updated_at=now,
        **values,
    )
    with unit(session):
        session.add(person)
        session.flush()
        if answers:
            mark = survey_hash(answers)
            session.add(
                Survey(person_id=person.id, answers=answers, hash=mark, created_at=now, updated_at=now)
            )
        return Who(person.id, person.name, identifier)


def served(world: World, person: Who, number: int = 1) -> PersonalLesson | None:
    """What is published for the person."""
    row = lesson(world, number)
    mine = (PersonalLesson.person_id == person.id, PersonalLesson.lesson_id == row.id)
    return confined(world).scalar(select(PersonalLesson).where(*mine))


def waiting(world: World, person: Who, number: int = 1) -> list[Proposal]:
    """What waits beside it."""
    row = lesson(world, number)
    mine = (Proposal.person_id == person.id, Proposal.lesson_id == row.id)
    return list(confined(world).scalars(select(Proposal).where(*mine).order_by(Proposal.id)))
