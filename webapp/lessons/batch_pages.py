"""The page of batches: choose, see what it will take, start; and the batches of late."""

from __future__ import annotations

from typing import Any

from flask import flash, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import DomainError, NotFound
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.jobs.models import Job
from webapp.core.jobs.views import JobView, view_of
from webapp.core.services import services
from webapp.lessons.batch import running, start_batch, too_many, unknown_of
from webapp.lessons.batch_form import BatchForm
from webapp.lessons.blueprint import pages
from webapp.lessons.courses import all_courses
from webapp.lessons.estimate import estimate, service_now
from webapp.lessons.lessons import lessons_of
from webapp.lessons.models import Course
from webapp.lessons.work import BATCH

RECENT = 10
MOST_NAMED = 10


@pages.get("/batches")
@requires(Permission.LESSONS_READ)
def batches() -> Response:
    person = request.args.get("person", "").strip()[:200]
    one = {"learners": "list", "ids": person, "only": "all"} if person else {}
    return _page(BatchForm(formdata=None, data=one), _course(request.args.get("course", "")))


@pages.post("/batches")
@requires(Permission.LESSONS_WRITE)
def ask_batch() -> Response:
    """Estimate or start; both show the form again with everything in it when something is amiss."""
    form = BatchForm()
    course = _course(form.course.data or "")
    if course is None:
        return _page(form, None, 422)
    form.offer(lessons_of(db.session(), [course.id])[course.id])
    choice = form.choice(course)
    if choice is None:
        return _page(form, course, 422)
    unknown = unknown_of(db.session(), choice.identifiers)
    context: dict[str, Any] = {"unknown": unknown[:MOST_NAMED], "unknown_count": len(unknown)}
    if request.form.get("do") == "start":
        try:
            job, is_new = start_batch(db.session(), actor(), choice, services().starter)
        except DomainError as error:
            put_error(form, None, error.message)
            return _page(form, course, 422, **context)
        flash("The batch is started." if is_new else "This batch is running already; here it is.")
        return go("jobs.show", job_id=job.id)
    told = estimate(db.session(), choice, service_now(db.session()))
    return _page(form, course, told=told, busy=running(db.session(), choice), **context)


def _course(word: str) -> Course | None:
    """The course of this key or id, without one the first. Raises NotFound."""
    found = all_courses(db.session())
    if not word:
        return found[0] if found else None
    named = next((course for course in found if word in {course.key, str(course.id)}), None)
    if named is None:
        raise NotFound("There is no such course any more.", details={"course": "unknown"})
    return named


def _page(form: BatchForm, course: Course | None, status: int = 200, **context: object) -> Response:
    session = db.session()
    if course is not None:
        form.offer(lessons_of(session, [course.id])[course.id])
        form.course.data = str(course.id)
    return render(
        "lessons/batches.html",
        None,
        status,
        form=form,
        course=course,
        courses=all_courses(session),
        jobs=_recent(),
        currency=services().settings.llm_currency,
        too_many=too_many(),
        **context,
    )


def _recent() -> list[JobView]:
    session, now = db.session(), services().clock.now()
    latest = select(Job).where(Job.kind == BATCH.name).order_by(Job.id.desc()).limit(RECENT)
    return [view_of(session, job, now) for job in session.scalars(latest)]
