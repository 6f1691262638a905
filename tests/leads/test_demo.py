"""The demo's leads: the same each time, three salespeople who win by different habits, gone when cleared."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import mean

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from webapp.accounts.models import Staff
from webapp.core.db import every_company, scope_to
from webapp.demo import clear_demo, load_demo
from webapp.leads import demo
from webapp.leads.facts import Stage
from webapp.leads.models import Activity, Lead, LeadFact, StageChange
from webapp.leads.stages import Standing, Step, in_order

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def leads() -> list[demo.DemoLead]:
    return demo.leads(NOW)


def test_it_is_the_same_each_time_and_ends_now(leads: list[demo.DemoLead]) -> None:
    assert demo.leads(NOW) == leads
    assert len({one.identifier for one in leads}) == len({one.name for one in leads}) == len(leads)
    assert NOW - timedelta(days=demo.DAYS) < min(one.opened_at for one in leads)
    assert max(at for one in leads for _, at, _ in one.activities) <= NOW
    for one in leads:
        times = [at for _, at in one.steps]
        assert times == sorted(times)
        assert all(one.opened_at <= at <= max(NOW, times[-1]) for _, at, _ in one.activities)
        assert not one.stage.closed or all(at <= times[-1] for _, at, _ in one.activities)
        assert 3 <= len(one.activities) <= 25


@pytest.mark.parametrize("seller", demo.SELLERS, ids=lambda one: one.name)
def test_each_wins_by_a_habit_of_their_own(leads: list[demo.DemoLead], seller: demo.Seller) -> None:
    mine = [one for one in leads if one.owner == seller.email]
    closed = [one for one in mine if one.stage.closed]
    won = [one for one in closed if one.stage is Stage.WON]
    lost = [one for one in closed if one.stage is Stage.LOST]
    assert 120 <= len(closed) <= 200
    assert 25 <= len(mine) - len(closed) <= 40
    assert len({one.stage for one in mine if not one.stage.closed}) == 5
    assert 0.25 < len(won) / len(closed) < 0.55

    def often(some: list[demo.DemoLead], kinds: tuple[str, ...]) -> float:
        return mean(sum(kind in kinds for kind, _, _ in one.activities) for one in some)

    assert often(won, seller.hangs_on) > 1.6 * often(lost, seller.hangs_on)
    for other in demo.SELLERS:
        if other is not seller:
            assert often(won, other.hangs_on) < 1.3 * often(lost, other.hangs_on)


@pytest.mark.thorough
def test_it_is_loaded_as_deeds_would_have_left_it_and_cleared(world: World) -> None:
    company = load_demo(world.session, world.services)
    scope_to(world.session, company.id)
    session = world.session
    made = Counter(lead.owner_id is None for lead in session.scalars(select(Lead)))
    assert made[True] == demo.UNASSIGNED
    for lead in session.scalars(select(Lead)).all()[::60]:
        columns = {
            name: getattr(lead, name) for name in ("opened_at", "stage", "stage_changed_at", "closed_at")
        }
        rows = session.scalars(select(StageChange).where(StageChange.lead_id == lead.id)).all()
        steps = in_order(Step(row.at, row.stage) for row in rows)
        assert steps[0].at == lead.opened_at
        assert steps[-1] == Step(Standing.of(columns).since, lead.stage)
    assert (session.scalar(select(func.count(Activity.id))) or 0) > 3_000
    assert (session.scalar(select(func.count(LeadFact.id))) or 0) > 10
    clear_demo(world.session, world.services)
    with every_company(world.session):
        assert not world.session.scalars(select(Staff).where(Staff.email.endswith("@demo.example"))).all()
        assert not world.session.scalar(select(func.count(Lead.id)))
