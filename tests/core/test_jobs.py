"""Jobs: accepted once, claimed by one, written behind a fence, stopped and retried."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.conftest import World
from webapp.core.access import Actor, Permission, Role
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import every_company, scope_to, unit
from webapp.core.errors import Conflict, DomainError, Forbidden, NotFound
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.lease import LeaseLost, claim
from webapp.core.jobs.models import ItemState, Job, JobItem, JobState
from webapp.core.jobs.start import NewItem
from webapp.core.jobs.steer import cancel, retry
from webapp.core.jobs.sweep import MOST_CLAIMS, Sweeper
from webapp.personas.models import Product

Work = Callable[[ItemContext], None]


def add_product(context: ItemContext) -> None:
    """An item whose effect can be counted: one product named after it."""
    if context.params.get("fails"):
        raise DomainError("The shelf is full.", code="full")
    with context.effect() as session:
        now = context.clock.now()
        session.add(Product(name=context.params["name"], description="x", created_at=now, updated_at=now))


class Desk:
    """Starts jobs of one kind in a world, and reads what came of them."""

    def __init__(self, world: World, work: Work = add_product) -> None:
        self.world = world
        self.kind = JobKind("test.kind", "A test", Queue.DEFAULT, Permission.PERSONAS_WRITE, work)
        world.services.kinds.add(self.kind)

    def start(self, *names: str, key: str | None = None, actor: Actor | None = None, **params: Any) -> UUID:
        actor = actor or self.world.actor()
        items = [NewItem(name, {"name": name, **params}) for name in names]
        with unit(self.world.session) as session:
            return self.world.services.starter.start(session, actor, self.kind, "A test", items, key=key).id

    def job(self, job_id: UUID) -> Job:
        scope_to(self.world.session, self.world.company_id)
        return self.world.session.get_one(Job, job_id)

    def items(self, job_id: UUID) -> list[JobItem]:
        scope_to(self.world.session, self.world.company_id)
        statement = select(JobItem).where(JobItem.job_id == job_id).order_by(JobItem.position)
        return list(self.world.session.scalars(statement))

    def products(self) -> list[str]:
        scope_to(self.world.session, self.world.company_id)
        return sorted(self.world.session.scalars(select(Product.name)))


@pytest.fixture
def desk(world: World) -> Desk:
    """A desk whose job adds products."""
    return Desk(world)


def sweeper(world: World, waiting: int | None = 0) -> Sweeper:
    """A sweeper that sees so many messages in each queue."""
    return Sweeper(
        world.clock, world.app.extensions["rung"], lambda _queue: waiting, world.services.sweeper.patience
    )


def test_a_job_does_each_item_once_and_says_so(world: World, desk: Desk) -> None:
    job_id = desk.start("a", "b")
    world.work()
    job = desk.job(job_id)
    assert (job.state, job.done, job.failed) == (JobState.DONE, 2, 0)
    assert desk.products() == ["a", "b"]


def test_the_job_its_items_and_its_audit_row_stand_in_one_transaction(world: World, desk: Desk) -> None:
    def undone() -> None:
        with unit(world.session) as session:
            world.services.starter.start(session, actor, desk.kind, "A test", [NewItem("a")])
            raise RuntimeError("the unit is undone")

    actor = world.actor()
    with pytest.raises(RuntimeError, match="undone"):
        undone()
    assert world.app.extensions["rung"].ids == []
    assert world.session.scalars(select(Job)).all() == []
    actions = world.session.scalars(select(AuditEntry.action)).all()
    assert AuditAction.JOB_STARTED not in actions


def test_J6_a_message_delivered_twice_has_one_effect(world: World, desk: Desk) -> None:
    job_id = desk.start("a")
    world.app.extensions["rung"].ids *= 2
    assert world.work() == 2
    assert desk.products() == ["a"]
    assert desk.job(job_id).claims == 1


def test_J5_one_key_starts_one_job(world: World, desk: Desk) -> None:
    first, second = desk.start("a", key="k"), desk.start("a", key="k")
    assert first == second
    world.work()
    assert desk.products() == ["a"]


def test_J5_the_same_key_of_another_company_is_another_job(world: World, desk: Desk) -> None:
    first = desk.start("a", key="k")
    second = desk.start("a", key="k", actor=world.actor(company_id=world.other_id))
    assert first != second


def test_failures_are_told_item_by_item(world: World, desk: Desk) -> None:
    actor = world.actor()
    with unit(world.session) as session:
        items = [NewItem("good", {"name": "good"}), NewItem("bad", {"name": "bad", "fails": True})]
        job_id = world.services.starter.start(session, actor, desk.kind, "A test", items).id
    world.work()
    assert desk.job(job_id).state is JobState.DONE_WITH_FAILURES
    assert [(item.state, item.problem_code) for item in desk.items(job_id)] == [
        (ItemState.DONE, ""),
        (ItemState.FAILED, "full"),
    ]


def test_a_job_whose_every_item_failed_has_failed(world: World, desk: Desk) -> None:
    job_id = desk.start("bad", fails=True)
    world.work()
    job = desk.job(job_id)
    assert (job.state, job.problem_code, job.problem) == (JobState.FAILED, "full", "The shelf is full.")


def test_an_unexpected_error_fails_the_item_without_its_internals(world: World) -> None:
    def burst(_context: ItemContext) -> None:
        raise ZeroDivisionError("secret detail")

    desk = Desk(world, burst)
    job_id = desk.start("a")
    world.work()
    assert desk.items(job_id)[0].problem_code == "internal"
    assert "secret" not in desk.items(job_id)[0].problem


def test_J10_retry_works_on_unfinished_items_only(world: World) -> None:
    done: list[str] = []

    def once_broken(context: ItemContext) -> None:
        if context.params["name"] == "b" and "b" not in done:
            done.append("b")
            raise DomainError("Not yet.", code="early")
        add_product(context)

    desk = Desk(world, once_broken)
    job_id = desk.start("a", "b")
    world.work()
    retry(world.session, world.actor(), job_id, world.services.starter)
    world.work()
    assert desk.job(job_id).state is JobState.DONE
    assert desk.products() == ["a", "b"]


def test_J10_a_job_that_is_done_or_live_is_not_retried(world: World, desk: Desk) -> None:
    job_id = desk.start("a")
    with pytest.raises(Conflict):
        retry(world.session, world.actor(), job_id, world.services.starter)
    world.work()
    with pytest.raises(Conflict):
        retry(world.session, world.actor(), job_id, world.services.starter)


def test_J9_a_queued_job_that_was_stopped_never_starts(world: World, desk: Desk) -> None:
    job_id = desk.start("a")
    cancel(world.session, world.actor(), job_id, world.services.starter)
    world.work()
    assert desk.job(job_id).state is JobState.CANCELLED
    assert desk.products() == []


def test_J9_a_running_job_stops_and_keeps_what_is_done(world: World) -> None:
    def stop_after_a(context: ItemContext) -> None:
        add_product(context)
        if context.params["name"] == "a":
            with unit(context.session) as session:
                session.execute(update(Job).values(cancel_asked_at=context.clock.now(), cancel_asked_by="me"))
            heart = next(thread for thread in threading.enumerate() if thread.name == "heartbeat")
            heart.join()  # it hears of the stop at its next beat, and ends

    desk = Desk(world, stop_after_a)
    job_id = desk.start("a", "b")
    world.work()
    job = desk.job(job_id)
    assert (job.state, job.done) == (JobState.CANCELLED, 1)
    assert desk.products() == ["a"]


def test_J9_a_stop_that_comes_when_all_is_done_comes_too_late(world: World) -> None:
    def stop_after_a(context: ItemContext) -> None:
        add_product(context)
        cancel(context.session, world.actor(), context.lease.job_id, world.services.starter)

    desk = Desk(world, stop_after_a)
    job_id = desk.start("a")
    world.work()
    job = desk.job(job_id)
    assert (job.state, job.done) == (JobState.DONE, 1)
    assert desk.products() == ["a"]


def test_J2_the_write_of_an_orphan_is_refused(world: World, desk: Desk) -> None:
    job_id = desk.start("a")
    session = world.session
    orphan = claim(session, job_id, "first", world.clock, 10)
    assert orphan is not None
    world.clock.shift(seconds=11)
    heir = claim(session, job_id, "second", world.clock, 10)
    assert heir is not None
    assert heir.fence == orphan.fence + 1

    def late_write() -> None:
        scope_to(session, world.company_id)
        with orphan.unit(session):
            now = world.clock.now()
            session.add(Product(name="late", description="x", created_at=now, updated_at=now))

    with pytest.raises(LeaseLost):
        late_write()
    with heir.unit(session):
        session.get_one(Job, job_id).done = 0
    assert desk.products() == []


def test_a_live_lease_is_not_taken_over(world: World, desk: Desk) -> None:
    job_id = desk.start("a")
    assert claim(world.session, job_id, "first", world.clock, 10) is not None
    assert claim(world.session, job_id, "second", world.clock, 10) is None


def test_J3_a_job_whose_message_was_lost_is_rung_for_again(world: World, desk: Desk) -> None:
    job_id = desk.start("a")
    world.app.extensions["rung"].ids.clear()
    world.clock.shift(seconds=6)
    assert sweeper(world).sweep(world.session) == 1
    world.work()
    assert desk.job(job_id).state is JobState.DONE


def test_a_job_that_waits_in_line_is_not_rung_for_again(world: World, desk: Desk) -> None:
    desk.start("a")
    world.clock.shift(seconds=30)
    assert sweeper(world, waiting=3).sweep(world.session) == 0
    world.clock.shift(seconds=40)
    assert sweeper(world, waiting=3).sweep(world.session) == 1  # its message may be the one that was lost


def test_J1_a_job_whose_worker_died_is_rung_for_when_its_lease_ends(world: World, desk: Desk) -> None:
    job_id = desk.start("a")
    world.app.extensions["rung"].ids.clear()
    claim(world.session, job_id, "dies", world.clock, 10)
    assert sweeper(world).sweep(world.session) == 0
    world.clock.shift(seconds=11)
    assert sweeper(world).sweep(world.session) == 1
    world.work()
    assert desk.job(job_id).state is JobState.DONE
    assert desk.products() == ["a"]


def test_a_stopped_job_whose_worker_died_is_ended_by_the_sweeper(world: World, desk: Desk) -> None:
    job_id = desk.start("a")
    claim(world.session, job_id, "dies", world.clock, 10)
    cancel(world.session, world.actor(), job_id, world.services.starter)
    world.clock.shift(seconds=11)
    sweeper(world).sweep(world.session)
    assert desk.job(job_id).state is JobState.CANCELLED


def test_J7_a_job_that_kills_its_workers_is_set_aside(world: World, desk: Desk) -> None:
    job_id = desk.start("a")
    for _ in range(MOST_CLAIMS):
        assert claim(world.session, job_id, "dies", world.clock, 10) is not None
        world.clock.shift(seconds=11)
    sweeper(world).sweep(world.session)
    job = desk.job(job_id)
    assert (job.state, job.problem_code) == (JobState.INTERRUPTED, "set_aside")
    assert f"{MOST_CLAIMS} times" in job.problem


def test_B5_a_job_does_not_start_when_its_author_lost_the_right(world: World, desk: Desk) -> None:
    from webapp.accounts.staff import give_role  # noqa: PLC0415  # one test of many needs the accounts

    job_id = desk.start("a")
    with unit(world.session) as session:
        give_role(session, world.staff["editor"], Role.VIEWER, world.clock)
    world.work()
    job = desk.job(job_id)
    assert (job.state, job.problem_code) == (JobState.FAILED, "forbidden")
    assert desk.products() == []


def test_a_viewer_cannot_start_an_editors_job(desk: Desk, world: World) -> None:
    with pytest.raises(Forbidden):
        desk.start("a", actor=world.actor(Role.VIEWER))


def test_B3_another_companys_job_is_not_there(world: World, desk: Desk) -> None:
    job_id = desk.start("a", actor=world.actor(company_id=world.other_id))
    for path in (f"/jobs/{job_id}", f"/api/jobs/{job_id}"):
        assert world.client("admin").get(path).status_code == 404
    with pytest.raises(NotFound):
        cancel(world.session, world.actor(), job_id, world.services.starter)


def test_the_lease_is_renewed_by_each_write(world: World) -> None:
    ends: list[Any] = []

    def look(context: ItemContext) -> None:
        with context.effect() as session:
            ends.append(session.get_one(Job, context.lease.job_id).lease_until)
        world.clock.shift(seconds=5)

    desk = Desk(world, look)
    desk.start("a", "b")
    world.work()
    assert ends[1] - ends[0] >= timedelta(seconds=5)


def test_jobs_of_every_company_are_swept(world: World, desk: Desk) -> None:
    desk.start("a")
    desk.start("b", actor=world.actor(company_id=world.other_id))
    world.app.extensions["rung"].ids.clear()
    world.clock.shift(seconds=6)
    assert sweeper(world).sweep(world.session) == 2
    with every_company(world.session):
        assert len(world.session.scalars(select(Job)).all()) == 2


def test_the_pages_of_jobs_show_each_state(world: World, desk: Desk) -> None:
    done, failed = desk.start("a"), desk.start("bad", fails=True)
    world.work()
    queued = desk.start("later")
    browser = world.client("editor")
    assert "The shelf is full." in browser.get("/jobs").get_data(as_text=True)
    for job_id, word in ((done, "Done."), (failed, "Try again"), (queued, "Waiting for a worker")):
        assert word in browser.get(f"/jobs/{job_id}").get_data(as_text=True)
    assert "hx-trigger" in browser.part(f"/jobs/{queued}/widget").get_data(as_text=True)
    assert "hx-trigger" not in browser.part(f"/jobs/{done}/widget").get_data(as_text=True)


def test_a_job_is_stopped_and_retried_by_its_buttons(world: World, desk: Desk) -> None:
    job_id = desk.start("a")
    browser = world.client("editor")
    assert browser.send(f"/jobs/{job_id}/cancel").status_code == 303
    assert desk.job(job_id).state is JobState.CANCELLED
    assert browser.send(f"/jobs/{job_id}/retry").status_code == 303
    world.work()
    assert desk.job(job_id).state is JobState.DONE


def test_a_viewer_may_look_but_not_stop(world: World, desk: Desk) -> None:
    job_id = desk.start("a")
    browser = world.client("viewer")
    page = browser.get(f"/jobs/{job_id}")
    assert page.status_code == 200
    assert "Stop" not in page.get_data(as_text=True)
    assert browser.send(f"/jobs/{job_id}/cancel").status_code == 403
