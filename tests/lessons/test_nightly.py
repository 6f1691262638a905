"""At night: stale lessons of the courses that ask for it, each once, within the money; old things go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.lessons.making import change, confined, course, learner, lesson, served, set_template, waiting
from tests.lessons.test_batch import done, edited, items
from webapp.core.access import Role
from webapp.core.db import unit
from webapp.core.jobs.models import Job
from webapp.core.llm.stand_in import StandIn
from webapp.lessons.batch import Choice, sums_of
from webapp.lessons.models import Attempt, Proposal, ProposalKind, Strategy
from webapp.lessons.work import BATCH

NEW = "Practise stroke 3 for 7 minutes, and write 2 lines about it."


def night(world: World, name: str = "lessons.nightly") -> str:
    """Run the schedule by hand; answers what it says."""
    schedule = next(one for one in world.services.scheduler.schedules if one.name == name)
    who = world.actor(Role.ADMIN)
    job_id = world.services.scheduler.run_now(confined(world), who, schedule).id
    world.work()  # the night's own job, then what it started
    world.work()
    job = confined(world).get_one(Job, job_id)
    assert job.state.value == "done", job.problem
    return str(items(world, job)[0].outcome.get("note", ""))


def batches(world: World) -> int:
    return confined(world).scalar(select(func.count(Job.id)).where(Job.kind == BATCH.name)) or 0


@pytest.mark.thorough
def test_only_courses_that_ask_are_refreshed_and_only_what_changed(world: World) -> None:
    made = course(world, 2)
    marta = learner(world)
    learner(world, "silent", name="Ute Kern")
    learner(world, "nameless", name=" ", answers={"fears": "None"})
    done(world, Choice(course_id=made, learners="answered"))
    before = batches(world)
    set_template(world, 1, homework=NEW)
    assert night(world) == "No course asks for it."
    change(world, made, nightly=True)
    assert "1 lesson to write" in night(world)
    row = served(world, marta)
    assert row is not None
    assert row.version == 2
    assert batches(world) == before + 1
    assert "all is current" in night(world)
    assert batches(world) == before + 1


def test_what_waits_for_a_person_is_not_paid_for_every_night(world: World) -> None:
    made, marta = course(world, nightly=True), learner(world)
    done(world, Choice(course_id=made))
    edited(world, marta)
    set_template(world, 1, homework=NEW)
    assert "1 lesson" in night(world)
    assert [one.kind for one in waiting(world, marta)] == [ProposalKind.CANDIDATE]
    assert "all is current" in night(world)
    blocked = waiting(world, marta)[0]
    with unit(confined(world)) as session:
        session.get_one(Proposal, blocked.id).kind = ProposalKind.BLOCKED
    assert "all is current" in night(world)
    assert sums_of(confined(world), Choice(course_id=made)).items == 1  # whoever asks by day means it


def test_it_takes_what_the_day_still_pays_for(make_world: Callable[..., World]) -> None:
    with StandIn() as stand_in:
        world = make_world(openai_base_url=stand_in.base_url, openai_api_key="k", llm_daily_limit=0.0)
        course(world, 2, nightly=True)
        learner(world)
        assert "spending limit is reached" in night(world)
    assert not stand_in.calls


def test_old_trials_and_records_of_tries_go(world: World) -> None:
    course(world)
    marta, now = learner(world), world.clock.now()
    pair = {"person_id": marta.id, "lesson_id": lesson(world).id}
    with unit(confined(world)) as session:
        for days in (1, 8):
            at = now - timedelta(days=days)
            session.add(Proposal(kind=ProposalKind.TRIAL, created_at=at, **pair))
            session.add(Proposal(kind=ProposalKind.CANDIDATE, created_at=at, **pair))
        for days in (1, 91):
            at = now - timedelta(days=days)
            session.add(Attempt(strategy=Strategy.BASIC, outcome="ok", at=at, **pair))
    night(world, "lessons.tidy")
    session = confined(world)
    kinds = [one.kind for one in session.scalars(select(Proposal))]
    assert sorted(one.value for one in kinds) == ["candidate", "candidate", "trial"]
    assert session.scalar(select(func.count(Attempt.id))) == 1
