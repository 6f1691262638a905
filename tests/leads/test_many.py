"""Advice for many leads at once is the advice that each gets alone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from webapp.leads.facts import Action
from webapp.leads.rules.actions import Circumstances, Patterns, Standing, advise
from webapp.leads.rules.many import ACTIONS, PRIORITIES, Standings, chosen_of_many
from webapp.leads.rules.moments import STAGES

NOW = Circumstances(datetime(2026, 11, 20, 9, tzinfo=UTC), ZoneInfo("Europe/Vienna"))
LEADS = 3_000


@pytest.mark.thorough
def test_many_leads_get_the_action_priority_and_risk_that_each_gets_alone() -> None:
    chance = np.random.default_rng(11)
    uplift = {one: chance.normal(0, 4, LEADS) for one in (Action.CALL, Action.EMAIL, Action.MEETING)}
    leads = Standings(
        stage=chance.integers(0, len(STAGES), LEADS),
        probability=np.round(chance.random(LEADS), 1),
        quiet_days=chance.choice([0.0, 1.0, 2.0, 6.9, 7.0, 25.0, 25.1, 60.0], LEADS),
        outreach_days=chance.choice([0.0, 1.0, 2.0, 30.0, np.inf], LEADS),
        value_ratio=chance.choice([np.nan, 0.0, 0.4, 1.0, 9.0], LEADS),
    )
    for gains in (uplift, {}):
        action, priority, risk = chosen_of_many(leads, 25.0, gains)
        seen = set()
        for place in range(LEADS):
            alone = advise(_lead(leads, place), _patterns(gains, place), NOW)
            assert alone is not None
            found = ACTIONS[action[place]], PRIORITIES[priority[place]], bool(risk[place])
            assert found == (alone.action, alone.priority, alone.at_risk)
            seen.add(found[0])
        assert {Action.WAIT, Action.CLOSE_OUT, Action.FOLLOW_UP, Action.CALL} <= seen


def _lead(leads: Standings, place: int) -> Standing:
    since, ratio = float(leads.outreach_days[place]), float(leads.value_ratio[place])
    return Standing(
        stage=STAGES[leads.stage[place]],
        probability=float(leads.probability[place]),
        quiet_days=float(leads.quiet_days[place]),
        outreach_days=None if np.isinf(since) else since,
        value_ratio=None if np.isnan(ratio) else ratio,
    )


def _patterns(gains: dict[Action, np.ndarray], place: int) -> Patterns:  # type: ignore[type-arg]  # of floats
    return Patterns({one: float(points[place]) for one, points in gains.items()}, 25.0, won=9)
