"""Serving: what is current comes from the store, what is not is written once, what a person holds stays."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from tests.conftest import World
from tests.lessons.making import (
    Who,
    change,
    clients,
    confined,
    course,
    learner,
    lesson,
    served,
    set_template,
    waiting,
)
from tests.lessons.test_work import HOMEWORK, write
from webapp.core.access import Role
from webapp.core.db import db, unit
from webapp.core.jobs.lease import claim
from webapp.core.jobs.models import Job
from webapp.core.jobs.start import NewItem
from webapp.core.llm.stand_in import StandIn
from webapp.lessons.basis import read_basis
from webapp.lessons.facts import SECTIONS, LessonTexts
from webapp.lessons.html import lesson_html
from webapp.lessons.models import LessonState, Strategy
from webapp.lessons.review import Read, Reviewing
from webapp.lessons.turns import take_turn
from webapp.lessons.work import BATCH, SERVE

MARTA = "21179358"
Make = Callable[..., World]


@pytest.fixture
def world(make_world: Make) -> World:
    """A world whose jobs are done at once by a worker of its own."""
    return make_world(worker=True)


def call(world: World, token: str, **body: Any) -> TestResponse:
    told = {"user_id": MARTA, "lesson_number": 1, **body}
    return world.app.test_client().post(
        "/api/persona/personalize-template", json=told, headers={"Authorization": f"Bearer {token}"}
    )


def jobs(world: World) -> list[Job]:
    return list(confined(world).scalars(select(Job).where(Job.kind == SERVE.name).order_by(Job.id)))


def modelled(make_world: Make, server: StandIn, **settings: Any) -> World:
    """A world whose lessons a model writes, behind real HTTP."""
    return make_world(
        worker=True, openai_base_url=server.base_url, llm_attempts=1, llm_breaker_failures=100, **settings
    )


def edit(world: World, person: Who, text: str) -> None:
    row = served(world, person)
    basis = read_basis(confined(world), person.id, lesson(world).id)
    texts = LessonTexts(summary=text)
    who = world.actor(Role.EDITOR)
    read = Read(row.version if row else 0)
    Reviewing(**clients(world)).edit(confined(world), who, basis, texts, read, reason="mine")


@pytest.mark.thorough
def test_a_lesson_is_written_once_and_then_served_from_the_store(world: World) -> None:
    course(world)
    learner(world)
    token = world.token("lessons")
    first, second = call(world, token), call(world, token)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json is not None
    assert second.json is not None
    assert set(first.json) == {"success", "html", "cached", "personalization", "stale"}
    assert (first.json["cached"], second.json["cached"]) == (False, True)
    assert first.json["personalization"] == second.json["personalization"]
    assert list(first.json["personalization"]) == sorted(SECTIONS)
    assert (first.json["stale"], first.json["success"]) == (False, True)
    assert "Warning" not in first.headers
    assert len(jobs(world)) == 1
    third = call(world, token, flush=True)
    assert third.json is not None
    assert (third.json["cached"], third.json["stale"], len(jobs(world))) == (False, False, 2)


def test_a_stored_lesson_takes_two_statements_beside_the_token(world: World) -> None:
    course(world, lessons=3)
    learner(world)
    token = world.token("lessons")
    assert call(world, token).status_code == 200
    seen: list[tuple[str, Any]] = []

    def hear(_c: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT") and "set_config" not in statement:
            seen.append((statement, values))

    with world.app.app_context():
        event.listen(db.engine, "before_cursor_execute", hear)
        try:
            assert call(world, token).status_code == 200
        finally:
            event.remove(db.engine, "before_cursor_execute", hear)
    asked = [(statement, values) for statement, values in seen if "api_tokens" not in statement]
    assert len(asked) == 2, asked
    if db.engine.dialect.name == "sqlite":  # whole tables must not be read into filters of its own
        statement, values = next(one for one in asked if "courses" in one[0])
        plan = confined(world).connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = " ".join(str(row) for row in plan)
        assert "AUTOMATIC" not in steps, steps
        assert "BLOOM" not in steps, steps


BAD: list[tuple[dict[str, Any], int, str]] = [
    ({"user_id": 21179358}, 400, "user_id"),
    ({"user_id": None}, 400, "user_id"),
    ({"user_id": ""}, 400, "user_id"),
    ({"lesson_number": "1"}, 400, "lesson_number"),
    ({"lesson_number": 1.5}, 400, "lesson_number"),
    ({"lesson_number": True}, 400, "lesson_number"),
    ({"lesson_number": 10**12}, 400, "lesson_number"),
    ({"flush": "yes"}, 400, "flush"),
    ({"colour": "red"}, 400, "colour"),
    ({"course": "nothing"}, 404, "course"),
    ({"course": "00000000-0000-0000-0000-000000000000"}, 404, "course"),
    ({"user_id": "nobody"}, 404, "user_id"),
    ({"lesson_number": 99}, 404, "lesson_number"),
]


def test_bad_input_is_named(world: World) -> None:
    course(world)
    learner(world)
    token = world.token("lessons")
    for body, status, named in BAD:
        answer = call(world, token, **body)
        assert answer.status_code == status, body
        assert answer.json is not None
        assert named in answer.json["details"], body
        assert answer.json["retryable"] is False
    assert jobs(world) == []


def test_of_several_courses_one_has_to_be_named(world: World) -> None:
    course_id = course(world)
    course(world, key="second", name="Second", lessons=0)
    learner(world)
    token = world.token("lessons")
    answer = call(world, token)
    assert answer.status_code == 400
    assert answer.json is not None
    assert list(answer.json["details"]) == ["course"]
    assert call(world, token, course=str(course_id)).status_code == 200
    again = call(world, token, course="second")
    assert again.status_code == 404
    assert again.json is not None
    assert list(again.json["details"]) == ["lesson_number"]


def test_another_companys_person_is_unknown(world: World) -> None:
    course(world)
    learner(world, company_id=world.other_id)
    assert call(world, world.token("lessons")).status_code == 404
    assert call(world, world.token("lessons"), companyHQId="other").status_code == 404


def test_without_a_survey_it_is_refused_or_the_basic_version(world: World) -> None:
    course_id = course(world)
    person = learner(world, "silent", name="Ute Kern")
    token = world.token("lessons")
    answer = call(world, token, user_id="silent")
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "no_survey"
    assert (jobs(world), served(world, person)) == ([], None)
    change(world, course_id, basic_allowed=True)
    assert call(world, token, user_id="silent").status_code == 200
    row = served(world, person)
    assert row is not None
    assert row.strategy is Strategy.BASIC


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("mode", "status", "code"),
    [
        ("429", 503, "llm_busy"),
        ("500", 502, "llm_broken"),
        ("reset", 503, "llm_unreachable"),
        ("hang", 504, "llm_timed_out"),
        ("malformed", 502, "llm_unreadable"),
        ("refusal", 502, "llm_refused"),
        ("injection", 502, "checks_failed"),
    ],
)
def test_a_failing_model_leaves_nothing_or_the_older_text(
    make_world: Make, mode: str, status: int, code: str
) -> None:
    with StandIn(mode=mode) as server:
        world = modelled(make_world, server, llm_timeout=0.5, llm_budget=1.0)
        course(world)
        person, token = learner(world), world.token("lessons")
        answer = call(world, token)
        assert answer.json is not None
        assert (answer.status_code, answer.json["code"], answer.json["retryable"]) == (status, code, True)
        assert served(world, person) is None
        server.mode = "ok"
        first = call(world, token, flush=True)
        assert first.status_code == 200, first.json
        assert first.json is not None
        server.mode = mode
        set_template(world, homework=HOMEWORK)
        older = call(world, token)
        assert older.json is not None
        assert (older.status_code, older.json["cached"], older.json["stale"]) == (200, True, True)
        assert older.headers["Warning"] == f'110 - "Response is Stale: {code}"'
        assert older.json["personalization"] == first.json["personalization"]


@pytest.mark.thorough
def test_a_text_that_just_failed_its_checks_is_not_written_again_at_once(make_world: Make) -> None:
    with StandIn(mode="injection") as server:
        world = modelled(make_world, server)
        course(world)
        learner(world)
        token = world.token("lessons")
        assert [call(world, token).status_code for _ in range(3)] == [502, 502, 502]
        assert len(jobs(world)) == 1
        server.mode = "ok"
        world.clock.shift(minutes=11)
        assert call(world, token).status_code == 200


@pytest.mark.thorough
@pytest.mark.parametrize("flush", [False, True])
def test_twenty_calls_at_a_time_make_one_model_call(make_world: Make, flush: bool) -> None:
    with StandIn(mode="slow", delay=1.0) as server:
        world = modelled(make_world, server)
        course(world)
        learner(world)
        token = world.token("lessons")
        db.session().commit()
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: call(world, token, flush=flush), range(20)))
        assert [one.status_code for one in answers] == [200] * 20, answers[0].json
        assert len({str(one.json and one.json["personalization"]) for one in answers}) == 1
        assert len(server.calls) == 1


@pytest.mark.thorough
def test_what_a_person_edited_is_served_and_the_new_text_waits_beside_it(world: World) -> None:
    course(world)
    person, token = learner(world), world.token("lessons")
    edit(world, person, "Marta, this is mine.")
    fresh = call(world, token)
    assert fresh.json is not None
    assert (fresh.json["stale"], fresh.json["cached"], jobs(world)) == (False, True, [])
    set_template(world, homework=HOMEWORK)
    for _ in range(3):
        answer = call(world, token)
        assert answer.json is not None
        assert (answer.json["stale"], answer.json["cached"]) == (True, True)
        assert answer.json["personalization"]["summary"] == "Marta, this is mine."
        settle(world)
    assert (len(waiting(world, person)), len(jobs(world))) == (1, 1)
    again = call(world, token, flush=True)
    assert again.json is not None
    assert (again.json["stale"], again.json["cached"]) == (True, True)
    settle(world)
    assert len(jobs(world)) == 2
    row = served(world, person)
    assert row is not None
    assert (row.sections["summary"], row.state) == ("Marta, this is mine.", LessonState.EDITED)


def settle(world: World) -> None:
    """Wait until no job is live."""
    live = [job.id for job in jobs(world) if job.state.live]
    for job_id in live:
        assert world.services.waiting.until_over(confined(world), job_id)


def test_where_only_reviewed_texts_are_served_the_rest_waits_for_review(world: World) -> None:
    course_id = course(world, serve_unreviewed=False)
    person, token = learner(world), world.token("lessons")
    answer = call(world, token)
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (422, "awaiting_review")
    settle(world)
    row = served(world, person)
    assert row is not None
    Reviewing(**clients(world)).approve(confined(world), world.actor(), (person.id, row.lesson_id), 1)
    approved = call(world, token)
    assert approved.json is not None
    assert (approved.status_code, approved.json["stale"]) == (200, False)
    change(world, course_id, serve_unreviewed=True)
    row = served(world, person)
    assert row is not None
    session = confined(world)
    with unit(session):
        held = session.merge(row)
        held.state, held.version = LessonState.UNREVIEWED, held.version + 1
    change(world, course_id, serve_unreviewed=False)
    older = call(world, token)
    assert older.json is not None
    assert (older.status_code, older.json["cached"], older.json["stale"]) == (200, True, True)


@pytest.mark.thorough
def test_without_a_place_to_wait_the_older_text_comes_or_a_retryable_503(make_world: Make) -> None:
    with StandIn(mode="slow", delay=3.0) as server:
        world = modelled(make_world, server, generation_wait=0.3)
        course(world)
        person, token = learner(world), world.token("lessons")
        answer = call(world, token)
        assert answer.json is not None
        assert (answer.status_code, answer.json["code"]) == (503, "still_writing")
        assert answer.json["retryable"] is True
        assert int(answer.headers["Retry-After"]) > 0
        world.services.waiting.__class__(10.0, 1).until_over(confined(world), jobs(world)[0].id)
        assert served(world, person) is not None
        set_template(world, homework=HOMEWORK)
        older = call(world, token)
        assert older.json is not None
        assert (older.status_code, older.json["cached"], older.json["stale"]) == (200, True, True)
        assert "still_writing" in older.headers["Warning"]


def test_a_call_waits_for_a_batch_that_has_the_lesson_in_hand(make_world: Make) -> None:
    world = make_world(generation_wait=5.0)
    course(world)
    person, token = learner(world), world.token("lessons")
    lesson_id = lesson(world).id
    session = confined(world)
    told = {"strategy": "template", "person_id": str(person.id), "lesson_id": str(lesson_id)}
    with unit(session):
        item = NewItem("one", told)
        job = world.services.starter.start(session, world.actor(), BATCH, "A batch", [item])
        job_id = job.id
    lease = claim(session, job_id, "a worker", world.clock, 60.0)
    assert lease is not None
    session = confined(world)
    with unit(session):
        assert take_turn(session, (person.id, lesson_id), job_id, world.clock.now())
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(call, world, token)
        world.clock.shift(seconds=120)  # the lease is over: the batch is taken up again, and ends
        db.session().commit()
        world.services.runner.run(job_id)
        got = answer.result()
    assert got.status_code == 200, got.json
    assert jobs(world) == []


def test_hostile_answers_come_out_escaped() -> None:
    hostile = "<script>alert(1)</script> & \"quotes\" 'too'\n\n<img src=x onerror=alert(1)>\nnext line"
    html = str(lesson_html(LessonTexts(summary=hostile, homework="Do it."), "en"))
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;quotes&#34;" in html
    assert html.count("<section") == html.count("</section>") == 1
    assert html.count("<p>") == 3
    assert "<br>" in html
    assert html.index("lesson-summary") < html.index("lesson-homework")
    assert "lesson-why-watch" not in html


@pytest.mark.parametrize(
    ("language", "head"),
    [("en", "Homework"), ("en-GB", "Homework"), ("ru", "Домашнее задание"), ("pl", "")],
)
def test_headings_stand_in_the_courses_language(language: str, head: str) -> None:
    html = str(lesson_html(LessonTexts(homework="x"), language))
    assert (f"<h3>{head}</h3>" in html) == bool(head)
    assert ("<h3>" in html) == bool(head)


@pytest.mark.thorough
def test_a_learners_lessons_are_listed_and_deleted(world: World) -> None:
    course_id = course(world, lessons=2)
    person, token = learner(world), world.token("lessons")
    browser, headers = world.app.test_client(), {"Authorization": f"Bearer {token}"}
    for number in (1, 2):
        assert call(world, token, lesson_number=number).status_code == 200
    change(world, course_id, voice="Short sentences.")
    answer = browser.get(f"/api/persona/personalizations/{MARTA}", headers=headers)
    assert answer.json is not None
    assert [one["lesson_number"] for one in answer.json["items"]] == [1, 2]
    assert answer.json["next"] is None
    first = answer.json["items"][0]
    assert (first["stale"], first["state"], first["strategy"]) == (True, "unreviewed", "template")
    assert "voice" in first["stale_reasons"][0]
    where = f"/api/persona/personalizations/{MARTA}"
    assert browser.delete(f"{where}/1", headers=headers).status_code == 204
    assert served(world, person) is None
    gone = browser.delete(f"{where}/1", headers=headers)
    assert gone.status_code == 404
    for path, name in ((f"{where}/99", "lesson_number"), (f"{where}0/1", "user_id")):
        refused = browser.delete(path, headers=headers)
        assert refused.json is not None
        assert (refused.status_code, list(refused.json["details"])) == (404, [name])
    assert browser.delete(f"{where}/2?course=no", headers=headers).status_code == 404
    reader = {"Authorization": f"Bearer {world.token('lessons:read')}"}
    assert browser.get(where, headers=reader).status_code == 200
    assert browser.delete(f"{where}/2", headers=reader).status_code == 403
    assert call(world, world.token("lessons:read")).status_code == 403


def test_a_batch_is_not_repeated_by_serving(make_world: Make) -> None:
    world = make_world()
    course(world)
    person, token = learner(world), world.token("lessons")
    write(world, person)
    answer = call(world, token)
    assert answer.json is not None
    assert (answer.status_code, answer.json["cached"]) == (200, True)
