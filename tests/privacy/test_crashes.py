"""An erasure that was cut off is gone on with to its end; what it overtakes is closed, and no file stays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.conftest import PASSWORD, World
from tests.people.records import make
from tests.personas.test_catalog_api import Api, told
from tests.privacy.asking import begin, done, erase_elsewhere, everything
from tests.privacy.hooks import once
from webapp.core.access import Role
from webapp.core.jobs.models import Job
from webapp.customers.cache import Cache
from webapp.people.models import Person
from webapp.personas.parking import park
from webapp.privacy.models import PrivacyRequest, RequestKind, RequestState
from webapp.privacy.pages import deeds
from webapp.privacy.requests import find_request
from webapp.privacy.work import folder

WHO, EMAIL = "zq-cut-off", "zq-cut-off@mail.example"
BURIED = "INSERT INTO tombstones"


class Killed(BaseException):
    """The process ends here, as by kill -9: nobody catches it."""


def killed() -> None:
    raise Killed


def broken() -> None:
    raise RuntimeError("no disk")


@pytest.fixture
def ready(world: World) -> World:
    """Somebody with an export made and another being asked for."""
    make(world, WHO, email=EMAIL)
    done(world, RequestKind.EXPORT, WHO)
    return world


def files(world: World) -> list[Path]:
    return list(folder(world.session).path("any").parent.glob("*"))


def requests(world: World) -> list[PrivacyRequest]:
    world.actor(Role.ADMIN)
    world.session.expire_all()
    return list(world.session.scalars(select(PrivacyRequest).order_by(PrivacyRequest.id)))


def job_of(world: World, asked: UUID) -> UUID:
    job_id = find_request(world.session, asked).job_id
    assert job_id is not None
    world.session.rollback()
    return job_id


def outside(world: World) -> None:
    """What a late worker leaves in Redis and among the uploads, while nobody knows the person any more."""
    made = world.services
    world.actor(Role.ADMIN)
    park(made.store, made.clock, world.company_id, {"person": {"email": EMAIL}})
    Cache(made.store, 3600).kept(world.session, WHO, "homepage", lambda: {"greeting": WHO})
    place = made.settings.imports / world.company_id.hex
    place.mkdir(parents=True, exist_ok=True)
    (place / "late").write_text(f"user_id\n{WHO.upper()}\n", encoding="utf-8")


def test_a_killed_erasure_is_finished_by_the_next_worker(ready: World) -> None:
    asked = begin(ready, RequestKind.ERASE, WHO)
    job_id = job_of(ready, asked)
    with once(BURIED, killed, after="begin"), suppress(Killed):
        ready.services.runner.run(job_id)
    ready.session.rollback()
    outside(ready)
    assert {one.known_as for one in requests(ready)} == {""}
    (folder(ready.session).path(f"{asked.hex}-0123.zip")).write_bytes(b"made meanwhile")
    assert WHO.encode() in everything(ready)
    ready.clock.shift(hours=1)
    ready.services.runner.run(job_id)
    told_of = next(one for one in requests(ready) if one.id == asked)
    assert (told_of.state, told_of.problem) == (RequestState.DONE, "")
    assert told_of.report["Person"] == 1
    assert files(ready) == []
    assert WHO.encode() not in everything(ready)


def test_an_erasure_that_failed_within_its_transaction_changed_nothing(ready: World) -> None:
    asked = begin(ready, RequestKind.ERASE, WHO)
    with once(BURIED, broken):
        ready.services.runner.run(job_of(ready, asked))
    row = next(one for one in requests(ready) if one.id == asked)
    assert (row.state, row.known_as) == (RequestState.FAILED, WHO)
    assert len(files(ready)) == 1  # the export
    assert begin(ready, RequestKind.ERASE, WHO) == asked  # once more
    while ready.work():
        pass
    assert next(one for one in requests(ready) if one.id == asked).state is RequestState.DONE
    assert WHO.encode() not in everything(ready)


def test_an_erasure_that_failed_behind_its_transaction_is_finished_from_its_page(ready: World) -> None:
    asked = begin(ready, RequestKind.ERASE, WHO)
    job_id = job_of(ready, asked)
    with once(BURIED, broken, after="begin"):
        ready.services.runner.run(job_id)
    row = next(one for one in requests(ready) if one.id == asked)
    assert (row.state, row.known_as) == (RequestState.FAILED, "")
    admin, here = ready.client("admin"), f"/privacy/{asked}"
    assert "Finish the erasure" in admin.get(here).get_data(as_text=True)
    assert admin.get(f"{here}/erasure").status_code == 303
    assert admin.send(f"{here}/start", {"confirm_password": PASSWORD}).status_code == 303
    while ready.work():
        pass
    assert next(one for one in requests(ready) if one.id == asked).state is RequestState.DONE
    assert "Finish" not in admin.get(here).get_data(as_text=True)
    assert WHO.encode() not in everything(ready)


def test_what_else_the_person_asked_for_is_closed_and_waits_for_nobody(ready: World) -> None:
    by_address = begin(ready, RequestKind.ERASE, EMAIL)  # the same person, asked for under another name
    export = begin(ready, RequestKind.EXPORT, WHO)
    erase_elsewhere(ready, WHO)
    while ready.work():
        pass
    states = {one.id: one.state for one in requests(ready)}
    assert (states[by_address], states[export]) == (RequestState.DONE, RequestState.REJECTED)
    home = ready.client("admin").get("/").get_data(as_text=True)
    assert "asked for by a person" not in home
    assert files(ready) == []


def test_an_export_that_an_erasure_overtakes_leaves_no_file(ready: World) -> None:
    asked = begin(ready, RequestKind.EXPORT, WHO)
    with once("FROM customer_events", lambda: erase_elsewhere(ready, WHO), after="commit") as begun:
        ready.services.runner.run(job_of(ready, asked))
    assert begun
    while ready.work():
        pass
    assert next(one for one in requests(ready) if one.id == asked).state is RequestState.REJECTED
    assert files(ready) == []
    assert WHO.encode() not in everything(ready)


def test_a_file_of_an_export_that_was_killed_goes_at_night(ready: World) -> None:
    asked = begin(ready, RequestKind.EXPORT, WHO)
    with once("UPDATE privacy_requests", killed), suppress(Killed):
        ready.services.runner.run(job_of(ready, asked))
    ready.session.rollback()
    left = folder(ready.session).path(f"{asked.hex}-0123.zip")
    left.write_bytes(b"of a process that is gone")
    ready.clock.shift(hours=1)
    ready.services.runner.run(job_of(ready, asked))
    schedule = next(one for one in ready.services.scheduler.schedules if one.name == "privacy.tidy")
    ready.services.scheduler.run_now(ready.session, ready.actor(Role.ADMIN), schedule)
    while ready.work():
        pass
    assert {one.name for one in files(ready)} == {one.file for one in requests(ready)}


def test_two_clicks_erase_once(ready: World) -> None:
    first, second = (begin(ready, RequestKind.ERASE, WHO) for _ in range(2))
    assert first == second
    jobs = list(ready.session.scalars(select(Job).where(Job.kind == "privacy.erase")))
    assert len(jobs) == 1
    while ready.work():
        pass
    assert list(ready.session.scalars(select(Person))) == []
    again = Api(ready)("POST", f"/api/v1/privacy/{WHO}/erase")
    assert told(again) == (404, "not_found")


def test_the_home_page_tells_first_what_is_due_first_and_what_is_overdue(
    make_world: Callable[..., World],
) -> None:
    world = make_world()
    for number in range(7):
        make(world, f"p{number}")
        world.actor(Role.ADMIN)
        begin_only(world, f"p{number}")
        world.clock.shift(days=1)
    world.clock.shift(days=23, seconds=60)  # the first is thirty days and a minute old
    admin = world.client("admin")
    home = admin.get("/").get_data(as_text=True)
    assert home.count("asked for by a person") == 5
    assert home.count("overdue since") == 1
    rows = requests(world)
    late, young = rows[0], rows[1]
    assert home.index(str(late.id)) < home.index(str(young.id))
    assert str(rows[6].id) not in home
    assert admin.get("/privacy").get_data(as_text=True).count("overdue") == 1
    assert "overdue" in admin.get(f"/privacy/{late.id}").get_data(as_text=True)
    assert "overdue" not in admin.get(f"/privacy/{young.id}").get_data(as_text=True)
    person = world.session.scalars(select(Person).where(Person.identifier == "p0")).one()
    part = admin.get(f"/people/{person.id}").get_data(as_text=True)
    assert "overdue" in part
    assert late.due_at - late.asked_at == timedelta(days=30)


def begin_only(world: World, who: str) -> None:
    """An erasure that is asked for, and waits for its second step."""
    deeds().ask(world.session, world.actor(Role.ADMIN), RequestKind.ERASE, who)
