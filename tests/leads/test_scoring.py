"""Scoring: every open lead with its owner's model, the nightly run, what is logged, what came meanwhile."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.leads.selling import Sold, habits, salesperson, seller, train, write
from webapp.core.access import Role
from webapp.core.db import scope_to, unit
from webapp.core.jobs.models import Job, JobState
from webapp.leads.facts import Action, Stage
from webapp.leads.models import Activity, Lead, Prediction
from webapp.leads.predicting import asker, tell
from webapp.leads.rules.score import Standing, default_probability, parts
from webapp.leads.scoring import score_leads, start_scoring
from webapp.leads.storing_scores import write_log, write_scores

DAY = timedelta(days=1)


def scored(world: World, size: int = 100) -> Job:
    job = start_scoring(world.session, seller(world, "admin", Role.ADMIN), world.services.starter, size=size)
    job_id = job.id
    world.work()
    scope_to(world.session, world.company_id)
    return world.session.get_one(Job, job_id)


def lead(world: World, lead_id: UUID) -> Lead:
    scope_to(world.session, world.company_id)
    return world.session.get_one(Lead, lead_id)


def logged(world: World) -> int:
    scope_to(world.session, world.company_id)
    return world.session.scalar(select(func.count(Prediction.id))) or 0


def test_a_lead_of_nobody_is_scored_by_the_default(world: World) -> None:
    lead_id = write(world, None, [Sold({"call": 3, "email_open": 2}, life=20)])[0]
    assert scored(world).state is JobState.DONE
    found = lead(world, lead_id)
    last = world.session.scalars(select(func.max(Activity.at))).one()
    quiet = (found.scored_at - last.replace(tzinfo=found.scored_at.tzinfo)) / DAY  # type: ignore[operator, union-attr]  # it is scored
    exact = default_probability(
        parts(
            Standing(
                ("call", "email_open"),
                np.array([[3.0, 2.0]]),
                np.array([5.0]),
                np.array([quiet]),
                np.array([20.0]),
            )
        )
    )[0]
    assert found.probability == pytest.approx(float(exact), abs=1e-6)
    assert (found.score, found.model_number, found.stale) == (34, 0, False)
    assert found.next_action is Action.CALL


@pytest.mark.thorough
def test_each_lead_is_scored_by_its_owners_model_as_a_call_would_answer(world: World) -> None:
    for name, kinds in (("caller", ("call", "email_open")), ("writer", ("email_open", "call"))):
        staff_id = salesperson(world, name)
        write(world, staff_id, habits(kinds[0], 9), f"{name}-a")
        write(world, staff_id, habits(kinds[1], 2), f"{name}-b")
        assert train(world, name).adopted
    open_leads = {
        name: write(world, world.staff[name], [Sold({"call": 3}, life=10)], f"{name}-open")[0]
        for name in ("caller", "writer")
    }
    scored(world)
    found = {name: lead(world, lead_id).probability for name, lead_id in open_leads.items()}
    assert found["caller"] > 0.7 > 0.4 > found["writer"]  # type: ignore[operator]  # both are scored
    for name, lead_id in open_leads.items():
        row = lead(world, lead_id)
        zone = world.services.zone(world.session)
        told = tell(world.session, asker(world.session, world.staff[name], zone, world.clock), [lead_id])[0]
        assert told.probability == pytest.approx(row.probability, abs=1e-4)
        assert told.advice is not None
        assert (told.advice.action, told.advice.priority) == (row.next_action, row.priority)
        assert (told.score, told.number, told.confidence) == (row.score, row.model_number, row.confidence)


def test_sets_meet_every_open_lead_once_and_no_closed_one(world: World) -> None:
    write(world, None, [Sold({"call": n % 4}, life=n + 1) for n in range(23)])
    write(world, None, [Sold({"call": 1}, won=True)], "closed")
    job = scored(world, size=5)
    assert (job.total, job.done) == (6, 6)
    assert logged(world) == 23
    scope_to(world.session, world.company_id)
    fresh = select(func.count()).where(Lead.scored_at.is_not(None), ~Lead.stale)
    assert world.session.scalar(fresh) == 23


def test_what_did_not_move_is_not_logged_again(world: World) -> None:
    write(world, None, [Sold({"call": 3}, life=20), Sold({}, life=300)])
    scored(world)
    scored(world)
    assert logged(world) == 2
    world.clock.shift(days=10)
    scored(world)
    assert logged(world) == 3  # the old silent one stays at nothing


def test_a_lead_that_changed_while_it_was_scored_stays_stale(world: World) -> None:
    changed, still = write(world, None, [Sold({"call": 1}, life=5), Sold({"call": 2}, life=5)])
    now = world.clock.now()
    rows, _ = score_leads(world.session, [Lead.id.in_([changed, still])], now, lambda: None)
    with unit(world.session) as session:
        session.get_one(Lead, changed).updated_at = now + DAY
    with unit(world.session) as session:
        write_scores(session, rows, now)
    assert lead(world, changed).stale
    assert not lead(world, still).stale
    assert lead(world, changed).probability is not None


def test_a_lead_that_closed_while_it_was_scored_keeps_what_it_had(world: World) -> None:
    lead_id = write(world, None, [Sold({"call": 1}, life=5)])[0]
    now = world.clock.now()
    rows, _ = score_leads(world.session, [Lead.id == lead_id], now, lambda: None)
    with unit(world.session) as session:
        session.get_one(Lead, lead_id).stage = Stage.WON
    with unit(world.session) as session:
        write_scores(session, rows, now)
    assert lead(world, lead_id).probability is None


def test_a_lead_that_was_deleted_while_it_was_scored_leaves_nothing_to_log(world: World) -> None:
    gone, still = write(world, None, [Sold({"call": 1}, life=5), Sold({"call": 2}, life=5)])
    now = world.clock.now()
    rows, said = score_leads(world.session, [Lead.id.in_([gone, still])], now, lambda: None)
    with unit(world.session) as session:
        session.delete(session.get_one(Lead, gone))
    with unit(world.session) as session:
        write_scores(session, rows, now)
        write_log(session, said, now)
    assert world.session.scalars(select(Prediction.lead_id)).all() == [still]


@pytest.mark.thorough
def test_the_nightly_run_scores_at_two_by_the_companys_clock(world: World) -> None:
    lead_id = write(world, None, [Sold({"call": 1}, life=5)])[0]
    world.services.scheduler.tick(world.session)
    world.clock.shift(days=1)
    world.services.scheduler.tick(world.session)
    world.work()
    world.work()
    assert lead(world, lead_id).probability is not None


def test_nobody_elses_company_is_scored(world: World) -> None:
    scope_to(world.session, world.other_id)
    now = world.clock.now()
    with unit(world.session) as session:
        foreign = Lead(
            identifier="theirs",
            name="Theirs",
            opened_at=now - DAY,
            stage_changed_at=now - DAY,
            created_at=now,
            updated_at=now,
        )
        session.add(foreign)
        session.flush()
        foreign_id = foreign.id
    write(world, None, [Sold({"call": 1}, life=5)])
    scored(world)
    scope_to(world.session, world.other_id)
    assert world.session.get_one(Lead, foreign_id).probability is None
    assert foreign.stage is Stage.NEW
