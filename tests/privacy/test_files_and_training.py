"""P3: an erasure sticks while files are read and written, and while a model learns."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.customers.records import all_of
from tests.customers.serving import Caller
from tests.customers.test_event_import import HEAD, ago, says
from tests.customers.test_personalizing import trained
from tests.personas.test_importing import checked, counts, upload, write
from tests.privacy.asking import done, erase_elsewhere, everything
from tests.privacy.hooks import once
from tests.privacy.test_models import ODD, allow, fill, numbers, odd_one
from webapp.core.access import Role
from webapp.core.db import db
from webapp.core.jobs.models import Job, JobState
from webapp.customers.model_files import files_in
from webapp.customers.models import Event, RecommenderModel
from webapp.customers.training import start_training
from webapp.people.models import Person
from webapp.privacy.models import RequestKind

WHO, OTHER = "zq-events-1", "bo-events-2"
ROWS = 2_500  # more than two sets


@pytest.fixture
def asked(world: World) -> World:
    says(world, WHO)
    says(world, OTHER)
    return world


def a_file(world: World) -> str:
    at = ago(world, 2)
    return "\n".join(
        [HEAD, *(f"{(WHO, OTHER)[n % 2]},search,{at},,zqboots {n},,,,e-{n}" for n in range(ROWS))]
    )


def test_P3_an_erasure_during_the_write_of_an_import_leaves_none_of_the_rows(asked: World) -> None:
    browser = asked.client()
    address = checked(asked, browser, a_file(asked), "events")
    assert counts(asked, address) == (ROWS, 0, 0, 0)
    erasing = Thread(target=erase_elsewhere, args=(asked, WHO))
    with once("INSERT INTO customer_events", erasing.start) as begun:
        write(asked, browser, address, skip_bad="1")
    assert begun
    erasing.join(60)
    assert not erasing.is_alive()
    asked.work()
    assert {one.identifier for one in all_of(asked, Person)} == {OTHER}
    assert len(all_of(asked, Event)) == ROWS / 2
    assert WHO.encode() not in everything(asked)


def test_P3_an_erasure_during_the_dry_run_takes_the_file_and_nothing_is_written(asked: World) -> None:
    browser = asked.client()
    with once("JOIN customer_preferences", lambda: erase_elsewhere(asked, WHO), after="commit") as begun:
        address = checked(asked, browser, a_file(asked), "events")
    assert begun
    answer = browser.send(f"{address}/write", {"skip_bad": "1"})
    asked.work()
    assert answer.status_code < 500
    assert all_of(asked, Event) == []
    assert WHO.encode() not in everything(asked)


def test_P3_a_file_of_somebody_erased_before_its_write_is_not_written(asked: World) -> None:
    browser = asked.client()
    address = checked(asked, browser, a_file(asked), "events")
    done(asked, RequestKind.ERASE, WHO)
    browser.send(f"{address}/write", {"skip_bad": "1"})
    asked.work()
    assert all_of(asked, Event) == []
    assert "Upload it again" in browser.get(address).get_data(as_text=True)
    again = upload(browser, a_file(asked), "events")  # a late file: the erased rows are named and left out
    assert again.status_code == 303
    late = checked(asked, browser, a_file(asked), "events")
    assert counts(asked, late) == (ROWS / 2, 0, 0, ROWS / 2)


def test_P3_an_erasure_during_a_training_is_not_learned_from(make_world: Callable[..., World]) -> None:
    caller = Caller(make_world())
    world = caller.world
    allow(caller)
    fill(caller)
    odd_one(caller)
    trained(caller)
    who = world.actor(Role.ADMIN)
    job_id = start_training(world.session, who, world.services.starter).id
    with once("FROM customer_events", lambda: erase_elsewhere(world, ODD), after="commit") as begun:
        world.services.runner.run(job_id)
    assert begun
    while world.work():
        pass
    world.actor(Role.ADMIN)
    assert world.session.get_one(Job, job_id).state is JobState.DONE
    rows = list(world.session.scalars(select(RecommenderModel).order_by(RecommenderModel.number)))
    assert [row.customers for row in rows] == [31, 30, 30]
    assert [row.in_force for row in rows] == [False, False, True]
    files = files_in(world.services.settings.instance)
    assert files.read(world.company_id, 1) is None
    assert files.count(world.company_id) == 2
    assert numbers(caller, 3).shape == numbers(caller, 2).shape


def test_of_two_trainings_at_once_both_come_to_an_end(make_world: Callable[..., World]) -> None:
    caller = Caller(make_world())
    world = caller.world
    allow(caller)
    fill(caller)
    trained(caller)
    who, starter = world.actor(Role.ADMIN), world.services.starter
    first = start_training(world.session, who, starter).id
    second = start_training(world.session, who, starter, adopt=True).id

    def elsewhere() -> None:
        with world.app.app_context():
            world.services.runner.run(second)
            db.session.remove()

    with once("FROM customer_events", elsewhere, after="commit") as begun:
        world.services.runner.run(first)
    assert begun
    world.actor(Role.ADMIN)
    assert {world.session.get_one(Job, one).state for one in (first, second)} == {JobState.DONE}
    assert sorted(world.session.scalars(select(RecommenderModel.number))) == [1, 2, 3]
