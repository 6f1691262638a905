"""The pages of courses and of their lessons' names and numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.access import Actor, Permission, requires
from webapp.core.area import Found
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.record_forms import blamed, clients, created_once, now_at
from webapp.core.services import services
from webapp.lessons import courses, coverage, lessons
from webapp.lessons.blueprint import pages
from webapp.lessons.forms import CourseForm, LessonForm
from webapp.lessons.models import Course, Lesson
from webapp.lessons.record_pages import in_words

MOST_COUNTED = 100  # lessons whose numbers are shown
MOST_FOUND = 8  # by the search of everything


@pages.get("")
@requires(Permission.LESSONS_READ)
def index() -> Response:
    found = courses.all_courses(db.session())
    by_course = lessons.lessons_of(db.session(), [course.id for course in found])
    totals = _totals([one for rows in by_course.values() for one in rows])
    return render("lessons/index.html", None, 200, courses=found, lessons=by_course, totals=totals)


@pages.get("/courses/new")
@requires(Permission.LESSONS_WRITE)
def new_course() -> Response:
    return _new_course(CourseForm(formdata=None), 200)


@pages.post("/courses")
@requires(Permission.LESSONS_WRITE)
def create_course() -> Response:
    form = CourseForm()
    if form.moved or not form.validate():
        return _new_course(form, 200 if form.moved else 422)
    values = form.values
    try:
        course_id = created_once(
            form, values, lambda: courses.create_course(db.session(), actor(), values, **clients()).id
        )
    except DomainError as error:
        blamed(form, error)
        return _new_course(form, error.status)
    flash("The course is saved.")
    return go("lessons.course", course_id=course_id)


@pages.get("/courses/<uuid:course_id>")
@requires(Permission.LESSONS_READ)
def course(course_id: UUID) -> Response:
    found = courses.find_course(db.session(), course_id)
    rows = lessons.lessons_of(db.session(), [course_id])[course_id]
    lengths = courses.lengths_of(found.lengths)
    context = {"rows": rows, "lengths": lengths, "totals": _totals(rows)}
    return render("lessons/course.html", None, 200, course=found, **context)


@pages.get("/courses/<uuid:course_id>/edit")
@requires(Permission.LESSONS_WRITE)
def edit_course(course_id: UUID) -> Response:
    found = courses.find_course(db.session(), course_id)
    return _edit_course(CourseForm.of(found), found, 200)


@pages.post("/courses/<uuid:course_id>")
@requires(Permission.LESSONS_WRITE)
def save_course(course_id: UUID) -> Response:
    form = CourseForm()
    try:
        found = courses.find_course(db.session(), course_id)
        if form.moved or not form.validate():
            return _edit_course(form, found, 200 if form.moved else 422)
        read = form.version.data or 0
        courses.change_course(db.session(), actor(), course_id, form.values, read, **clients())
    except Conflict as error:
        return _course_conflict(form, course_id, error)
    except NotFound as error:
        blamed(form, error)
        return _new_course(form, 404)
    except DomainError as error:
        blamed(form, error)
        return _edit_course(form, found, error.status)
    flash("The course is saved.")
    return go("lessons.course", course_id=course_id)


@pages.post("/courses/<uuid:course_id>/delete")
@requires(Permission.LESSONS_WRITE)
def delete_course(course_id: UUID) -> Response:
    courses.delete_course(db.session(), actor(), course_id, auditor=services().auditor)
    flash("The course is deleted.")
    return go("lessons.index")


@pages.get("/courses/<uuid:course_id>/lessons/new")
@requires(Permission.LESSONS_WRITE)
def new_lesson(course_id: UUID) -> Response:
    found = courses.find_course(db.session(), course_id)
    number = lessons.next_number(db.session(), course_id)
    return _new_lesson(LessonForm(formdata=None, data={"lesson_number": number}), found, 200)


@pages.post("/courses/<uuid:course_id>/lessons")
@requires(Permission.LESSONS_WRITE)
def create_lesson(course_id: UUID) -> Response:
    form, found = LessonForm(), courses.find_course(db.session(), course_id)
    if not form.validate():
        return _new_lesson(form, found, 422)
    values = form.values
    try:
        lesson_id = created_once(
            form,
            values,
            lambda: lessons.create_lesson(db.session(), actor(), course_id, values, **clients()).id,
        )
    except DomainError as error:
        blamed(form, error)
        return _new_lesson(form, found, error.status)
    flash("The lesson is saved. Write its template.")
    return go("lessons.lesson", lesson_id=lesson_id)


@pages.get("/<uuid:lesson_id>/edit")
@requires(Permission.LESSONS_WRITE)
def edit_lesson(lesson_id: UUID) -> Response:
    lesson = lessons.find_lesson(db.session(), lesson_id)
    data = {**lessons.lesson_values(lesson), "version": lesson.version}
    return _edit_lesson(LessonForm(formdata=None, data=data), lesson, 200)


@pages.post("/<uuid:lesson_id>")
@requires(Permission.LESSONS_WRITE)
def save_lesson(lesson_id: UUID) -> Response:
    form, lesson = LessonForm(), lessons.find_lesson(db.session(), lesson_id)
    if not form.validate():
        return _edit_lesson(form, lesson, 422)
    try:
        read = form.version.data or 0
        lessons.change_lesson(db.session(), actor(), lesson_id, form.values, read, **clients())
    except Conflict as error:
        return _lesson_conflict(form, lesson_id, error)
    except DomainError as error:
        blamed(form, error)
        return _edit_lesson(form, lesson, error.status)
    flash("The lesson is saved.")
    return go("lessons.lesson", lesson_id=lesson_id)


@pages.post("/<uuid:lesson_id>/delete")
@requires(Permission.LESSONS_WRITE)
def delete_lesson(lesson_id: UUID) -> Response:
    course_id = lessons.find_lesson(db.session(), lesson_id).course_id
    lessons.delete_lesson(db.session(), actor(), lesson_id, auditor=services().auditor)
    flash("The lesson is deleted.")
    return go("lessons.course", course_id=course_id)


def find(session: Session, who: Actor, query: str) -> list[Found]:
    """Find lessons by the beginnings of their titles."""
    if not who.may(Permission.LESSONS_READ):
        return []
    return [
        Found("lesson", row.title, url_for("lessons.lesson", lesson_id=row.id), f"Lesson {row.lesson_number}")
        for row in lessons.LISTING.first(session, query, MOST_FOUND)
    ]


def _totals(rows: list[Lesson]) -> dict[UUID, coverage.Total]:
    return {one.lesson.id: one for one in coverage.totals_of(db.session(), rows[:MOST_COUNTED])}


def _course_conflict(form: CourseForm, course_id: UUID, error: Conflict) -> Response:
    found = courses.find_course(db.session(), course_id)
    changes = courses.course_differences(found, courses.clean_course(form.values))
    now_at(form, found.version, error)
    return _edit_course(form, found, 409, theirs=_theirs(changes))


def _lesson_conflict(form: LessonForm, lesson_id: UUID, error: Conflict) -> Response:
    lesson = lessons.find_lesson(db.session(), lesson_id)
    changes = lessons.lesson_differences(lesson, lessons.clean_lesson(form.values))
    now_at(form, lesson.version, error)
    return _edit_lesson(form, lesson, 409, theirs=_theirs(changes))


def _theirs(changes: dict[str, tuple[Any, Any]]) -> list[tuple[str, str]]:
    return [
        (name.replace("_", " ").capitalize(), in_words(saved) or "(empty)")
        for name, (saved, _) in changes.items()
    ]


def _new_course(form: CourseForm, status: int) -> Response:
    return render("lessons/course_new.html", None, status, form=form)


def _edit_course(form: CourseForm, course: Course, status: int, **context: object) -> Response:
    return render("lessons/course_edit.html", None, status, form=form, course=course, row=course, **context)


def _new_lesson(form: LessonForm, course: Course, status: int) -> Response:
    return render("lessons/lesson_new.html", None, status, form=form, course=course)


def _edit_lesson(form: LessonForm, lesson: Lesson, status: int, **context: object) -> Response:
    course = courses.find_course(db.session(), lesson.course_id)
    return render(
        "lessons/lesson_edit.html",
        None,
        status,
        form=form,
        lesson=lesson,
        course=course,
        row=lesson,
        **context,
    )
