"""A person's lessons, for the page that unites all that is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.area import PersonPart
from webapp.lessons.models import Course, Lesson, LessonState, PersonalLesson

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


def lessons_of_person(session: Session, _actor: Actor, person_id: UUID) -> PersonPart | None:
    """Every lesson with its state for the person; nothing where the company has no lessons."""
    mine = and_(PersonalLesson.lesson_id == Lesson.id, PersonalLesson.person_id == person_id)
    asked = (
        select(Lesson, Course.name, PersonalLesson)
        .join(Course, Course.id == Lesson.course_id)
        .outerjoin(PersonalLesson, mine)
        .order_by(Course.name_key, Course.id, Lesson.lesson_number)
        .limit(SHOWN)
    )
    rows = [
        PersonsLesson(
            lesson_id=lesson.id,
            course=course,
            number=lesson.lesson_number,
            title=lesson.title,
            state=personal.state if personal else None,
            updated_at=personal.updated_at if personal else None,
        )
        for lesson, course, personal in session.execute(asked)
    ]
    if not rows:
        return None
    written = sum(row.state is not None for row in rows)
    context = {"rows": rows, "written": written, "several": len({row.course for row in rows}) > 1}
    return PersonPart("Lessons", "lessons/_person.html", context, Permission.LESSONS_READ)
