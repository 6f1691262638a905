"""A person's lessons, for the page that unites all that is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, case, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.area import PersonPart
from webapp.lessons.basis import stale
from webapp.lessons.lesson_prompt import versions_in_force
from webapp.lessons.links import preview_path
from webapp.lessons.models import Course, Lesson, LessonState, PersonalLesson
from webapp.people.models import Person, Survey

SHOWN = 500


@dataclass(frozen=True)
class PersonsLesson:
    """One lesson of the company and how far it is for the person; `state` is None while it is missing."""

    lesson_id: UUID
    course: str
    number: int
    title: str
    state: LessonState | None
    updated_at: datetime | None
    stale: bool
    href: str


def lessons_of_person(session: Session, _actor: Actor, person_id: UUID) -> PersonPart | None:
    """Every lesson with its state for the person; nothing where the company has no lessons."""
    mine = and_(PersonalLesson.lesson_id == Lesson.id, PersonalLesson.person_id == person_id)
    is_stale = and_(PersonalLesson.id.is_not(None), stale(versions_in_force(session)))
    asked = (
        select(Lesson, Course, PersonalLesson, Person.identifier, case((is_stale, 1), else_=0))
        .select_from(Lesson)
        .join(Person, Person.id == person_id)
        .join(Course, Course.id == Lesson.course_id)
        .outerjoin(Survey, Survey.person_id == Person.id)
        .outerjoin(PersonalLesson, mine)
        .order_by(Course.name_key, Course.id, Lesson.lesson_number)
        .limit(SHOWN)
    )
    rows = [
        PersonsLesson(
            lesson_id=lesson.id,
            course=course.name,
            number=lesson.lesson_number,
            title=lesson.title,
            state=personal.state if personal else None,
            updated_at=personal.updated_at if personal else None,
            stale=bool(old),
            href=preview_path(lesson.lesson_number, identifier, course.key),
        )
        for lesson, course, personal, identifier, old in session.execute(asked)
    ]
    if not rows:
        return None
    written = sum(row.state is not None for row in rows)
    context = {"rows": rows, "written": written, "several": len({row.course for row in rows}) > 1}
    return PersonPart("Lessons", "lessons/_person.html", context, Permission.LESSONS_READ)
