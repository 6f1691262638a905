"""The pages of templates: a lesson's own page, its versions, and the course's files."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from flask import flash, request
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.diff import diff, diff_fields
from webapp.core.errors import Conflict, DomainError
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.record_forms import blamed, clients, now_at
from webapp.core.services import services
from webapp.lessons.blueprint import pages
from webapp.lessons.courses import find_course, lengths_of
from webapp.lessons.facts import SECTIONS, Section, texts_of
from webapp.lessons.forms import TemplateForm
from webapp.lessons.lessons import find_lesson
from webapp.lessons.models import Lesson, TemplateVersion
from webapp.lessons.template_exchange import Look, export_files, folder_of, import_files, look, summed
from webapp.lessons.templates import restore_template, save_template, template_of, versions_of

LABELS = {name: Section(name).label for name in SECTIONS}
MOST_DIGITS = 10  # more than an integer column holds is no version
MOST_PROBLEMS = 5  # that a notice names


@pages.get("/<uuid:lesson_id>")
@requires(Permission.LESSONS_READ)
def lesson(lesson_id: UUID) -> Response:
    found = find_lesson(db.session(), lesson_id)
    data = {**texts_of(found.template).as_dict(), "version": found.template_number}
    return _lesson_page(found, TemplateForm(formdata=None, data=data), 200)


@pages.post("/<uuid:lesson_id>/template")
@requires(Permission.LESSONS_WRITE)
def save(lesson_id: UUID) -> Response:
    form, found = TemplateForm(), find_lesson(db.session(), lesson_id)
    if not form.validate():
        return _lesson_page(found, form, 422)
    reason, read = form.reason.data or "", form.version.data or 0
    try:
        save_template(db.session(), actor(), lesson_id, form.values, read, reason=reason, **clients())
    except Conflict as error:
        return _conflict(form, lesson_id, error)
    except DomainError as error:
        blamed(form, error)
        return _lesson_page(found, form, error.status)
    flash("The template is saved.")
    return go("lessons.lesson", lesson_id=lesson_id)


@pages.get("/<uuid:lesson_id>/versions")
@requires(Permission.LESSONS_READ)
def versions(lesson_id: UUID) -> Response:
    found = find_lesson(db.session(), lesson_id)
    course = find_course(db.session(), found.course_id)
    kept = versions_of(db.session(), lesson_id)
    new, old = _chosen(kept, "new", 0), _chosen(kept, "old", 1)
    changes = diff_fields(old.sections, new.sections) if old and new else ()
    return render(
        "lessons/versions.html",
        None,
        200,
        lesson=found,
        course=course,
        versions=kept,
        labels=LABELS,
        new=new,
        old=old,
        changes=[change for change in changes if change.changed],
    )


@pages.post("/<uuid:lesson_id>/restore")
@requires(Permission.LESSONS_WRITE)
def restore(lesson_id: UUID) -> Response:
    number = _number(request.form.get("version", ""))
    restore_template(db.session(), actor(), lesson_id, number, **clients())
    flash(f"Version {number} is restored as a new version.")
    return go("lessons.versions", lesson_id=lesson_id)


@pages.get("/courses/<uuid:course_id>/files")
@requires(Permission.LESSONS_READ)
def files(course_id: UUID) -> Response:
    course, seen = _look(course_id)
    shown = [
        (line, [(LABELS[name], diff(*pair)) for name, pair in line.changes.items()]) for line in seen.lines
    ]
    ready = sum(line.state == "changed" for line in seen.lines)
    given = {"course": course, "seen": seen, "lines": shown, "ready": ready, "where": _shown(seen.folder)}
    return render("lessons/files.html", None, 200, **given)


@pages.post("/courses/<uuid:course_id>/files/import")
@requires(Permission.LESSONS_WRITE)
def import_template_files(course_id: UUID) -> Response:
    _, seen = _look(course_id)
    only = {line.lesson.id for line in seen.lines if str(line.lesson.id) in request.form.getlist("lesson")}
    if request.form.get("all") != "1" and not only:
        flash("Nothing was marked.", "bad")
        return go("lessons.files", course_id=course_id)
    chosen = None if request.form.get("all") == "1" else only
    report = import_files(db.session(), actor(), seen, only=chosen, **clients())
    lines = list(summed(report, verb="imported"))[: MOST_PROBLEMS + 3]
    flash(" ".join(lines), "bad" if report.problems else "message")
    return go("lessons.files", course_id=course_id)


@pages.post("/courses/<uuid:course_id>/files/export")
@requires(Permission.LESSONS_WRITE)
def export_template_files(course_id: UUID) -> Response:
    course = find_course(db.session(), course_id)
    folder = folder_of(db.session(), services().settings.lesson_files, course)
    try:
        report = export_files(db.session(), actor(), course, folder, auditor=services().auditor)
        flash(" ".join(summed(report, verb="exported")))
    except DomainError as error:
        flash(error.message, "bad")
    return go("lessons.files", course_id=course_id)


def _look(course_id: UUID) -> tuple[Any, Look]:
    session = db.session()
    course = find_course(session, course_id)
    return course, look(session, course, folder_of(session, services().settings.lesson_files, course))


def _shown(folder: Path) -> str:
    """The folder as staff should know it: below the instance's own, wherever that is."""
    instance = services().settings.instance
    return str(folder.relative_to(instance) if folder.is_relative_to(instance) else folder)


def _lesson_page(found: Lesson, form: TemplateForm, status: int, **context: object) -> Response:
    course = find_course(db.session(), found.course_id)
    texts = template_of(found).as_dict()
    return render(
        "lessons/lesson.html",
        None,
        status,
        lesson=found,
        course=course,
        form=form,
        texts=texts,
        labels=LABELS,
        lengths=lengths_of(course.lengths),
        counts={name: len((form[name].data or "").split()) for name in SECTIONS},
        **context,
    )


def _conflict(form: TemplateForm, lesson_id: UUID, error: Conflict) -> Response:
    """Both texts: theirs beside the form, the author's own in it; saving again makes the next version."""
    found = find_lesson(db.session(), lesson_id)
    saved = texts_of(found.template).as_dict()
    mine = form.values
    theirs = [(LABELS[name], saved[name] or "(empty)") for name in SECTIONS if saved[name] != mine[name]]
    now_at(form, found.template_number, error)
    return _lesson_page(found, form, 409, theirs=theirs)


def _chosen(kept: list[TemplateVersion], name: str, default: int) -> TemplateVersion | None:
    if word := request.args.get(name, ""):
        return next((version for version in kept if version.number == _number(word)), None)
    return kept[default] if len(kept) > default else None


def _number(word: str) -> int:
    return int(word) if word.isdecimal() and len(word) < MOST_DIGITS else 0
