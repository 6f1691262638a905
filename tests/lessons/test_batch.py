"""Batches: chosen set by set, reckoned before they start, started once, finished item by item."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.lessons.making import (
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
from webapp.core.access import Role
from webapp.core.db import db, scope_to
from webapp.core.errors import DomainError
from webapp.core.jobs.models import Job, JobItem, JobState
from webapp.core.jobs.steer import cancel, retry
from webapp.core.llm.stand_in import StandIn
from webapp.lessons.basis import read_basis
from webapp.lessons.batch import MOST_ITEMS, Choice, check_size, rows_of, start_batch, sums_of, unknown_of
from webapp.lessons.facts import LessonTexts
from webapp.lessons.models import PersonalLesson, Strategy
from webapp.lessons.review import Read, Reviewing
from webapp.lessons.work import BATCH


def begun(world: World, choice: Choice) -> tuple[Job, bool]:
    who = world.actor(Role.EDITOR)
    return start_batch(confined(world), who, choice, world.services.starter)


def done(world: World, choice: Choice) -> Job:
    """Start the batch and work on it."""
    job_id = begun(world, choice)[0].id
    world.work()
    return confined(world).get_one(Job, job_id)


def items(world: World, job: Job) -> list[JobItem]:
    ordered = select(JobItem).where(JobItem.job_id == job.id).order_by(JobItem.position)
    return list(confined(world).scalars(ordered))


def edited(world: World, who: Any, number: int = 1) -> None:
    """A person writes the lesson by hand."""
    basis = read_basis(confined(world), who.id, lesson(world, number).id)
    row = served(world, who, number)
    texts = LessonTexts(summary=f"{who.name}, mine.")
    deed = Reviewing(**clients(world))
    read = Read(row.version if row else 0)
    deed.edit(confined(world), world.actor(), basis, texts, read, reason="mine")


def estimated(world: World, **data: Any) -> str:
    answer = world.client().send("/lessons/batches", {"do": "estimate", **data})
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_a_batch_takes_what_is_missing_or_stale_and_nothing_else(world: World) -> None:
    made = course(world, 2)
    marta, silent = learner(world), learner(world, "silent", name="Ute Kern")
    job = done(world, Choice(course_id=made, learners="answered"))
    assert (job.state, job.done, job.title.startswith("Personalize 2 lessons of")) == (JobState.DONE, 2, True)
    assert [one.subject for one in items(world, job)] == [f"Lesson {n} for {marta.name}" for n in (1, 2)]
    with pytest.raises(DomainError, match="nothing to write"):
        begun(world, Choice(course_id=made, learners="answered"))
    set_template(world, 2, homework="Practise stroke 3 for 7 minutes, and write 2 lines about it.")
    session = confined(world)
    assert [row[4] for row in rows_of(session, Choice(course_id=made, learners="answered"))] == [2]
    assert not rows_of(session, Choice(course_id=made, learners="answered", only="missing"))
    assert len(rows_of(session, Choice(course_id=made, only="missing"))) == 2
    assert len(rows_of(session, Choice(course_id=made, only="all"))) == 4
    assert [row[2] for row in rows_of(session, Choice(course_id=made, learners="search", q="ute"))] == [
        silent.identifier
    ] * 2
    assert not rows_of(session, Choice(course_id=made, learners="search", q=" "))
    only_one = Choice(course_id=made, lessons=(lesson(world, 2).id,), only="all")
    assert {row[4] for row in rows_of(confined(world), only_one)} == {2}


def test_what_waits_already_as_it_would_be_written_is_not_written_again(world: World) -> None:
    made, marta = course(world), learner(world)
    done(world, Choice(course_id=made))
    edited(world, marta)
    set_template(world, 1, homework="Practise stroke 3 for 7 minutes, and write 2 lines about it.")
    job = done(world, Choice(course_id=made))
    assert [one.outcome["result"] for one in items(world, job)] == ["candidate"]
    assert len(waiting(world, marta)) == 1
    assert sums_of(confined(world), Choice(course_id=made)).items == 0
    change(world, made, voice="Short sentences.")
    assert sums_of(confined(world), Choice(course_id=made)).items == 1


def test_the_page_estimates_starts_and_shows_each_outcome(world: World) -> None:
    made, marta = course(world), learner(world)
    learner(world, "silent", name="Ute Kern")
    edited(world, marta)
    data = {"course": str(made), "learners": "all", "only": "all", "strategy": "template"}
    text = estimated(world, **data)
    assert "2 lessons to write" in text
    assert "1 will need attention" in text
    assert "1 were edited or approved" in text
    browser = world.client()
    answer = browser.send("/lessons/batches", {**data, "do": "start"})
    assert answer.status_code == 303
    world.work()
    page = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert "the new text waits beside it" in page
    assert "This person has no survey answers." in page
    assert f"/lessons/1/preview?person={marta.identifier}" in page
    assert "Personalize 2 lessons" in browser.get("/lessons/batches").get_data(as_text=True)
    assert "1 of 2 done" in browser.get("/lessons/batches").get_data(as_text=True)


def test_unknown_ids_are_named_and_the_list_stays_in_the_form(world: World) -> None:
    made = course(world)
    learner(world)
    file = (io.BytesIO(b"user_id,x\n21179358,1\nnobody,2\n"), "ids.csv")
    data = {"course": str(made), "learners": "all", "only": "all", "strategy": "basic", "file": file}
    text = estimated(world, **data)
    assert "1 lesson to write" in text
    assert "1 user id unknown nobody." in text
    assert "21179358 nobody" in text
    assert unknown_of(confined(world), ["a\0b", "21179358"]) == ["a\0b"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"learners": "list"}, "Write the user ids"),
        ({"learners": "search"}, "Write what the search looks for"),
        ({"learners": "list", "ids": '["a", {}]'}, "holds something that is no id"),
        ({"learners": "all", "file": (io.BytesIO(b"\xff\xfe\xff"), "ids.csv")}, "no text in UTF-8"),
        ({"learners": "nobody"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(world: World, given: dict[str, Any], says: str) -> None:
    made = course(world)
    data = {"course": str(made), "only": "all", "strategy": "basic", "do": "start", **given}
    answer = world.client().send("/lessons/batches", data)
    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)


def test_a_single_learner_comes_by_address_and_others_only_look(world: World) -> None:
    course(world)
    assert "21179358</textarea>" in world.client().get("/lessons/batches?person=21179358").get_data(
        as_text=True
    )
    assert "Estimate" not in world.client("viewer").get("/lessons/batches").get_data(as_text=True)
    assert world.client("viewer").send("/lessons/batches", {"do": "start"}).status_code == 403


def test_the_cost_is_reckoned_from_the_prompt_until_calls_are_measured(
    make_world: Callable[..., World],
) -> None:
    with StandIn() as stand_in:
        world = make_world(openai_base_url=stand_in.base_url, openai_api_key="k", llm_daily_limit=0.0)
        made = course(world)
        learner(world)
        data = {"course": str(made), "learners": "all", "only": "all", "strategy": "template"}
        text = estimated(world, **data)
    assert "Nothing is measured yet" in text
    assert "More than today’s limit" in text
    assert re.search(r"AI calls 1 Tokens in, out \d", text)
    assert not stand_in.calls


def test_J5_the_same_batch_twenty_times_at_once_is_one_job(world: World) -> None:
    made = course(world)
    learner(world)
    choice, who = Choice(course_id=made), world.actor(Role.EDITOR)

    def start(_: int) -> UUID:
        with world.app.app_context():
            scope_to(db.session(), world.company_id)
            return start_batch(db.session(), who, choice, world.services.starter)[0].id

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(start, range(20)))) == 1
    session = confined(world)
    assert session.scalar(select(func.count(Job.id)).where(Job.kind == BATCH.name)) == 1
    assert begun(world, Choice(course_id=made, strategy=Strategy.BASIC))[1]


def test_more_than_a_batch_takes_is_refused_in_words() -> None:
    check_size(MOST_ITEMS)
    with pytest.raises(DomainError, match=r"more than 50,000 lessons, the most of one batch"):
        check_size(MOST_ITEMS + 1)


def with_model(make_world: Callable[..., World], stand_in: StandIn, **changes: Any) -> World:
    """A world that asks the stand-in, four at once."""
    given = {"llm_in_flight": 4, "llm_attempts": 1, "llm_breaker_failures": 1000, **changes}
    return make_world(openai_base_url=stand_in.base_url, openai_api_key="k", **given)


def class_of(world: World, count: int) -> None:
    """So many learners who answered the survey, each their own way."""
    for number in range(count):
        answers = {"motivation": f"To work on my own in {number + 2} months.", "fears": "Hurting someone"}
        learner(world, f"u{number:02}", name=f"Lena{'abcdefghij'[number % 10]} Berg", answers=answers)


@pytest.mark.thorough
def test_what_fails_is_told_in_words_and_all_else_is_there(make_world: Callable[..., World]) -> None:
    with StandIn(failing=0.2) as stand_in:
        world = with_model(make_world, stand_in)
        made = course(world)
        class_of(world, 40)
        job = done(world, Choice(course_id=made))
        session = confined(world)
        reasons = set(
            session.scalars(select(JobItem.problem).where(JobItem.job_id == job.id, JobItem.problem != ""))
        )
        assert (job.state, job.done + job.failed) == (JobState.DONE_WITH_FAILURES, 40)
        assert job.failed >= 4
        assert {
            "The AI service declined to write this.",
            "The AI service had an error of its own.",
        } <= reasons
        assert not [one for one in reasons if "inside Atelier" in one]
        assert session.scalar(select(func.count(PersonalLesson.id))) == job.done
        page = world.client().get(f"/jobs/{job.id}").get_data(as_text=True)
        assert f"{job.done} of 40 done, {job.failed} need attention" in page
        before, stand_in.failing = len(stand_in.calls), 0.0
        retry(confined(world), world.actor(), job.id, world.services.starter)
        world.work()
        job = confined(world).get_one(Job, job.id)
        assert (job.state, job.done) == (JobState.DONE, 40)
        asked_again = len(stand_in.calls) - before
        assert 4 <= asked_again <= 2 * 12  # only what had failed, each with one repair at most


@pytest.mark.thorough
def test_a_stop_in_the_middle_keeps_what_is_done_and_a_retry_asks_only_for_the_rest(
    make_world: Callable[..., World],
) -> None:
    with StandIn() as stand_in:
        world = with_model(make_world, stand_in, llm_in_flight=1)
        made = course(world)
        class_of(world, 6)
        stand_in.script(["ok"] * 2 + ["hang"])
        job_id = begun(world, Choice(course_id=made))[0].id
        who = world.actor()

        def stop() -> None:
            assert stand_in.wait_for_calls(3)
            with world.app.app_context():
                scope_to(db.session(), world.company_id)
                cancel(db.session(), who, job_id, world.services.starter)

        with ThreadPoolExecutor(1) as pool:
            pressed = pool.submit(stop)
            world.work()
            pressed.result()
        job = confined(world).get_one(Job, job_id)
        assert job.state is JobState.CANCELLED
        kept, calls = job.done, len(stand_in.calls)
        assert confined(world).scalar(select(func.count(PersonalLesson.id))) == kept
        retry(confined(world), world.actor(), job_id, world.services.starter)
        world.work()
        assert confined(world).get_one(Job, job_id).state is JobState.DONE
        assert confined(world).scalar(select(func.count(PersonalLesson.id))) == 6
        texts = [call.messages[-1]["content"] for call in stand_in.calls[calls:]]
        assert len({text for text in texts if "Hurting someone" in str(text)}) <= 6 - kept + 1
