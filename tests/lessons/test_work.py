"""Writing a lesson for a learner: published once it passed its checks, never over what a person holds."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.lessons.making import (
    Who,
    change,
    clients,
    confined,
    course,
    learner,
    lesson,
    served,
    set_template,
    waiting,
)
from webapp.core.access import Role
from webapp.core.db import unit
from webapp.core.jobs.models import Job, JobItem
from webapp.core.jobs.start import NewItem
from webapp.lessons.basis import read_basis
from webapp.lessons.facts import LessonTexts
from webapp.lessons.models import LessonState, ProposalKind, Strategy
from webapp.lessons.review import Read, Reviewing
from webapp.lessons.work import BATCH
from webapp.people.surveys import find_survey, save_survey

HOMEWORK = (
    "Practise stroke 3 for 7 minutes with a partner, and note where your thumb was tired. "
    "Write 2 lines about it, and bring them along to the next lesson."
)


def write(world: World, *people: Who, number: int = 1, **params: Any) -> Job:
    """Run a batch for these people here and now."""
    who, row = world.actor(Role.EDITOR), lesson(world, number)
    told = {"strategy": "template", **params}
    items = [NewItem(one.name, {"person_id": str(one.id), "lesson_id": str(row.id)}) for one in people]
    session = confined(world)
    with unit(session):
        job = world.services.starter.start(session, who, BATCH, "A batch", items, params=told)
    world.work()
    return confined(world).get_one(Job, job.id)


def items(world: World, job: Job) -> list[JobItem]:
    return list(
        confined(world).scalars(select(JobItem).where(JobItem.job_id == job.id).order_by(JobItem.position))
    )


def reviewing(world: World) -> Reviewing:
    return Reviewing(**clients(world))


def test_a_lesson_is_written_checked_and_published_unreviewed(world: World) -> None:
    course(world)
    marta = learner(world)
    job = write(world, marta)
    assert (job.state.value, job.problem) == ("done", "")
    row = served(world, marta)
    assert row is not None
    assert (row.state, row.strategy, row.model, row.version) == (
        LessonState.UNREVIEWED,
        Strategy.TEMPLATE,
        "rules",
        1,
    )
    assert "Marta" in row.sections["summary"]
    assert not [one for one in row.findings if one["severity"] == "fix"]


@pytest.mark.thorough
@pytest.mark.parametrize("what", ["template", "survey", "voice"])
def test_what_changed_makes_it_stale_and_written_again(world: World, what: str) -> None:
    made, marta = course(world), learner(world)
    write(world, marta)
    assert items(world, write(world, marta, only="stale"))[0].outcome["result"] == "current"
    if what == "template":
        set_template(world, homework=HOMEWORK)
    elif what == "survey":
        session = confined(world)
        read = find_survey(session, marta.id)
        assert read is not None
        save_survey(
            session,
            world.actor(),
            marta.id,
            {**read.answers, "fears": "Losing clients"},
            read.version,
            **clients(world),
        )
    else:
        change(world, made, voice="Short sentences.")
    before = served(world, marta)
    assert before is not None
    basis = read_basis(confined(world), marta.id, lesson(world).id)
    assert what in " ".join(basis.why_stale(before))
    assert items(world, write(world, marta, only="missing"))[0].outcome["result"] == "current"
    assert items(world, write(world, marta, only="stale"))[0].outcome["result"] == "published"
    after = served(world, marta)
    assert after is not None
    assert after.version == 2
    assert basis.why_stale(after) == ()


@pytest.mark.thorough
def test_a_person_who_edited_wins_and_the_job_says_so(world: World) -> None:
    course(world)
    marta = learner(world)
    write(world, marta)
    basis = read_basis(confined(world), marta.id, lesson(world).id)
    texts = LessonTexts(summary="Marta, this is mine.")
    reviewing(world).edit(confined(world), world.actor(), basis, texts, Read(1), reason="mine")
    job = write(world, marta)
    assert items(world, job)[0].outcome["result"] == "candidate"
    assert "theirs stays" in items(world, job)[0].outcome["note"]
    row = served(world, marta)
    assert row is not None
    assert (row.sections["summary"], row.state) == ("Marta, this is mine.", LessonState.EDITED)
    write(world, marta)
    assert [one.kind for one in waiting(world, marta)] == [ProposalKind.CANDIDATE]


def test_without_a_survey_it_needs_attention_or_becomes_the_basic_version(world: World) -> None:
    made = course(world)
    silent = learner(world, "silent", name="Ute Kern")
    job = write(world, silent)
    assert (job.state.value, job.problem_code) == ("failed", "no_survey")
    assert served(world, silent) is None
    change(world, made, basic_allowed=True)
    job = write(world, silent)
    assert job.state.value == "done", job.problem
    row = served(world, silent)
    assert row is not None
    assert row.strategy is Strategy.BASIC
