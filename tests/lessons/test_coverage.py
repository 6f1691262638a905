"""Coverage: the map's words, numbers by lesson, failures with their interval; few statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tests.conftest import World
from tests.lessons.making import Who, confined, course, learner, lesson, set_template
from tests.lessons.test_batch import done, edited
from webapp.core.charts import Bar, Cell, Interval, bars, heat_map, interval
from webapp.core.db import db, unit
from webapp.core.intervals import wilson
from webapp.lessons.batch import Choice
from webapp.lessons.models import Attempt, Lesson, Strategy


def tried(world: World, who: Who, number: int, ok: int, failed: int, code: str = "checks_failed") -> None:
    session, row = confined(world), lesson(world, number)
    at = world.clock.now() - timedelta(days=2)
    given: dict[str, Any] = {
        "person_id": who.id,
        "lesson_id": row.id,
        "strategy": Strategy.TEMPLATE,
        "at": at,
    }
    with unit(session):
        session.add_all(Attempt(outcome="ok", **given) for _ in range(ok))
        session.add_all(Attempt(outcome=code, **given) for _ in range(failed))


@contextmanager
def heard() -> Iterator[list[str]]:
    sent: list[str] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.upper().startswith(("BEGIN", "COMMIT")) and "set_config" not in statement:
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    yield sent
    event.remove(db.engine, "before_cursor_execute", hear)


def test_the_map_says_how_each_lesson_stands_and_leads_to_its_preview(world: World) -> None:
    made, marta = course(world, 3), learner(world)
    done(world, Choice(course_id=made))
    edited(world, marta, 2)
    set_template(world, 1, homework="Practise stroke 3 for 7 minutes, and write 2 lines about it.")
    learner(world, "silent", name="Ute Kern")
    browser = world.client()
    page = browser.get("/lessons/coverage").get_data(as_text=True)
    for told in (
        f"Lesson 1 for {marta.name}: stale",
        f"Lesson 2 for {marta.name}: edited",
        f"Lesson 3 for {marta.name}: unreviewed",
        "Lesson 3 for Ute Kern: missing",
        "3 of 6 lessons of these 2 learners are written, 1 of them stale.",
    ):
        assert told in page
    assert re.search(r'href="/lessons/2/preview\?person=21179358&amp;course=[\w-]+"', page)
    assert "style=" not in page
    assert "Marta" not in browser.get("/lessons/coverage?q=ute").get_data(as_text=True)
    assert "No learner here" in browser.get("/lessons/coverage?q=nobody").get_data(as_text=True)
    assert browser.get("/lessons/coverage?after=nonsense").status_code == 400
    file = browser.get("/lessons/coverage/export").get_data(as_text=True).splitlines()
    assert file[0].lstrip("\ufeff").startswith("lesson_number,title,missing,stale,unreviewed,approved,edited")
    assert file[1].split(",")[2:7] == ["1", "1", "1", "0", "0"]


def test_a_lesson_that_fails_more_often_is_named_with_its_reasons(world: World) -> None:
    course(world, 3)
    marta = learner(world)
    tried(world, marta, 1, ok=95, failed=5, code="llm_busy")
    tried(world, marta, 2, ok=60, failed=40)
    tried(world, marta, 3, ok=2, failed=1)
    page = world.client().get("/lessons/coverage").get_data(as_text=True)
    assert "Lesson 2 fails more often than the others." in page
    assert page.count(">more often</span>") == 1
    assert "40: the text did not pass its checks" in page
    assert "5: the AI service is busy" in page


@pytest.mark.thorough
def test_the_page_takes_few_statements_however_many_rows(world: World) -> None:
    made = course(world, 4)
    learner(world)
    done(world, Choice(course_id=made))
    browser = world.client()
    browser.get("/lessons/coverage")
    with heard() as few:
        browser.get("/lessons/coverage")
    for number in range(30):
        learner(world, f"u{number}", name=f"Learner {number:02}", answers={"motivation": "To learn."})
    done(world, Choice(course_id=made, strategy=Strategy.BASIC))
    with heard() as many:
        browser.get("/lessons/coverage")
    assert len(many) == len(few)
    with heard() as frame:
        browser.get("/styleguide")  # asks for nothing of its own: who is signed in, what waits where
    assert len(frame) <= 7, "\n".join(frame)
    assert len(many) - len(frame) <= 11, "\n".join(many)


@pytest.mark.thorough
def test_a_course_of_two_hundred_lessons_is_counted(world: World) -> None:
    made, session, now = course(world, 1), confined(world), world.clock.now()
    first, given = lesson(world), {"course_id": made, "created_at": now, "updated_at": now}
    with unit(session):
        session.add_all(
            Lesson(lesson_number=number, title=f"Lesson {number}", template=first.template, **given)
            for number in range(2, 201)
        )
    tried(world, learner(world), 200, ok=1, failed=1)
    done(world, Choice(course_id=made, strategy=Strategy.BASIC))
    answer = world.client().get("/lessons/coverage")
    assert answer.status_code == 200
    assert "200 of 200 lessons" in answer.get_data(as_text=True)
    file = world.client().get("/lessons/coverage/export").get_data(as_text=True).splitlines()
    assert {tuple(line.split(",")[2:7]) for line in file[1:]} == {("0", "0", "1", "0", "0")}
    assert (len(file), file[200].split(",")[7:9]) == (201, ["3", "1"])


def test_a_company_without_courses_is_told_what_the_page_is_for(world: World) -> None:
    assert "No lessons yet" in world.client().get("/lessons/coverage").get_data(as_text=True)


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (1, 100, 0.0018, 0.0545),
    ],
)
def test_wilsons_interval(hits: int, tries: int, low: float, high: float) -> None:
    assert wilson(hits, tries) == pytest.approx((low, high), abs=5e-5)


def test_charts_place_their_marks_by_value() -> None:
    chart = interval([Interval("A", 0.1, 0.05, 0.2), Interval("B", 0.4, 0.3, 0.5, marked=True)], base=0.15)
    assert [tick.text for tick in chart.ticks] == ["0", "0.2", "0.4", "0.6"]
    assert (chart.lines[1].value - chart.left) / (chart.right - chart.left) == pytest.approx(
        0.4 / 0.6, abs=1e-3
    )
    assert chart.base is not None
    assert chart.lines[0].low < chart.base < chart.lines[1].low
    drawn = bars([Bar("A", 50), Bar("A very long name that has no room", 100)])
    assert drawn.bars[0].width * 2 == drawn.bars[1].width
    assert drawn.bars[1].text.endswith("…")
    with pytest.raises(ValueError, match="begins at zero"):
        bars([Bar("A", -1)])
    squares = heat_map([("A", ""), ("B", "")], [("1", "one")], {(1, 0): Cell("own", "A", "B one")}).squares
    assert [one.cell.words for one in squares] == ["B one"]
    assert interval([]).lines == ()
