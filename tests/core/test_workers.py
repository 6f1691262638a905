"""Real worker processes on a real queue server: what kills them, what they are sent, how they end."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from rq import Queue, Worker
from rq.job import Job as Message
from rq.serializers import DefaultSerializer, JSONSerializer

from tests.conftest import World
from tests.core.test_jobs import Desk, Work, add_product
from tests.instance import until
from webapp.core.db import db
from webapp.core.jobs import workers
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.models import JobState
from webapp.core.jobs.steer import cancel
from webapp.core.jobs.sweep import MOST_CLAIMS
from webapp.core.keeper import _kill_session

FORK = multiprocessing.get_context("fork")


class Crew:
    """Forks workers of a world, and ends those that still live."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.members: list[Any] = []

    def hire(self) -> Any:
        db.session.remove()
        db.engine.dispose()
        member = FORK.Process(target=self._work)
        member.start()
        self.members.append(member)
        return member

    def _work(self) -> None:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        workers.AppWorker(self.world.app, ["default"]).work(logging_level="CRITICAL")

    def dismiss(self) -> None:
        for member in self.members:
            _kill_session(member.pid)  # with what it forked, which has a process group of its own
            member.join()


@pytest.fixture
def bell_world(make_world: Callable[..., World]) -> World:
    """A world whose jobs are rung for in the queue server; a stuck job is stopped after a second."""
    return make_world(bell=True, job_limit=1.0)


@pytest.fixture
def crew(bell_world: World) -> Iterator[Crew]:
    """Workers that end with the test."""
    crew = Crew(bell_world)
    yield crew
    crew.dismiss()


def named(works: dict[str, Work]) -> Work:
    """An item's work by the item's name; what is not named adds a product."""

    def work(context: ItemContext) -> None:
        works.get(str(context.params["name"]), add_product)(context)

    return work


def die(_context: ItemContext) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deaf(_context: ItemContext) -> None:
    """Hang as native code does: no alarm and no request to end gets through."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGTERM, signal.SIGINT})
    threading.Event().wait()


def ended(desk: Desk, job_id: UUID) -> JobState | None:
    state = desk.job(job_id).state
    return None if state.live else state


@pytest.mark.thorough
def test_J7_a_job_that_kills_its_process_is_set_aside_and_the_jobs_behind_it_run(
    bell_world: World, crew: Crew
) -> None:
    desk = Desk(bell_world, named({"poison": die}))
    poison, behind = desk.start("good", "poison", "after"), desk.start("behind")
    crew.hire()
    assert until(lambda: ended(desk, behind)) is JobState.DONE
    assert until(lambda: ended(desk, poison)) is JobState.INTERRUPTED
    job = desk.job(poison)
    assert (job.problem_code, job.claims, job.done) == ("set_aside", MOST_CLAIMS, 1)
    assert f"{MOST_CLAIMS} times" in job.problem
    assert desk.products() == ["behind", "good"]


@pytest.mark.thorough
def test_J8_a_job_stuck_past_its_limit_is_killed_and_says_so(bell_world: World, crew: Crew) -> None:
    desk = Desk(bell_world, named({"stuck": deaf}))
    stuck, behind = desk.start("good", "stuck"), desk.start("behind")
    crew.hire()
    assert until(lambda: ended(desk, stuck)) is JobState.INTERRUPTED
    assert until(lambda: ended(desk, behind)) is JobState.DONE
    job = desk.job(stuck)
    assert (job.problem_code, job.claims, job.done) == ("over_limit", 1, 1)
    assert job.problem == "Stopped after 1 second without finishing anything. Its finished items are kept."
    with pytest.raises(ProcessLookupError):
        os.kill(int(job.worker.rpartition(":")[2]), 0)


@pytest.mark.thorough
def test_J9_a_job_that_hears_nothing_is_stopped_from_outside(
    bell_world: World, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.core.jobs.sweep.STOP_PATIENCE", 0.1)
    desk = Desk(bell_world, named({"stuck": deaf}))
    desk.kind = bell_world.services.kinds["test.kind"]
    object.__setattr__(desk.kind, "limit", 60.0)
    stuck = desk.start("stuck")
    crew.hire()
    until(lambda: desk.job(stuck).state is JobState.RUNNING)
    cancel(bell_world.session, bell_world.actor(), stuck, bell_world.services.starter)
    assert until(lambda: ended(desk, stuck)) is JobState.CANCELLED


def test_J11_a_worker_asked_to_end_finishes_its_item_and_hands_the_rest_on(
    bell_world: World, crew: Crew, tmp_path: Path
) -> None:
    begun, go = tmp_path / "begun", tmp_path / "go"

    def slow(context: ItemContext) -> None:
        begun.touch()
        until(go.exists)
        add_product(context)

    desk = Desk(bell_world, named({"slow": slow}))
    job_id = desk.start("slow", "b", "c")
    first = crew.hire()
    until(begun.exists)
    os.kill(first.pid, signal.SIGTERM)
    until(lambda: _ignores_new_work(bell_world))
    go.touch()
    first.join(20)
    assert first.exitcode == 0
    job = desk.job(job_id)
    assert (job.state, job.done, job.claims) == (JobState.QUEUED, 1, 0)
    crew.hire()
    assert until(lambda: ended(desk, job_id)) is JobState.DONE
    assert desk.products() == ["b", "c", "slow"]


def _ignores_new_work(world: World) -> bool:
    found = Worker.all(connection=world.services.store.redis, serializer=JSONSerializer)
    return any(worker.shutdown_requested_date for worker in found)


class Trap:
    """What a pickle can do to whoever reads it."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.marker),)


def test_J12_a_pickle_in_redis_is_never_executed(bell_world: World, crew: Crew, tmp_path: Path) -> None:
    redis, marker = bell_world.services.store.redis, tmp_path / "executed"
    queue = Queue("default", connection=redis, serializer=DefaultSerializer)
    message = queue.enqueue("webapp.core.jobs.work.answer", Trap(marker), job_timeout=-1)
    redis.hset(message.key, "data", pickle.dumps(("webapp.core.jobs.work.answer", None, (Trap(marker),), {})))
    desk = Desk(bell_world)
    behind = desk.start("behind")
    crew.hire()
    assert until(lambda: ended(desk, behind)) is JobState.DONE
    assert not marker.exists()


def test_J12_a_message_that_names_another_function_calls_nothing(
    bell_world: World, crew: Crew, tmp_path: Path
) -> None:
    marker = tmp_path / "executed"
    queue = Queue("default", connection=bell_world.services.store.redis, serializer=JSONSerializer)
    queue.enqueue("os.mkdir", str(marker), job_timeout=-1)
    desk = Desk(bell_world)
    behind = desk.start("behind")
    crew.hire()
    assert until(lambda: ended(desk, behind)) is JobState.DONE
    assert not marker.exists()


def test_J3_emptying_redis_loses_no_accepted_job(bell_world: World, crew: Crew) -> None:
    desk = Desk(bell_world)
    jobs = [desk.start(name) for name in "abc"]
    bell_world.services.store.redis.flushall()
    assert Message.exists(str(jobs[0]), connection=bell_world.services.store.redis) is False
    crew.hire()
    bell_world.clock.shift(seconds=6)
    assert bell_world.services.sweeper.sweep(bell_world.session) == 3
    for job_id in jobs:
        assert until(lambda job_id=job_id: ended(desk, job_id)) is JobState.DONE
    assert desk.products() == ["a", "b", "c"]


def test_J6_a_message_delivered_twice_to_two_workers_has_one_effect(bell_world: World, crew: Crew) -> None:
    desk = Desk(bell_world)
    job_id = desk.start("a")
    for _ in range(4):
        bell_world.services.doorbell.ring(job_id, "default")
    crew.hire()
    crew.hire()
    assert until(lambda: ended(desk, job_id)) is JobState.DONE
    until(lambda: bell_world.services.doorbell.waiting("default") == 0)
    assert (desk.products(), desk.job(job_id).claims) == (["a"], 1)
