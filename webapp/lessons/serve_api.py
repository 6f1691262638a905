"""The call that the course site makes for each lesson a learner opens, and what it left behind."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, make_response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.accounts.context import in_company
from webapp.core.access import Permission, admits_itself, requires
from webapp.core.db import db
from webapp.core.docs import RESPONSES, errors
from webapp.core.services import services
from webapp.core.tables import Column, Listing
from webapp.lessons import browser_calls
from webapp.lessons.basis import Marks
from webapp.lessons.courses import course_named
from webapp.lessons.facts import texts_of
from webapp.lessons.html import lesson_html
from webapp.lessons.lesson_prompt import versions_in_force
from webapp.lessons.lessons import lesson_numbered
from webapp.lessons.models import Course, Lesson, PersonalLesson
from webapp.lessons.publish import Publishing
from webapp.lessons.serve import Served, Serving
from webapp.lessons.serve_schemas import (
    LearnerPath,
    LearnerQuery,
    PersonalizationOut,
    PersonalizationPath,
    PersonalizationQuery,
    PersonalizationsOut,
    PersonalSections,
    ServedOut,
    ServeIn,
)
from webapp.lessons.stored import Ask
from webapp.people.models import Survey
from webapp.people.persons import find_person

CALL = "/personalize-template"
LISTING = Listing(PersonalLesson, (Column("id", PersonalLesson.id),), default_sort="id")
common: dict[str, Any] = {
    "abp_responses": RESPONSES,
    "url_prefix": "/api/persona",
    "abp_tags": [Tag(name="serving", description="Lessons as learners read them")],
    "abp_security": [{"token": []}],
}
serve_api = APIBlueprint("serve_api", __name__, **common)  # the one that browsers call
personalizations_api = APIBlueprint("personalizations_api", __name__, **common)
serve_api.before_request(browser_calls.check_origin)
serve_api.after_request(browser_calls.dress)
preflights = Blueprint("serve_preflight", __name__, url_prefix="/api/persona")
preflights.after_request(browser_calls.dress)


@preflights.route(CALL, methods=["OPTIONS"])
@requires(Permission.PUBLIC)
@admits_itself
def ask_first() -> Response:
    """Tell a browser whether its page may call; no token comes with this."""
    return browser_calls.preflight()


@serve_api.post(
    CALL,
    responses={200: ServedOut, **errors(422, 502, 504)},
    summary="Serve a lesson to a learner",
    provide_automatic_options=False,
)
@requires(Permission.LESSONS_SERVE)
def personalize_template(body: ServeIn) -> Response:
    """Answer the learner's lesson: the stored one while it is current, else one written now.

    A lesson that a person edited or approved is answered as it is, `stale` when a newer text would differ.
    When none can be written, an older one comes with `stale` and a `Warning` header. With a publishable
    token the header `X-Person-Token` proves the person: a JWT (HS256) that the course site signed, with
    `sub`, the user_id, and `exp`, within the hour.
    """
    who = in_company(body.company_hq_id)
    browser_calls.check_browser(who, body.user_id, flush=body.flush)
    made = services()
    serving = Serving(made.clock, made.starter, made.waiting, browser_calls.allowance(who))
    ask = Ask(body.user_id, body.lesson_number, body.course, body.flush)
    return _answer(serving.serve(db.session(), who, ask))


@personalizations_api.get(
    "/personalizations/<string:user_id>", responses={200: PersonalizationsOut}, summary="A learner’s lessons"
)
@requires(Permission.LESSONS_READ)
def list_personalizations(path: LearnerPath, query: LearnerQuery) -> dict[str, Any]:
    """Answer every lesson stored for the learner, the oldest first, and whether it still fits."""
    in_company(query.company_hq_id)
    session = db.session()
    person = find_person(session, path.user_id)
    mine = PersonalLesson.person_id == person.id
    rows, following = LISTING.items(session, query.limit, query.cursor, mine)
    return {"items": _told(rows), "next": following}


@personalizations_api.delete(
    "/personalizations/<string:user_id>/<int:lesson_number>",
    responses={204: None},
    summary="Delete a learner’s lesson",
)
@requires(Permission.LESSONS_WRITE)
def delete_personalization(path: PersonalizationPath, query: PersonalizationQuery) -> tuple[str, int]:
    """Delete what is stored for the learner with its versions; the next serving call writes it anew."""
    who = in_company(query.company_hq_id)
    session, made = db.session(), services()
    course = course_named(session, query.course)
    person = find_person(session, path.user_id)
    lesson = lesson_numbered(session, course.id, path.lesson_number)
    Publishing(made.clock, made.auditor).remove(session, who, (person.id, lesson.id))
    return "", 204


def _answer(served: Served) -> Response:
    out = ServedOut(
        html=str(lesson_html(served.texts, served.language)),
        cached=served.cached,
        personalization=PersonalSections(**served.texts.as_dict()),
        stale=served.stale,
    )
    answer = make_response(jsonify(out.model_dump(mode="json")), 200)
    if served.warning:
        answer.headers["Warning"] = f'110 - "Response is Stale: {served.warning}"'
    return answer


def _told(rows: list[PersonalLesson]) -> list[dict[str, Any]]:
    session = db.session()
    if not rows:
        return []
    prompts = versions_in_force(session)
    around = select(Lesson, Course).join(Course, Course.id == Lesson.course_id)
    of_rows = around.where(Lesson.id.in_([row.lesson_id for row in rows]))
    places = {lesson.id: (lesson, course) for lesson, course in session.execute(of_rows)}
    survey = session.scalar(select(Survey.hash).where(Survey.person_id == rows[0].person_id)) or ""
    return [_one(row, *places[row.lesson_id], survey, prompts) for row in rows if row.lesson_id in places]


def _one(
    row: PersonalLesson, lesson: Lesson, course: Course, survey: str, prompts: dict[Any, str]
) -> dict[str, Any]:
    reasons = Marks(lesson.template_mark, survey, course.voice_hash, prompts).why_stale(row)
    out = PersonalizationOut(
        course=course.key,
        lesson_number=lesson.lesson_number,
        title=lesson.title,
        state=row.state,
        stale=bool(reasons),
        stale_reasons=list(reasons),
        sections=PersonalSections(**texts_of(row.sections).as_dict()),
        strategy=row.strategy,
        model=row.model,
        flagged=row.flagged,
        version=row.version,
        written_at=row.written_at,
        updated_at=row.updated_at,
    )
    return out.model_dump(mode="json")
