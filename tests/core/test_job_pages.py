"""The pages and commands of jobs: tabs, filters, reasons, retrying one of them, the log, the cost."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.conftest import World
from tests.core.test_jobs import Desk
from webapp.core.db import scope_to, unit
from webapp.core.errors import DomainError
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.models import ItemState, Job, JobState
from webapp.core.jobs.start import NewItem
from webapp.core.jobs.views import view_of
from webapp.core.llm.ledger import LlmCall

SURVEY = "Without survey answers."
BUSY = "The AI service was busy. Try again later."


def pick(context: ItemContext) -> None:
    """Fail as the item's name says."""
    reason = {"survey": SURVEY, "busy": BUSY}.get(context.params["name"])
    if reason:
        raise DomainError(reason, code="failed")
    with context.effect():
        pass


def batch(world: World, good: int = 3) -> tuple[Desk, Job]:
    """A job of which two items lack answers and one met a busy service."""
    desk = Desk(world, pick)
    names = [*(["good"] * good), "survey", "survey", "busy"]
    items = [NewItem(f"Learner {number}", {"name": name}) for number, name in enumerate(names)]
    with unit(world.session) as session:
        job = world.services.starter.start(session, world.actor(), desk.kind, "Lesson 3", items)
    world.work()
    return desk, desk.job(job.id)


def test_a_running_job_says_how_far_it_is_in_plain_words(world: World) -> None:
    desk, job = batch(world, good=48)
    now = world.clock.now()
    with unit(world.session) as session:
        changes = {"state": JobState.RUNNING, "total": 60, "started_at": now - timedelta(minutes=11)}
        session.execute(update(Job).where(Job.id == job.id).values(finished_at=None, **changes))
    view = view_of(world.session, desk.job(job.id), now)
    assert view.sentence == (
        "48 of 60 done, 3 need attention (2: without survey answers; 1: the AI service was busy), "
        "about 2 minutes left · you can leave this page"
    )


def test_a_finished_job_with_failures_names_the_reasons(world: World) -> None:
    _, job = batch(world)
    page = world.client().get(f"/jobs/{job.id}").get_data(as_text=True)
    assert "3 of 6 done, 3 need attention (2: without survey answers; 1: the AI service was busy)" in page
    for words in ("Retry these 2", "Retry this one", "Retry the 3", "asked for", "started", "0 calls"):
        assert words in page


def test_J10_one_reasons_items_are_tried_again_and_the_others_stay(world: World) -> None:
    desk, job = batch(world)
    assert world.client().send(f"/jobs/{job.id}/retry", {"reason": BUSY}).status_code == 303
    waiting = [item.subject for item in desk.items(job.id) if item.state is ItemState.WAITING]
    assert (waiting, desk.job(job.id).failed) == (["Learner 5"], 2)
    world.work()
    again = desk.job(job.id)
    assert (again.state, again.done, again.failed) == (JobState.DONE_WITH_FAILURES, 3, 3)
    assert world.client().send(f"/jobs/{job.id}/retry", {"reason": "No such reason."}).status_code == 409


def test_a_job_whose_contents_were_forgotten_is_not_tried_again(world: World) -> None:
    _, job = batch(world)
    with unit(world.session) as session:
        session.execute(update(Job).values(forgotten_at=world.clock.now()))
    assert world.client().send(f"/jobs/{job.id}/retry").status_code == 409


def test_the_items_are_filtered_and_paged(world: World) -> None:
    _, job = batch(world, good=30)
    browser = world.client()
    page = browser.part(f"/jobs/{job.id}?state=failed").get_data(as_text=True)
    assert "Learner 30" in page
    assert "Learner 1<" not in page
    first = browser.get(f"/jobs/{job.id}").get_data(as_text=True)
    assert "25 of 33 items" in first


def test_the_list_is_filtered_by_kind_person_and_queue_and_counted_by_state(world: World) -> None:
    desk, _ = batch(world)
    desk.start("later")
    browser = world.client()
    page = browser.get("/jobs").get_data(as_text=True)
    for words in (
        "All 2",
        "Running 1",
        "Needs attention 1",
        "Finished 0",
        f"Scheduled {len(world.services.scheduler.schedules)}",
    ):
        assert words in page
    assert "A test" in browser.part("/jobs?kind=test.kind&by=Editor+Test&queue=default").get_data(
        as_text=True
    )
    assert "No job matches" in browser.part("/jobs?queue=batch").get_data(as_text=True)
    assert "Waiting in the queues: llm 0, default 0, batch 0." in page


def test_a_jobs_page_adds_up_what_its_calls_cost(world: World) -> None:
    _, job = batch(world)
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        common = {"at": world.clock.now(), "prompt": "p", "version": "1", "model": "m", "fingerprint": "f"}
        session.add_all(LlmCall(**common, outcome="ok", ms=1, cost=2500, job_id=job.id) for _ in range(2))
    assert "2 calls, 0.0050 USD" in world.client().get(f"/jobs/{job.id}").get_data(as_text=True)


def run(world: World, *words: str) -> tuple[int, dict[str, object]]:
    result = world.app.test_cli_runner().invoke(args=["jobs", *words, "--json"])
    line = result.output.strip().splitlines()[0]
    return result.exit_code, json.loads(line)


def test_the_commands_list_show_stop_retry_and_sweep(world: World) -> None:
    desk = Desk(world)
    job_id = str(desk.start("a"))
    status, listed = run(world, "list", "--state", "queued")
    assert (status, [row["id"] for row in listed["items"]]) == (0, [job_id])  # type: ignore[attr-defined]  # JSON
    assert run(world, "cancel", job_id)[1]["state"] == "cancelled"
    assert run(world, "retry", job_id)[1]["state"] == "queued"
    status, shown = run(world, "show", job_id)
    assert [line["deed"] for line in shown["log"]] == ["tried again", "asked to stop", "asked for"]  # type: ignore[attr-defined]  # JSON
    world.clock.shift(seconds=6)
    assert run(world, "sweep") == (0, {"mended": 1})


@pytest.mark.parametrize("deed", ["show", "cancel", "retry"])
def test_a_command_about_no_job_ends_with_status_1(world: World, deed: str) -> None:
    status, told = run(world, deed, "00000000-0000-7000-8000-000000000000")
    assert (status, told["code"]) == (1, "not_found")
