"""The demo’s experiment: it runs on the demo’s customers, the same each time, and claims nothing."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from webapp.core.db import every_company, scope_to
from webapp.demo import clear_demo, load_demo
from webapp.experiments.facts import Outcome, State
from webapp.experiments.load_demo import KEY
from webapp.experiments.models import Experiment, Exposure, MetricValue
from webapp.experiments.results import results_of


@pytest.mark.thorough
def test_it_runs_below_the_minimum_sample_and_goes_with_the_demo(make_world: Callable[..., World]) -> None:
    world = make_world()
    company = load_demo(world.session, world.services)
    scope_to(world.session, company.id)
    session = world.session
    row = session.scalars(select(Experiment)).one()
    assert (row.key, row.state) == (KEY, State.RUNNING)
    found = results_of(session, row, world.clock.now(), ZoneInfo("Europe/Berlin"), world.services.store)
    assert found.verdict.outcome is Outcome.NONE_YET
    assert "needs 1,000 before anything is concluded" in found.verdict.sentence
    assert found.verdict.warnings == ()
    assert min(found.numbers.users) > 60
    assert found.metrics[0].samples[0].total > 10
    clear_demo(world.session, world.services)
    with every_company(world.session):
        for model in (Experiment, Exposure, MetricValue):
            assert not world.session.scalar(select(func.count(model.id)))
