"""Several items of one job at once: really at once, each once, stopped together, within the shared rate."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from tests.conftest import World
from tests.core.test_jobs import Desk, add_product
from webapp.core.db import unit
from webapp.core.errors import DomainError
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.models import ItemState, Job, JobState
from webapp.core.llm.pace import Pace

NAMES = [f"p{number:02}" for number in range(12)]


@pytest.fixture
def side_by_side(world: World) -> Callable[[Any], Desk]:
    """Make a desk whose items are done four at once."""

    def make(work: Any) -> Desk:
        desk = Desk(world, work)
        object.__setattr__(desk.kind, "side_by_side", True)
        return desk

    return make


def hands(world: World) -> int:
    """How many items can be under way: one for each call in flight, and the spare hands."""
    return world.services.runner.in_flight + world.services.runner.spare


def test_four_items_are_done_at_once_and_each_once(world: World, side_by_side: Callable[[Any], Desk]) -> None:
    together = threading.Barrier(4)

    def work(context: ItemContext) -> None:
        together.wait(20)  # passes only when four are at work
        add_product(context)

    desk = side_by_side(work)
    job_id = desk.start(*NAMES)
    world.work()
    job = desk.job(job_id)
    assert (job.state, job.done, job.failed) == (JobState.DONE, 12, 0)
    assert desk.products() == NAMES


def test_failures_beside_each_other_are_all_counted(
    world: World, side_by_side: Callable[[Any], Desk]
) -> None:
    def work(context: ItemContext) -> None:
        if context.params["name"] in NAMES[::3]:
            raise DomainError("The shelf is full.", code="full")
        add_product(context)

    desk = side_by_side(work)
    job_id = desk.start(*NAMES)
    world.work()
    assert (desk.job(job_id).done, desk.job(job_id).failed) == (8, 4)


def test_J9_a_stop_stops_all_hands_and_finished_items_stay(
    world: World, side_by_side: Callable[[Any], Desk]
) -> None:
    asked = threading.Event()

    def work(context: ItemContext) -> None:
        if NAMES.index(context.params["name"]) >= hands(world):  # taken up by a hand that has ended another
            asked.wait(20)
        add_product(context)
        if context.params["name"] == NAMES[3]:
            with unit(context.session) as session:
                session.execute(update(Job).values(cancel_asked_at=context.clock.now()))
            asked.set()

    desk = side_by_side(work)
    job_id = desk.start(*NAMES)
    world.work()
    job = desk.job(job_id)
    done = [item.subject for item in desk.items(job_id) if item.state is ItemState.DONE]
    assert job.state is JobState.CANCELLED
    assert NAMES[3] in done  # the others that were under way may have ended before the stop, or not
    assert len(done) < 12
    assert desk.products() == sorted(done)


def test_J2_a_lost_lease_stops_all_hands(world: World, side_by_side: Callable[[Any], Desk]) -> None:
    def work(context: ItemContext) -> None:
        add_product(context)
        with unit(context.session) as session:
            session.execute(update(Job).values(fence=Job.fence + 1))

    desk = side_by_side(work)
    job_id = desk.start(*NAMES)
    world.work()
    assert 1 <= len(desk.products()) <= hands(world)  # what was under way before the fence moved
    assert desk.job(job_id).state is JobState.RUNNING


def test_J11_hands_finish_their_items_and_the_rest_is_handed_on(
    world: World, side_by_side: Callable[[Any], Desk]
) -> None:
    def work(context: ItemContext) -> None:
        world.services.runner.drain.ask()
        add_product(context)

    desk = side_by_side(work)
    job_id = desk.start(*NAMES)
    world.work()
    assert desk.job(job_id).state is JobState.QUEUED
    assert 1 <= len(desk.products()) <= hands(world)
    world.services.runner.drain.asked = False
    object.__setattr__(world.services.kinds["test.kind"], "work", add_product)
    world.work()
    assert desk.products() == NAMES


def test_calls_beyond_the_shared_rate_wait_and_hear_of_a_stop(world: World) -> None:
    pace, stop = Pace(world.services.limits, 2), threading.Event()
    assert pace(stop) is not None
    assert Pace(world.services.limits, 2)(stop) is not None
    stop.set()
    assert pace(stop) is None
