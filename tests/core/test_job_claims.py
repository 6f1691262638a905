"""Jobs when much happens at once: Redis away at the click, fifty posts, a stop against a start."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from sqlalchemy import func, select

from tests.conftest import World
from tests.core.test_jobs import Desk
from webapp.core.access import Actor
from webapp.core.db import db, scope_to, unit
from webapp.core.jobs.models import Job, JobState
from webapp.core.jobs.start import NewItem
from webapp.core.jobs.steer import cancel
from webapp.core.store import Store


def test_J4_with_redis_away_a_job_is_accepted_pages_render_and_it_starts_later(
    make_world: Callable[..., World], queue_server: str
) -> None:
    world = make_world(bell=True, redis_url="unix:///nowhere/valkey.sock")
    desk = Desk(world)
    job_id = desk.start("a")
    assert desk.job(job_id).state is JobState.QUEUED
    browser = world.client("editor")
    for path in ("/", "/jobs", f"/jobs/{job_id}"):
        assert browser.get(path).status_code == 200
    object.__setattr__(world.services.doorbell, "store", Store(queue_server))  # Redis is back
    world.clock.shift(seconds=6)
    assert world.services.sweeper.sweep(world.session) == 1
    assert world.services.doorbell.waiting("default") == 1
    Store(queue_server).redis.flushall()


def test_J5_fifty_posts_at_once_start_one_job(world: World) -> None:
    desk, actor = Desk(world), world.actor()

    def post(_number: int) -> UUID:
        with world.app.app_context():
            scope_to(db.session(), world.company_id)
            with unit(db.session()) as session:
                items = [NewItem("a", {"name": "a"})]
                return world.services.starter.start(session, actor, desk.kind, "A", items, key="k").id

    with ThreadPoolExecutor(50) as pool:
        assert len(set(pool.map(post, range(50)))) == 1
    world.actor()
    assert world.session.scalar(select(func.count(Job.id))) == 1
    world.work()
    assert desk.products() == ["a"]


def test_J9_a_stop_and_a_start_at_once_never_both_win(world: World) -> None:
    desk, actor = Desk(world), world.actor()
    for number in range(8):
        job_id = desk.start(f"p{number}")
        _race(
            world, lambda at=job_id: world.services.runner.run(at), lambda at=job_id: _stop(world, actor, at)
        )
        done = f"p{number}" in desk.products()
        assert desk.job(job_id).state is (JobState.DONE if done else JobState.CANCELLED)


def _stop(world: World, actor: Actor, job_id: UUID) -> None:
    scope_to(db.session(), world.company_id)
    cancel(db.session(), actor, job_id, world.services.starter)


def _race(world: World, *deeds: Callable[[], None]) -> None:
    gate = threading.Barrier(len(deeds))

    def run(deed: Callable[[], None]) -> None:
        with world.app.app_context():
            gate.wait()
            deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        list(pool.map(run, deeds))
