"""Courses, lessons and templates from files: found by the course's key and the lesson's number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.audit import AuditAction
from webapp.core.errors import Conflict
from webapp.core.imports.kind import Change, Existing, ImportColumn, ImportKind, Values, Writing
from webapp.lessons.courses import (
    clean_course,
    course_facts,
    read_key,
    read_language,
    read_name,
    read_voice,
)
from webapp.lessons.facts import SECTIONS, Section, texts_of, voice_hash
from webapp.lessons.lessons import read_description, read_number, read_title
from webapp.lessons.models import Course, Lesson, TemplateVersion
from webapp.lessons.templates import read_section

CHANGED = "Somebody changed rows while they were imported. Nothing was written; run it again."
Rows = Sequence[Values]
Problems = list[tuple[str, str] | None]
Pair = tuple[str, int]
COURSE_FIELDS = {"course": "key", "name": "name", "language": "language", "voice": "voice"}


def _courses(session: Session) -> dict[str, Course]:
    return {course.key: course for course in session.scalars(select(Course))}


def _lessons(session: Session, rows: Rows) -> dict[Pair, Lesson]:
    """The saved lessons that the rows name, by course and number."""
    numbers = {row["lesson_number"] for row in rows}
    found = select(Lesson, Course.key).join(Course, Course.id == Lesson.course_id)
    named = session.execute(found.where(Lesson.lesson_number.in_(numbers)))
    return {(key, lesson.lesson_number): lesson for lesson, key in named}


def _pair(values: Values) -> Pair:
    return (values.get("course", ""), values["lesson_number"])


def _pair_key(values: Values) -> tuple[str, ...]:
    course, number = _pair(values)
    return (course, str(number))


def _name_courses(session: Session, rows: Sequence[dict[str, Any]]) -> Problems:
    """Give rows without a course the company's only one; say what stands against the others."""
    keys = list(session.scalars(select(Course.key)))
    problems: Problems = []
    for row in rows:
        if not row.get("course") and len(keys) == 1:
            row["course"] = keys[0]
        problems.append(_against(row.get("course", ""), keys))
    return problems


def _against(key: str, keys: Sequence[str]) -> tuple[str, str] | None:
    if key in keys:
        return None
    if key:
        return ("Course", f"There is no course with the key {key}.")
    return (
        "Course",
        "Say which course: the company has several." if keys else "The company has no course yet.",
    )


def _name_lessons(session: Session, rows: Sequence[dict[str, Any]]) -> Problems:
    problems = _name_courses(session, rows)
    saved = _lessons(session, rows)
    missing = ("Lesson number", "There is no lesson of this number in the course. Import the lessons first.")
    return [
        problem or (None if _pair(row) in saved else missing)
        for row, problem in zip(rows, problems, strict=True)
    ]


def _find_courses(session: Session, rows: Rows) -> list[list[Existing]]:
    saved = _courses(session)
    found = (saved.get(row["course"]) for row in rows)
    return [
        [Existing(one.id, one.version, {name: getattr(one, field) for name, field in COURSE_FIELDS.items()})]
        if one
        else []
        for one in found
    ]


def _find_lessons(session: Session, rows: Rows) -> list[list[Existing]]:
    saved = _lessons(session, rows)
    found = (saved.get(_pair(row)) for row in rows)
    return [
        [Existing(one.id, one.version, {**row, "title": one.title, "description": one.description})]
        if one
        else []
        for row, one in zip(rows, found, strict=True)
    ]


def _find_templates(session: Session, rows: Rows) -> list[list[Existing]]:
    saved = _lessons(session, rows)
    found = (saved.get(_pair(row)) for row in rows)
    return [
        [Existing(one.id, one.template_number + 1, {**row, **texts_of(one.template).as_dict()})]
        if one
        else []
        for row, one in zip(rows, found, strict=True)
    ]


def _write_courses(session: Session, writing: Writing, changes: Sequence[Change]) -> None:
    saved = _held(session, Course, changes)
    for one in changes:
        texts = {COURSE_FIELDS[name]: value for name, value in one.values.items()}
        course = saved.get(one.id)
        if course is None:
            values = clean_course(texts)
            course = Course(id=one.id, **values, created_at=writing.now, updated_at=writing.now)
            session.add(course)
        else:
            _same(course.version, one)
            for name in one.before:
                setattr(course, COURSE_FIELDS[name], one.values[name])
            course.version, course.updated_at = course.version + 1, writing.now
        course.voice_hash = voice_hash(course_facts(course))
    session.flush()
    _trace(session, writing, changes, "course", AuditAction.COURSE_CREATED, AuditAction.COURSE_CHANGED)


def _write_lessons(session: Session, writing: Writing, changes: Sequence[Change]) -> None:
    saved, courses = _held(session, Lesson, changes), _courses(session)
    taken = set(_lessons(session, [one.values for one in changes if not one.version]))
    for one in changes:
        lesson = saved.get(one.id)
        if lesson is None:
            pair = (_course_key(one, courses), one.values["lesson_number"])
            if pair in taken:
                raise Conflict(f"Lesson {pair[1]} of {pair[0]} stands twice. Nothing was written.")
            taken.add(pair)
            session.add(_new_lesson(one, courses[pair[0]], writing))
        else:
            _same(lesson.version, one)
            for name in one.before:
                setattr(lesson, name, one.values[name])
            lesson.version, lesson.updated_at = lesson.version + 1, writing.now
    session.flush()
    _trace(session, writing, changes, "lesson", AuditAction.LESSON_CREATED, AuditAction.LESSON_CHANGED)


def _course_key(change: Change, courses: dict[str, Course]) -> str:
    key: str = change.values.get("course") or (next(iter(courses)) if len(courses) == 1 else "")
    if key not in courses:
        raise Conflict(CHANGED)
    return key


def _new_lesson(change: Change, course: Course, writing: Writing) -> Lesson:
    return Lesson(
        id=change.id,
        course_id=course.id,
        lesson_number=change.values["lesson_number"],
        code=change.id.hex,
        title=change.values["title"],
        description=change.values.get("description", ""),
        created_at=writing.now,
        updated_at=writing.now,
    )


def _write_templates(session: Session, writing: Writing, changes: Sequence[Change]) -> None:
    saved, who = _held(session, Lesson, changes), writing.actor
    for one in changes:
        if (lesson := saved.get(one.id)) is None:
            raise Conflict(CHANGED)
        _same(lesson.template_number + 1, one)
        sections = {**texts_of(lesson.template).as_dict(), **{name: one.values[name] for name in one.before}}
        lesson.template, lesson.updated_at = sections, writing.now
        lesson.template_number += 1
        version = TemplateVersion(
            lesson_id=lesson.id,
            number=lesson.template_number,
            sections=sections,
            saved_at=writing.now,
            saved_by=who.name,
            staff_id=who.staff_id,
            reason="Imported",
        )
        session.add(version)
    session.flush()
    _trace(session, writing, changes, "lesson", AuditAction.TEMPLATE_CHANGED, AuditAction.TEMPLATE_CHANGED)


def _held(session: Session, model: type[Any], changes: Sequence[Change]) -> dict[Any, Any]:
    wanted = [one.id for one in changes if one.version]
    found = session.scalars(select(model).where(model.id.in_(wanted)).with_for_update())
    saved = {row.id: row for row in found}
    if len(saved) != len(wanted):
        raise Conflict(CHANGED)
    return saved


def _same(version: int, change: Change) -> None:
    if version != change.version:
        raise Conflict(CHANGED)


def _trace(
    session: Session,
    writing: Writing,
    changes: Sequence[Change],
    subject: str,
    created: AuditAction,
    changed: AuditAction,
) -> None:
    record = writing.auditor.record_many
    new = [one for one in changes if not one.version]
    old = [one for one in changes if one.version]
    made = ((one.id, {name: (None, value) for name, value in one.values.items() if value}) for one in new)
    record(session, writing.actor, created, subject, made)
    told = ((one.id, {name: (was, one.values[name]) for name, was in one.before.items()}) for one in old)
    record(session, writing.actor, changed, subject, told)


def _maybe_key(given: str) -> str:
    return read_key(given) if given.strip() else ""


def _column(
    name: str, label: str, read: Callable[[str], Any], *also: str, required: bool = False, keeps: bool = False
) -> ImportColumn:
    return ImportColumn(name, label, read, required, also, keeps)


COURSE = _column("course", "Course", _maybe_key, "course key", keeps=True)
NUMBER = _column("lesson_number", "Lesson number", read_number, "lesson", "number", "no", "n", required=True)
COURSE_IMPORT = ImportKind(
    name="courses",
    noun="course",
    permission=Permission.LESSONS_WRITE,
    columns=(
        _column("course", "Course", read_key, "key", "course key", required=True),
        _column("name", "Name", read_name, "course name", "title", required=True),
        _column("language", "Language", read_language, "lang", keeps=True),
        _column("voice", "Voice", read_voice, "instructor", "instructor’s voice", keeps=True),
    ),
    key=lambda values: (values["course"],),
    find=_find_courses,
    write=_write_courses,
    endpoint="lessons.index",
)
LESSON_IMPORT = ImportKind(
    name="lessons",
    noun="lesson",
    permission=Permission.LESSONS_WRITE,
    columns=(
        _column("title", "Title", read_title, "lesson title", "name", required=True),
        NUMBER,
        _column("description", "Description", read_description, "about", keeps=True),
        COURSE,
    ),
    key=_pair_key,
    find=_find_lessons,
    write=_write_lessons,
    endpoint="lessons.index",
    complete=_name_courses,
)
TEMPLATE_IMPORT = ImportKind(
    name="templates",
    noun="template",
    permission=Permission.LESSONS_WRITE,
    columns=(
        NUMBER,
        *(_column(name, Section(name).label, read_section, keeps=True) for name in SECTIONS),
        COURSE,
    ),
    key=_pair_key,
    find=_find_templates,
    write=_write_templates,
    endpoint="lessons.index",
    complete=_name_lessons,
)
