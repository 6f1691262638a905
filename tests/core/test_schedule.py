"""The schedule: due by the company's clock, once each time, made up for once, paused and run by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from tests.conftest import World
from webapp.accounts.models import Company
from webapp.core.access import Role
from webapp.core.db import db, every_company, new_id, scope_to, unit
from webapp.core.idempotency import IdempotencyKey
from webapp.core.jobs.models import Job, JobState
from webapp.core.jobs.schedule import ScheduleRow
from webapp.core.jobs.when import When, next_due
from webapp.core.llm.ledger import LlmCall

NIGHT = When(hour=2, minute=30)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "zone", "after", "due"),
    [
        (When(hour=2), "Europe/Berlin", "2026-06-01T00:00", "2026-06-02T00:00"),  # due is later than "after"
        (When(hour=2), "Europe/Berlin", "2026-05-31T23:59", "2026-06-01T00:00"),
        (
            NIGHT,
            "Europe/Berlin",
            "2026-03-28T12:00",
            "2026-03-29T01:30",
        ),  # 02:30 is skipped: 03:30
        (NIGHT, "Europe/Berlin", "2026-03-29T01:30", "2026-03-30T00:30"),
        (NIGHT, "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:30"),  # 02:30 comes twice: the first
        (NIGHT, "Europe/Berlin", "2026-10-25T00:30", "2026-10-26T01:30"),
        (When(hour=3, weekday=6), "America/New_York", "2026-11-21T12:00", "2026-11-22T08:00"),
        (When(hour=3, weekday=6), "America/New_York", "2026-11-22T08:00", "2026-11-29T08:00"),
        (When(hour=0), "Pacific/Kiritimati", "2026-01-01T00:00", "2026-01-01T10:00"),
        (When(minute=0), "Asia/Kolkata", "2026-01-01T00:00", "2026-01-01T00:30"),
        (When(minute=10), "UTC", "2026-01-01T00:10:05", "2026-01-01T01:10"),
        (When(minute=0), "Australia/Lord_Howe", "2026-04-04T14:30", "2026-04-04T15:30"),  # half an hour back
    ],
)
def test_what_is_due_next(when: When, zone: str, after: str, due: str) -> None:
    assert next_due(when, at(after), ZoneInfo(zone)) == at(due)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
def test_a_nightly_deed_is_due_once_each_night_of_a_year(zone: str) -> None:
    moment, days = at("2026-01-01T00:00"), []
    while len(days) < 366:
        moment = next_due(NIGHT, moment, ZoneInfo(zone))
        days.append(moment.astimezone(ZoneInfo(zone)).date())
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))


def test_when_in_words() -> None:
    assert [When(hour=3, minute=5, weekday=6).words, NIGHT.words, When().words] == [
        "each Sunday at 03:05",
        "each day at 02:30",
        "each hour",
    ]


def tick(world: World) -> int:
    return world.services.scheduler.tick(world.session)


def jobs(world: World) -> list[Job]:
    scope_to(world.session, world.company_id)
    return list(world.session.scalars(select(Job).order_by(Job.id)))


@pytest.mark.thorough
def test_each_company_is_served_once_each_due_time(world: World) -> None:
    known = len(world.services.scheduler.schedules)
    assert tick(world) == 0
    world.clock.shift(days=7)
    assert tick(world) == 2 * known
    assert tick(world) == 0
    world.work()
    assert [job.state for job in jobs(world)] == [JobState.DONE] * known
    world.clock.shift(days=1)
    began, now = world.clock.now() - timedelta(days=1), world.clock.now()
    whens = [one.when for one in world.services.scheduler.schedules]
    assert tick(world) == 2 * sum(next_due(when, began, ZoneInfo("UTC")) <= now for when in whens)


def test_what_was_missed_for_days_runs_once(world: World) -> None:
    tick(world)
    world.clock.shift(days=9)
    tick(world)
    world.work()
    assert tick(world) == 0
    assert len(jobs(world)) == len(world.services.scheduler.schedules)


def test_several_schedulers_start_one_job_for_one_due_time(world: World) -> None:
    tick(world)
    world.clock.shift(days=7)  # the weekly ones are due, too

    def once(_number: int) -> int:
        with world.app.app_context():
            return world.services.scheduler.tick(db.session())

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(once, range(6))) == 2 * len(world.services.scheduler.schedules)


def test_a_run_that_still_goes_on_is_not_overtaken(world: World) -> None:
    tick(world)
    world.clock.shift(days=1)
    assert tick(world)
    world.clock.shift(days=1)
    assert tick(world) == 0  # the first ones are still queued
    world.work()
    assert tick(world)


def test_a_company_that_moves_is_served_by_its_new_clock(world: World) -> None:
    tick(world)
    before = next_of(world)
    with unit(world.session) as session:
        session.execute(update(Company).values(timezone="Pacific/Kiritimati"))
    tick(world)
    assert next_of(world) != before
    assert next_of(world).astimezone(ZoneInfo("Pacific/Kiritimati")).strftime("%H:%M") == "03:15"


def next_of(world: World, name: str = "llm.forget") -> datetime:
    scope_to(world.session, world.company_id)
    found = world.session.scalar(select(ScheduleRow.next_at).where(ScheduleRow.name == name))
    assert found is not None
    return found


def test_an_admin_pauses_resumes_and_runs_by_hand(world: World) -> None:
    admin = world.client("admin")
    assert admin.send("/jobs/scheduled/llm.forget/pause").status_code == 303
    assert ">paused</span>" in admin.get("/jobs/scheduled").get_data(as_text=True)
    tick(world)
    world.clock.shift(days=3)
    tick(world)
    kinds = {job.kind for job in jobs(world)}
    assert "jobs.forget" in kinds
    assert "llm.forget" not in kinds
    admin = world.client("admin")  # the old session is too old by now
    assert admin.send("/jobs/scheduled/llm.forget/resume").status_code == 303
    assert next_of(world) > world.clock.now()
    assert admin.send("/jobs/scheduled/llm.forget/run").status_code == 303
    assert admin.send("/jobs/scheduled/llm.forget/run").status_code == 409
    world.work()
    assert [job.state for job in jobs(world)] == [JobState.DONE] * len(kinds | {"llm.forget"})


@pytest.mark.parametrize("deed", ["run", "pause", "resume"])
def test_an_editor_looks_at_the_schedule_and_changes_nothing(world: World, deed: str) -> None:
    editor = world.client("editor")
    page = editor.get("/jobs/scheduled").get_data(as_text=True)
    assert "each day at 03:15" in page
    assert "Run now" not in page
    assert editor.send(f"/jobs/scheduled/llm.forget/{deed}").status_code == 403
    assert world.client("admin").send(f"/jobs/scheduled/nothing/{deed}").status_code == 404


def call(world: World, days: int) -> None:
    scope_to(world.session, world.company_id)
    then = world.clock.now() - timedelta(days=days)
    with unit(world.session) as session:
        session.add(
            LlmCall(
                at=then,
                prompt="p",
                version="1",
                model="m",
                fingerprint="f",
                outcome="ok",
                ms=1,
                answer="text",
            )
        )


def test_P5_the_night_forgets_answers_at_their_age_and_keeps_what_they_cost(world: World) -> None:
    call(world, world.services.settings.llm_text_days + 1)
    call(world, 1)
    world.client("admin").send("/jobs/scheduled/llm.forget/run")
    world.work()
    scope_to(world.session, world.company_id)
    assert list(world.session.scalars(select(LlmCall.answer).order_by(LlmCall.at))) == ["", "text"]


def test_P5_the_night_forgets_what_old_jobs_held_and_old_keys(world: World) -> None:
    from tests.core.test_jobs import Desk  # noqa: PLC0415  # the jobs’ tests are no library for the others

    desk = Desk(world)
    old = desk.start("a")
    world.work()
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        key = {"call": "POST /x", "fingerprint": "f", "status": 201, "body": {"name": "Ines"}}
        session.add(IdempotencyKey(key=str(new_id()), created_at=world.clock.now(), **key))
    world.clock.shift(days=world.services.settings.job_days + 1)
    fresh = desk.start("b")
    world.work()
    schedule = next(one for one in world.services.scheduler.schedules if one.name == "jobs.forget")
    world.services.scheduler.run_now(world.session, world.actor(Role.ADMIN), schedule)
    world.work()
    assert [desk.items(job_id)[0].params for job_id in (old, fresh)] == [{}, {"name": "b"}]
    assert desk.job(old).forgotten_at is not None
    with every_company(world.session):
        assert world.session.scalar(select(func.count(IdempotencyKey.id))) == 0
