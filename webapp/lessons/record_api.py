"""Courses, lessons and their templates for programs."""

from __future__ import annotations

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.docs import RESPONSES, errors
from webapp.core.idempotency import once
from webapp.core.services import services
from webapp.core.tables import Column, Listing
from webapp.core.wire import CompanyQuery, ListQuery
from webapp.lessons import courses, lessons
from webapp.lessons.facts import SECTIONS
from webapp.lessons.models import Course, Lesson
from webapp.lessons.schemas import (
    CourseChange,
    CourseFields,
    CourseIn,
    CourseOut,
    CoursePath,
    CoursesOut,
    LessonChange,
    LessonFields,
    LessonIn,
    LessonOut,
    LessonPath,
    LessonsOut,
    LessonsQuery,
    TemplateIn,
)
from webapp.lessons.templates import save_template

SECURITY: list[dict[str, list[str]]] = [{"token": []}]
REFUSED = errors(422)
STALE = errors(409, 422)
Out = dict[str, Any]
COURSES_BY_ID = Listing(Course, (Column("id", Course.id),), default_sort="id")
LESSONS_BY_NUMBER = Listing(Lesson, (Column("number", Lesson.lesson_number),), default_sort="number")

courses_api = APIBlueprint(
    "courses_api",
    __name__,
    abp_responses=RESPONSES,
    url_prefix="/api/courses",
    abp_tags=[Tag(name="courses", description="Whose voice lessons speak in")],
    abp_security=SECURITY,
)
lessons_api = APIBlueprint(
    "lessons_api",
    __name__,
    abp_responses=RESPONSES,
    url_prefix="/api/lessons",
    abp_tags=[Tag(name="lessons", description="Lessons with their templates")],
    abp_security=SECURITY,
)


@courses_api.get("", responses={200: CoursesOut}, summary="List courses")
@requires(Permission.LESSONS_READ)
def list_courses(query: ListQuery) -> Out:
    """Answer a page of courses, the oldest first."""
    in_company(query.company_hq_id)
    rows, following = COURSES_BY_ID.items(db.session(), query.limit, query.cursor)
    return {"items": [_course(row) for row in rows], "next": following}


@courses_api.post("", responses={201: CourseOut, **REFUSED}, summary="Create a course")
@requires(Permission.LESSONS_WRITE)
@once
def create_course(body: CourseIn) -> tuple[Out, int]:
    """Save a course; 422 when another one has this key."""
    who = in_company(body.company_hq_id)
    return _course(courses.create_course(db.session(), who, _values(body), **_clients())), 201


@courses_api.get("/<string:course>", responses={200: CourseOut}, summary="Read a course")
@requires(Permission.LESSONS_READ)
def read_course(path: CoursePath, query: CompanyQuery) -> Out:
    """Answer one course, by key or id."""
    in_company(query.company_hq_id)
    return _course(courses.course_named(db.session(), path.course))


@courses_api.put("/<string:course>", responses={200: CourseOut, **STALE}, summary="Change a course")
@requires(Permission.LESSONS_WRITE)
def change_course(path: CoursePath, body: CourseChange) -> Out:
    """Save all of it as read at a version; 409 when somebody saved in between."""
    who = in_company(body.company_hq_id)
    found = courses.course_named(db.session(), path.course).id
    return _course(courses.change_course(db.session(), who, found, _values(body), body.version, **_clients()))


@courses_api.delete("/<string:course>", responses={204: None}, summary="Delete a course")
@requires(Permission.LESSONS_WRITE)
def delete_course(path: CoursePath, query: CompanyQuery) -> tuple[str, int]:
    """Delete the course with its lessons and all that was written for learners."""
    who = in_company(query.company_hq_id)
    found = courses.course_named(db.session(), path.course).id
    courses.delete_course(db.session(), who, found, auditor=services().auditor)
    return "", 204


@lessons_api.get("", responses={200: LessonsOut}, summary="List lessons")
@requires(Permission.LESSONS_READ)
def list_lessons(query: LessonsQuery) -> Out:
    """Answer a page of lessons by number, of one course or of all."""
    in_company(query.company_hq_id)
    session = db.session()
    mine = (Lesson.course_id == courses.course_named(session, query.course).id,) if query.course else ()
    rows, following = LESSONS_BY_NUMBER.items(session, query.limit, query.cursor, *mine)
    return {"items": [_lesson(row) for row in rows], "next": following}


@lessons_api.post("", responses={201: LessonOut, **REFUSED}, summary="Create a lesson")
@requires(Permission.LESSONS_WRITE)
@once
def create_lesson(body: LessonIn) -> tuple[Out, int]:
    """Save a lesson; 422 when another one of the course has this number."""
    who = in_company(body.company_hq_id)
    course = courses.course_named(db.session(), body.course).id
    return _lesson(lessons.create_lesson(db.session(), who, course, _fields(body), **_clients())), 201


@lessons_api.get("/<uuid:lesson_id>", responses={200: LessonOut}, summary="Read a lesson")
@requires(Permission.LESSONS_READ)
def read_lesson(path: LessonPath, query: CompanyQuery) -> Out:
    """Answer one lesson with the template in force."""
    in_company(query.company_hq_id)
    return _lesson(lessons.find_lesson(db.session(), path.lesson_id))


@lessons_api.put("/<uuid:lesson_id>", responses={200: LessonOut, **STALE}, summary="Change a lesson")
@requires(Permission.LESSONS_WRITE)
def change_lesson(path: LessonPath, body: LessonChange) -> Out:
    """Save number, title and description as read at a version; 409 when somebody saved in between."""
    who = in_company(body.company_hq_id)
    found, values = path.lesson_id, _fields(body)
    return _lesson(lessons.change_lesson(db.session(), who, found, values, body.version, **_clients()))


@lessons_api.delete("/<uuid:lesson_id>", responses={204: None}, summary="Delete a lesson")
@requires(Permission.LESSONS_WRITE)
def delete_lesson(path: LessonPath, query: CompanyQuery) -> tuple[str, int]:
    """Delete the lesson, its template and all that was written for learners."""
    who = in_company(query.company_hq_id)
    lessons.delete_lesson(db.session(), who, path.lesson_id, auditor=services().auditor)
    return "", 204


@lessons_api.put(
    "/<uuid:lesson_id>/template", responses={200: LessonOut, **STALE}, summary="Save a lesson’s template"
)
@requires(Permission.LESSONS_WRITE)
def put_template(path: LessonPath, body: TemplateIn) -> Out:
    """Save the template as read at a version; 409 when somebody saved in between."""
    who = in_company(body.company_hq_id)
    texts = body.model_dump(include=set(SECTIONS))
    saved = save_template(
        db.session(), who, path.lesson_id, texts, body.version, reason=body.reason, **_clients()
    )
    return _lesson(saved)


def _values(body: CourseFields) -> dict[str, Any]:
    given = body.model_dump(include=set(CourseFields.model_fields))
    given["lengths"] = body.lengths.model_dump(exclude_none=True)
    return given


def _fields(body: LessonFields) -> dict[str, Any]:
    return body.model_dump(include=set(LessonFields.model_fields))


def _clients() -> dict[str, Any]:
    return {"clock": services().clock, "auditor": services().auditor}


def _course(course: Course) -> Out:
    return CourseOut.of(course).model_dump(mode="json", by_alias=True)


def _lesson(lesson: Lesson) -> Out:
    return LessonOut.of(lesson).model_dump(mode="json", by_alias=True)
