"""The page of coverage: lessons by learners as a map, numbers by lesson, which lessons fail more often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Response as FlaskResponse
from flask import request
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.charts import Cell, HeatMap, Interval, IntervalChart, heat_map, interval
from webapp.core.csv_files import csv_parts
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.htmx import render
from webapp.core.services import services
from webapp.lessons.blueprint import pages
from webapp.lessons.courses import all_courses, course_named
from webapp.lessons.coverage import (
    HEAD,
    MOST_COUNTED,
    Failing,
    Learner,
    Standing,
    failing_of,
    learners_page,
    standing_of,
    table_of,
    totals_of,
    verdict,
)
from webapp.lessons.lessons import lessons_of
from webapp.lessons.links import preview_path
from webapp.lessons.models import Course, Lesson

KINDS = (
    ("missing", "plain", "–"),
    ("stale", "draft", "S"),
    ("unreviewed", "info", "U"),
    ("approved", "own", "A"),
    ("edited", "own", "E"),
)
SIGNS = {word: (kind, sign) for word, kind, sign in KINDS}


@pages.get("/coverage")
@requires(Permission.LESSONS_READ)
def coverage() -> Response:
    session, courses = db.session(), all_courses(db.session())
    word, q = request.args.get("course", ""), request.args.get("q", "").strip()[:200]
    course = next((one for one in courses if one.key == word), None)
    if word and course is None:
        raise NotFound("There is no such course.", details={"course": "unknown"})
    course = course or (courses[0] if courses else None)
    if course is None:
        return render("lessons/coverage.html", None, 200, course=None)
    lessons = lessons_of(session, [course.id])[course.id]
    learners, following = learners_page(session, q, request.args.get("after"))
    standing = standing_of(session, course.id, learners) if lessons else {}
    failing = failing_of(session, lessons, services().clock.now())
    return render(
        "lessons/coverage.html",
        None,
        200,
        course=course,
        courses=courses,
        q=q,
        lessons=lessons,
        learners=learners,
        next=following,
        kinds=KINDS,
        chart=_map(course, lessons, learners, standing),
        words=_words(lessons, learners, standing),
        totals=totals_of(session, lessons),
        most=MOST_COUNTED,
        failing=failing,
        forest=_forest(failing),
        verdict=verdict(failing),
    )


@pages.get("/coverage/export")
@requires(Permission.LESSONS_READ)
def export_coverage() -> Response:
    session, course = db.session(), course_named(db.session(), request.args.get("course"))
    lessons = lessons_of(session, [course.id])[course.id]
    rows = table_of(totals_of(session, lessons), failing_of(session, lessons, services().clock.now()))
    parts = csv_parts(HEAD, [list(map(str, row)) for row in rows])
    name = f'attachment; filename="coverage-{course.key}.csv"'
    return FlaskResponse(parts, mimetype="text/csv", headers={"Content-Disposition": name})


def _word(standing: Standing | None) -> str:
    if standing is None:
        return "missing"
    return "stale" if standing.stale else standing.state.value


def _words(
    lessons: Sequence[Lesson], learners: Sequence[Learner], standing: Mapping[tuple[UUID, UUID], Standing]
) -> list[list[str]]:
    return [[_word(standing.get((who.id, lesson.id))) for lesson in lessons] for who in learners]


def _map(
    course: Course,
    lessons: Sequence[Lesson],
    learners: Sequence[Learner],
    standing: Mapping[tuple[UUID, UUID], Standing],
) -> HeatMap:
    cells = {}
    for row, words in enumerate(_words(lessons, learners, standing)):
        who = learners[row]
        for column, word in enumerate(words):
            number = lessons[column].lesson_number
            kind, sign = SIGNS[word]
            told = f"Lesson {number} for {who.name or who.identifier}: {word}"
            cells[row, column] = Cell(kind, sign, told, preview_path(number, who.identifier, course.key))
    rows = [(who.name or who.identifier, f"/people/{who.id}") for who in learners]
    columns = [(str(one.lesson_number), f"{one.lesson_number} {one.title}") for one in lessons]
    return heat_map(rows, columns, cells)


def _forest(failing: Sequence[Failing]) -> IntervalChart:
    tries, failed = sum(one.tries for one in failing), sum(one.failed for one in failing)
    rows = [
        Interval(
            f"{one.lesson.lesson_number} {one.lesson.title}",
            one.share,
            one.low,
            one.high,
            f"{one.failed:,} of {one.tries:,}",
            one.above,
        )
        for one in failing
    ]
    return interval(rows, base=failed / tries if tries else None, percent=True)
