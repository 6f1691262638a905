"""Lessons: their number in the course, title and description; saved as read at a version."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import lock_key, new_id, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.tables import Column, Listing
from webapp.lessons.courses import find_course, read_text
from webapp.lessons.models import Lesson

CODE = re.compile(r"\w[\w.-]{0,79}")  # it stands in a file's name
MOST_NUMBER = 1_000_000
LONGEST_DESCRIPTION = 20_000
Values = dict[str, Any]
LISTING = Listing(
    model=Lesson,
    columns=(
        Column("number", Lesson.lesson_number),
        Column("title", Lesson.title),
        Column("updated", Lesson.updated_at),
    ),
    search=(Lesson.title,),
    default_sort="number",
)


def find_lesson(session: Session, lesson_id: UUID) -> Lesson:
    """The company's lesson of this id. Raises NotFound."""
    found = session.scalar(select(Lesson).where(Lesson.id == lesson_id))
    if found is None:
        raise NotFound("There is no such lesson.")
    return found


def lesson_numbered(session: Session, course_id: UUID, number: int) -> Lesson:
    """The course's lesson of this number. Raises NotFound naming it."""
    here = (Lesson.course_id == course_id, Lesson.lesson_number == number)
    found = session.scalar(select(Lesson).where(*here)) if 0 <= number <= MOST_NUMBER else None
    if found is None:
        raise NotFound("There is no lesson of this number.", details={"lesson_number": "unknown"})
    return found


def lessons_of(session: Session, courses: Sequence[UUID]) -> dict[UUID, list[Lesson]]:
    """The lessons of these courses by course, in the order of their numbers."""
    found: dict[UUID, list[Lesson]] = {course: [] for course in courses}
    ordered = select(Lesson).where(Lesson.course_id.in_(courses)).order_by(Lesson.lesson_number)
    for lesson in session.scalars(ordered):
        found[lesson.course_id].append(lesson)
    return found


def next_number(session: Session, course_id: UUID) -> int:
    """The number a new lesson most likely gets."""
    last = session.scalar(select(func.max(Lesson.lesson_number)).where(Lesson.course_id == course_id))
    return (last or 0) + 1


def create_lesson(
    session: Session,
    actor: Actor,
    course_id: UUID,
    values: Mapping[str, Any],
    *,
    clock: Clock,
    auditor: Auditor,
) -> Lesson:
    """Save a new lesson. Raises NotFound without the course, DomainError naming fields."""
    given, now = clean_lesson(values), clock.now()
    with unit(session):
        find_course(session, course_id)
        _free(session, course_id, given["lesson_number"], None)
        row_id = new_id()
        given["code"] = given["code"] or row_id.hex
        lesson = Lesson(id=row_id, course_id=course_id, **given, created_at=now, updated_at=now)
        session.add(lesson)
        session.flush()
        traced = {name: (None, value) for name, value in given.items() if value != ""}
        auditor.record(session, actor, AuditAction.LESSON_CREATED, lesson, changes=traced)
    return lesson


def change_lesson(
    session: Session,
    actor: Actor,
    lesson_id: UUID,
    values: Mapping[str, Any],
    read_version: int,
    *,
    clock: Clock,
    auditor: Auditor,
) -> Lesson:
    """Save the lesson as read at a version; an unchanged one makes no version.

    Raises Conflict when somebody saved in between, NotFound, or DomainError naming fields.
    """
    given = clean_lesson(values)
    with unit(session):
        lesson = held_lesson(session, lesson_id)
        if lesson.version != read_version:
            message = "Somebody else saved this lesson while you were editing it."
            raise Conflict(message, details={"version": f"is {lesson.version} now"})
        _free(session, lesson.course_id, given["lesson_number"], lesson_id)
        given["code"] = given["code"] or lesson_id.hex
        changes = lesson_differences(lesson, given)
        for name, (_, value) in changes.items():
            setattr(lesson, name, value)
        if changes:
            lesson.version, lesson.updated_at = lesson.version + 1, clock.now()
            auditor.record(session, actor, AuditAction.LESSON_CHANGED, lesson, changes=changes)
    return lesson


def delete_lesson(session: Session, actor: Actor, lesson_id: UUID, *, auditor: Auditor) -> None:
    """Delete the lesson, its template and all that was written for learners. Raises NotFound."""
    with unit(session):
        lesson = held_lesson(session, lesson_id)
        gone = {name: (value, None) for name, value in lesson_values(lesson).items()}
        auditor.record(session, actor, AuditAction.LESSON_DELETED, lesson, changes=gone)
        session.delete(lesson)


def held_lesson(session: Session, lesson_id: UUID) -> Lesson:
    """The lesson, held till the unit's end. Raises NotFound."""
    found = session.scalar(select(Lesson).where(Lesson.id == lesson_id).with_for_update())
    if found is None:
        raise NotFound("There is no such lesson.")
    return found


def lesson_values(lesson: Lesson) -> Values:
    """What people decide of a lesson, by field."""
    return {name: getattr(lesson, name) for name in READERS}


def lesson_differences(lesson: Lesson, given: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What is saved and what would be, for each field where they differ."""
    saved = lesson_values(lesson)
    return {name: (saved[name], value) for name, value in given.items() if saved[name] != value}


def clean_lesson(values: Mapping[str, Any]) -> Values:
    """The fields as they are stored. Raises DomainError naming those that cannot be."""
    found, details = Values(), dict[str, str]()
    for name, read in READERS.items():
        try:
            found[name] = read(values.get(name, ""))
        except ValueError as error:
            details[name] = str(error)
    if details:
        raise DomainError(" ".join(details.values()), code="invalid", details=details)
    return found


def read_number(given: Any) -> int:
    """A lesson's number. Raises ValueError with a sentence."""
    text = str(given).strip()
    if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) > MOST_NUMBER:
        raise ValueError(f"A lesson’s number is a whole number from 0 to {MOST_NUMBER:,}.")
    return int(text)


def read_title(given: Any) -> str:
    """A lesson's title. Raises ValueError with a sentence."""
    if not (text := read_text(given, 300)):
        raise ValueError("A lesson needs a title.")
    return text


def read_description(given: Any) -> str:
    """A lesson's description. Raises ValueError with a sentence."""
    return read_text(given, LONGEST_DESCRIPTION)


def read_code(given: Any) -> str:
    """The lesson's id in files' names. Raises ValueError with a sentence."""
    text = read_text(given or "", 80)
    if text and not CODE.fullmatch(text):
        raise ValueError("Write it in letters, digits, dots, hyphens and underscores, without spaces.")
    return text


READERS: dict[str, Callable[[Any], Any]] = {
    "lesson_number": read_number,
    "title": read_title,
    "description": read_description,
    "code": read_code,
}


def _free(session: Session, course_id: UUID, number: int, lesson_id: UUID | None) -> None:
    lock_key(session, "lessons", course_id, number)
    taken = session.scalar(
        select(Lesson.id).where(Lesson.course_id == course_id, Lesson.lesson_number == number)
    )
    if taken and taken != lesson_id:
        why = "Another lesson of this course has this number."
        raise DomainError(why, code="taken", details={"lesson_number": why})
