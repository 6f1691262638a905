"""Personalizing from the command line: status 0 only when all succeeded, every failure named."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from queue import Queue
from uuid import UUID

import pytest
from click.testing import Result
from sqlalchemy import select

from tests.conftest import World
from tests.lessons.making import confined, course, learner, served
from webapp.core.errors import DomainError
from webapp.core.jobs.lease import claim
from webapp.core.jobs.models import Job, JobState
from webapp.core.llm.stand_in import StandIn
from webapp.lessons.batch import Choice, start_batch
from webapp.lessons.models import Strategy
from webapp.lessons.watching import Hands, Lines, Outcome, Watch


def run(world: World, *words: str) -> Result:
    return world.app.test_cli_runner().invoke(args=["lessons", *words, "--company", "acme"])


def test_without_an_id_it_is_the_demo_learner_and_plain_lines_tell_of_it(world: World) -> None:
    course(world, 2)
    marta = learner(world)
    result = run(world, "personalize-basic", "--lessons", "1-2", "--concurrency", "2")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[-1] == "completion: 2 written, 0 failed, 0 current already"
    assert sum(line.startswith(f"success: {marta.identifier} lesson ") for line in lines) == 2
    assert lines[1] == "progress: 0 of 2"
    row = served(world, marta, 2)
    assert row is not None
    assert row.strategy is Strategy.BASIC
    job = confined(world).scalars(select(Job).where(Job.kind == "lessons.batch")).one()
    assert (job.state, job.asked_by) == (JobState.DONE, "command line")
    assert not world.app.extensions["rung"].ids


@pytest.mark.thorough
def test_one_json_document_says_what_failed_and_what_was_current(world: World, tmp_path: Path) -> None:
    course(world, 2)
    learner(world)
    learner(world, "silent", name="Ute Kern")
    assert run(world, "personalize", "21179358", "--lessons", "1").exit_code == 0
    file = tmp_path / "users.csv"
    file.write_text("user_id\nsilent\nnobody\n")
    words = ("personalize", "21179358", "--users-file", str(file), "--lessons", "1,2,9", "--stale-only")
    result = run(world, *words, "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["done"], told["failed"], told["skipped"], told["success"]) == (1, 4, 1, False)
    failed = {(one["user_id"], one["lesson_number"]): one["error"] for one in told["items"] if one["error"]}
    assert failed == {
        ("nobody", None): "There is no person with this user_id.",
        ("-", 9): "There is no lesson of this number.",
        ("silent", 1): "This person has no survey answers.",
        ("silent", 2): "This person has no survey answers.",
    }
    assert "error: nobody" in result.stderr
    assert run(world, "personalize", "21179358", "--stale-only").output.endswith(
        "0 failed, 2 current already\n"
    )


@pytest.mark.parametrize(
    "words", [("personalize", "--lessons", "x"), ("personalize", "nobody"), ("personalize", "--course", "no")]
)
def test_what_cannot_be_done_ends_with_status_1(world: World, words: tuple[str, ...]) -> None:
    course(world)
    learner(world)
    assert run(world, *words).exit_code == 1


@pytest.mark.thorough
def test_flush_asks_anew_what_was_answered_before(make_world: Callable[..., World]) -> None:
    with StandIn() as stand_in:
        world = make_world(openai_base_url=stand_in.base_url, openai_api_key="k")
        course(world)
        learner(world)
        run(world, "personalize", "--fall-back")
        first = len(stand_in.calls)
        run(world, "personalize")
        again = len(stand_in.calls)
        run(world, "personalize", "--flush")
        assert first
        assert again == first
        assert len(stand_in.calls) > again


def press_ctrl_c_when(ready: Callable[[], bool]) -> threading.Thread:
    """Interrupt this process as a terminal does, once it is ready."""

    def press() -> None:
        if ready():
            os.kill(os.getpid(), signal.SIGINT)

    hand = threading.Thread(target=press)
    hand.start()
    return hand


@pytest.mark.thorough
def test_ctrl_c_stops_the_job_and_what_is_written_stays(make_world: Callable[..., World]) -> None:
    with StandIn(mode="hang") as stand_in:
        world = make_world(openai_base_url=stand_in.base_url, openai_api_key="k")
        course(world, 3)
        learner(world)
        hand = press_ctrl_c_when(lambda: stand_in.wait_for_calls(1))
        result = run(world, "personalize", "--concurrency", "1")
        hand.join()
    assert result.exit_code == 1
    assert "completion: stopped; 0 written" in result.output
    job = confined(world).scalars(select(Job).where(Job.kind == "lessons.batch")).one()
    assert (job.state, job.cancel_asked_by) == (JobState.CANCELLED, "command line")


def test_a_job_of_another_process_is_followed_and_left_alone_by_ctrl_c(world: World) -> None:
    made = course(world, 2)
    learner(world)
    job = theirs(world, made)
    assert claim(confined(world), job, "another", world.clock, 60) is not None
    hired, out = Queue[Hands](), StringIO()

    def hire() -> Hands:
        hands = Hands(world.app, world.services.runner, job)
        hired.put(hands)
        return hands

    def they_are_not_needed() -> bool:
        hired.get().over.wait()
        return True

    watch = Watch(confined(world), world.clock, job, hire, Lines(out), Outcome())
    hand = press_ctrl_c_when(they_are_not_needed)
    assert watch.followed(lambda: pytest.fail("it is not ours to stop"), ours=False)
    hand.join()
    assert "the job goes on where it is at work" in out.getvalue()
    assert hired.empty()
    assert confined(world).get_one(Job, job).cancel_asked_at is None
    world.clock.shift(seconds=120)
    told = Outcome()
    again = Watch(confined(world), world.clock, job, hire, Lines(out), told)
    assert not again.followed(lambda: None, ours=False)
    assert sorted(one["lesson_number"] for one in told.items) == [1, 2]


def test_work_that_breaks_off_ends_the_command_with_an_error(world: World) -> None:
    made = course(world, 2)
    learner(world)
    job = theirs(world, made)

    def nowhere(_session: object, _job: Job) -> None:
        raise OSError("nothing to read from")

    runner = replace(world.services.runner, author=nowhere)
    watch = Watch(
        confined(world),
        world.clock,
        job,
        lambda: Hands(world.app, runner, job),
        Lines(StringIO()),
        Outcome(),
    )
    with pytest.raises(DomainError, match="broke off"):
        watch.followed(lambda: None, ours=True)


def theirs(world: World, made: UUID) -> UUID:
    """A batch that was started elsewhere."""
    choice = Choice(course_id=made, strategy=Strategy.BASIC)
    return start_batch(confined(world), world.actor(), choice, world.services.starter)[0].id
