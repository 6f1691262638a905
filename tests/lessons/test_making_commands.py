"""Personalizing from the command line: status 0 only when all succeeded, every failure named."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from tests.conftest import World
from tests.lessons.making import confined, course, learner, served
from webapp.core.jobs.models import Job, JobState
from webapp.core.llm.stand_in import StandIn
from webapp.lessons.models import Strategy


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


def test_ctrl_c_stops_the_job_and_what_is_written_stays(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    with StandIn(mode="hang") as stand_in:
        world = make_world(openai_base_url=stand_in.base_url, openai_api_key="k")
        course(world, 3)
        learner(world)
        join, pressed = threading.Thread.join, threading.Event()

        def press(thread: threading.Thread, timeout: float | None = None) -> None:
            """Press Ctrl-C once a call is under way."""
            if thread.name == "personalize" and timeout and not pressed.is_set():
                assert stand_in.wait_for_calls(1)
                pressed.set()
                raise KeyboardInterrupt
            join(thread, timeout)

        monkeypatch.setattr(threading.Thread, "join", press)
        result = run(world, "personalize", "--concurrency", "1")
    assert result.exit_code == 1
    assert "completion: stopped; 0 written" in result.output
    job = confined(world).scalars(select(Job).where(Job.kind == "lessons.batch")).one()
    assert (job.state, job.cancel_asked_by) == (JobState.CANCELLED, "command line")
