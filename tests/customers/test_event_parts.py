"""A file of events is written part by part: whatever ends it, each event counts once or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from tests.conftest import World
from tests.customers.records import all_of, switch_off
from tests.customers.test_event_import import HEAD, ago, bring
from tests.pages import CheckedClient
from tests.personas.test_importing import checked, counts, found
from tests.privacy.hooks import once
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import every_company, scope_to, unit
from webapp.core.imports.adding import LESS, PART
from webapp.core.imports.models import ImportState
from webapp.core.jobs.models import Job, JobState
from webapp.core.jobs.sweep import Hold
from webapp.customers.models import Event
from webapp.people.models import Person

ENDED = "UPDATE imports SET staged"  # the unit that ends the import, behind its last part
MANY = PART + 500


class Killed(BaseException):
    """The process ends here, as by kill -9: nobody catches it."""


def killed() -> None:
    raise Killed


def broken() -> None:
    raise RuntimeError("no disk")


@pytest.fixture
def free(make_world: Callable[..., World]) -> World:
    """A world in which nobody is asked for consent first."""
    return make_world(gdpr_compliant=False)


@pytest.fixture
def browser(free: World) -> CheckedClient:
    return free.client()


def lines(world: World, count: int, **told: str) -> str:
    day, kind = ago(world, 1), told.get("kind", "page_view")
    return "\n".join([HEAD, *(f"u{n % 7},{kind},{day},,,,,,e-{n}" for n in range(count))])


def begin(world: World, browser: CheckedClient, address: str, **data: str) -> UUID:
    """Ask for the write; nobody works on it yet."""
    assert browser.send(f"{address}/write", data).status_code == 303
    job_id = found(world, address).job_id
    assert job_id is not None
    return job_id


def kill(world: World, sign: str) -> None:
    """Have the queued work killed at this statement."""
    with once(sign, killed) as met, suppress(Killed):
        world.work()
    assert met
    world.session.rollback()


def go_on(world: World, job_id: UUID) -> None:
    """Another process takes the job up, once its lease ran out."""
    with every_company(world.session), unit(world.session) as session:
        session.execute(update(Job).where(Job.id == job_id).values(lease_until=None))
    world.services.runner.run(job_id)
    scope_to(world.session, world.company_id)


def traced(world: World, action: AuditAction) -> int:
    scope_to(world.session, world.company_id)
    return len(world.session.scalars(select(AuditEntry.id).where(AuditEntry.action == action)).all())


def test_a_write_killed_at_its_end_goes_on_and_counts_each_event_as_new(
    free: World, browser: CheckedClient
) -> None:
    address = checked(free, browser, lines(free, 20), "events")
    job_id = begin(free, browser, address)
    kill(free, ENDED)
    assert len(all_of(free, Event)) == 20
    go_on(free, job_id)
    assert counts(free, address) == (20, 0, 0, 0)
    assert found(free, address).state is ImportState.DONE
    assert len(all_of(free, Event)) == 20
    assert traced(free, AuditAction.EVENTS_IMPORTED) == 1


@pytest.mark.thorough
def test_a_write_killed_between_its_parts_goes_on_where_it_was(free: World, browser: CheckedClient) -> None:
    address = checked(free, browser, lines(free, MANY), "events")
    job_id = begin(free, browser, address)
    stop = once("INSERT INTO customer_events", killed, after="begin")
    with stop as met, suppress(Killed):
        free.work()
    assert met
    free.session.rollback()
    assert len(all_of(free, Event)) == PART
    go_on(free, job_id)
    assert counts(free, address) == (MANY, 0, 0, 0)
    assert len({row.identifier for row in all_of(free, Event)}) == len(all_of(free, Event)) == MANY
    assert traced(free, AuditAction.EVENTS_IMPORTED) == 2


@pytest.mark.thorough
def test_ids_of_the_rows_follow_the_customers_and_their_order_in_the_file(
    free: World, browser: CheckedClient
) -> None:
    address = checked(free, browser, lines(free, 20), "events")
    begin(free, browser, address)
    free.work()
    rows = sorted(all_of(free, Event), key=lambda row: row.id)
    assert {row.id.version for row in rows} == {7}
    first = [row.identifier for row in rows if row.person_id == rows[0].person_id]
    assert first == sorted(first, key=lambda name: int(name.removeprefix("e-")))


def test_a_write_that_breaks_takes_back_what_it_added(free: World, browser: CheckedClient) -> None:
    bring(free, browser, f"{HEAD}\nu1,page_view,{ago(free, 2)},,,,,,before")
    address = checked(free, browser, lines(free, 20), "events")
    job_id = begin(free, browser, address)
    with once(ENDED, broken) as met:
        free.work()
    assert met
    assert [row.identifier for row in all_of(free, Event)] == ["before"]
    assert free.session.get_one(Job, job_id).state is JobState.FAILED
    assert traced(free, AuditAction.EVENTS_TAKEN_BACK) == 1
    assert "Nothing was imported" in browser.get(address).get_data(as_text=True)
    again = checked(free, browser, lines(free, 20), "events")
    begin(free, browser, again)
    free.work()
    assert counts(free, again) == (20, 0, 0, 0)


@pytest.mark.thorough
def test_a_write_that_is_stopped_takes_back_what_it_added(free: World, browser: CheckedClient) -> None:
    address = checked(free, browser, lines(free, MANY), "events")
    job_id = begin(free, browser, address)
    others = free.services.runner.sessions()

    def stop() -> None:
        with others() as session, every_company(session), unit(session):
            asked = update(Job).where(Job.id == job_id)
            session.execute(asked.values(cancel_asked_at=free.clock.now()))

    with once("INSERT INTO customer_events", stop, after="commit") as met:
        free.work()
    assert met
    assert all_of(free, Event) == []
    assert traced(free, AuditAction.EVENTS_TAKEN_BACK) == PART // LESS
    assert free.session.get_one(Job, job_id).state is JobState.CANCELLED


def test_a_dry_run_made_anew_after_a_kill_finds_what_stands(free: World, browser: CheckedClient) -> None:
    address = checked(free, browser, lines(free, 20), "events")
    job_id = begin(free, browser, address)
    kill(free, ENDED)
    with every_company(free.session), unit(free.session) as session:
        session.execute(update(Job).where(Job.id == job_id).values(state=JobState.INTERRUPTED))
    scope_to(free.session, free.company_id)
    assert "none counts twice" in browser.get(address).get_data(as_text=True)
    with unit(free.session) as session:
        session.execute(delete(Event).where(Event.identifier == "e-3"))
    mapping = {f"to_{name}": name for name in HEAD.split(",")}
    assert browser.send(f"{address}/columns", mapping).status_code == 303
    free.work()
    assert counts(free, address) == (1, 0, 19, 0)
    begin(free, browser, address)
    free.work()
    assert counts(free, address) == (1, 0, 19, 0)
    assert len(all_of(free, Event)) == 20


def test_history_switched_off_between_writes_nothing_when_all_rows_are_asked_for(
    free: World, browser: CheckedClient
) -> None:
    address = checked(free, browser, lines(free, 20), "events")
    switch_off(free, "browsing_history")
    begin(free, browser, address)
    free.work()
    assert all_of(free, Event) == []
    assert "now rows are wrong" in browser.get(address).get_data(as_text=True)


def test_what_stands_for_somebody_else_makes_nobody(free: World, browser: CheckedClient) -> None:
    row = f"{{}},page_view,{ago(free, 1)},,,,,,e-1"
    first = checked(
        free, browser, f"{HEAD}\n{row.format('zoe')}\n{row.format('zoe').replace('e-1', 'e-2')}", "events"
    )
    bring(free, browser, f"{HEAD}\n{row.format('ann')}\n{row.format('ann').replace('e-1', 'e-2')}")
    begin(free, browser, first)
    free.work()
    assert counts(free, first) == (0, 0, 2, 0)
    assert "zoe" not in {row.identifier for row in all_of(free, Person)}


def test_while_one_file_is_written_another_of_the_kind_waits(free: World, browser: CheckedClient) -> None:
    other = checked(free, browser, lines(free, 5), "events")
    address = checked(free, browser, lines(free, 20), "events")
    begin(free, browser, address)
    kill(free, ENDED)  # its job counts as running until its lease ends
    begin(free, browser, other)
    free.work()
    told = browser.get(other).get_data(as_text=True)
    assert "Another import of this kind is being written" in told
    assert len(all_of(free, Event)) == 20


def test_a_job_that_an_import_left_behind_neither_adds_nor_takes_back(
    free: World, browser: CheckedClient
) -> None:
    address = checked(free, browser, lines(free, 20), "events")
    old = begin(free, browser, address)
    kill(free, ENDED)
    with every_company(free.session), unit(free.session) as session:
        session.execute(update(Job).where(Job.id == old).values(state=JobState.FAILED))
    scope_to(free.session, free.company_id)
    begin(free, browser, address)
    kill(free, ENDED)
    with every_company(free.session), unit(free.session) as session:
        session.execute(update(Job).where(Job.id == old).values(state=JobState.RUNNING))
    go_on(free, old)
    assert free.session.get_one(Job, old).problem == "Another job writes this import now."
    assert len(all_of(free, Event)) == 20


def test_a_process_that_takes_back_is_left_to_it(free: World, browser: CheckedClient) -> None:
    address = checked(free, browser, lines(free, 20), "events")
    job_id = begin(free, browser, address)
    holds: list[Hold] = []
    others = free.services.runner.sessions()

    def long_ago() -> None:
        free.clock.shift(seconds=60)
        with others() as session, every_company(session), unit(session):
            asked = update(Job).where(Job.id == job_id)
            session.execute(asked.values(cancel_asked_at=free.clock.now() - timedelta(seconds=30)))

    def look() -> None:
        with others() as session:
            with every_company(session):
                worker = session.scalars(select(Job.worker).where(Job.id == job_id)).one()
                session.commit()
            holds.append(free.services.sweeper.look(session, job_id, worker))

    stopped = once("INSERT INTO customer_events", long_ago, after="commit")
    with stopped, once("DELETE FROM customer_events", look, after="commit"):
        free.work()
    assert holds == [Hold.HOLDS]
    assert all_of(free, Event) == []
