"""Closed leads replayed: which moments, what was known by then, and nothing later."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.leads.rules.moments import (
    DAY,
    Events,
    Histories,
    Moments,
    Turn,
    closed_moments,
    open_moments,
)


def one(
    acts: list[tuple[float, str]] = [],  # noqa: B006  # never changed
    stages: list[tuple[float, int]] = [],  # noqa: B006  # never changed
    turns: list[Turn] = [],  # noqa: B006  # never changed
    **now: object,
) -> Histories:
    """A lead that began at second 0; times in days."""
    kinds = tuple(dict.fromkeys(kind for _, kind in acts))
    return Histories(
        opened=np.zeros(1),
        sources=[str(now.get("source", ""))],
        values=[now.get("value")],  # type: ignore[list-item]  # a number or None
        attributes=[now.get("attributes", {})],  # type: ignore[list-item]  # a mapping
        kinds=kinds,
        activities=Events(
            np.zeros(len(acts), np.int64),
            np.array([kinds.index(kind) for _, kind in acts], np.int64),
            np.array([at * DAY for at, _ in acts], float),
        ),
        stages=Events(
            np.zeros(len(stages), np.int64),
            np.array([place for _, place in stages], np.int64),
            np.array([at * DAY for at, _ in stages], float),
        ),
        turns=turns,
    )


def ages(moments: Moments) -> list[float]:
    return [round(float(age), 3) for age in moments.standing.age_days]


@pytest.mark.parametrize(
    ("closed", "seen"),
    [
        (0.5, [0.5]),
        (3.0, [3.0]),
        (5.0, [3.0, 5.0]),
        (7.0, [3.0, 7.0]),
        (20.0, [3.0, 7.0, 14.0, 20.0]),
        (60.0, [3.0, 7.0, 14.0, 30.0, 60.0]),
        (400.0, [3.0, 7.0, 14.0, 30.0, 60.0]),
    ],
)
def test_a_closed_lead_is_seen_at_fixed_ages_while_it_was_open(closed: float, seen: list[float]) -> None:
    moments = closed_moments(one(), np.array([closed * DAY]))
    assert ages(moments) == seen
    assert moments.weight.sum() == pytest.approx(1)
    assert (moments.standing.age_days * DAY < closed * DAY).all()


def test_what_happens_at_the_closing_or_later_is_not_known() -> None:
    acts = [(1.0, "call"), (6.9, "call"), (10.0, "call"), (11.0, "call"), (12.0, "contract_signed")]
    moments = closed_moments(one(acts), np.array([10.0 * DAY]))
    assert ages(moments) == [3.0, 7.0, 10.0]
    call, signed = moments.standing.kinds.index("call"), moments.standing.kinds.index("contract_signed")
    assert moments.standing.counts[:, call].tolist() == [1, 2, 2]
    assert moments.standing.counts[:, signed].tolist() == [0, 0, 0]
    assert moments.standing.quiet_days.tolist() == pytest.approx([2.0, 0.1, 3.1], abs=1e-6)


def test_stage_source_value_and_attributes_are_as_they_stood() -> None:
    turns = [
        Turn(0, "source", "website", "referral", 5 * DAY),
        Turn(0, "value", None, 100.0, 8 * DAY),
        Turn(0, "attributes.rooms", "3", "4", 4 * DAY),
        Turn(0, "attributes.rooms", "4", None, 20 * DAY),
        Turn(0, "attributes.contract", None, "signed", 40 * DAY),
    ]
    lead = one(
        stages=[(0, 0), (6, 2), (10, 3)],
        turns=turns,
        source="referral",
        value=100.0,
        attributes={"contract": "signed"},
    )
    moments = closed_moments(lead, np.array([30.0 * DAY]))
    assert ages(moments) == [3, 7, 14, 30]
    assert moments.stage.tolist() == [0, 2, 3, 3]
    assert list(moments.sources) == ["website", "referral", "referral", "referral"]
    assert np.isnan(moments.values[:2]).all()
    assert moments.values[2:].tolist() == [100, 100]
    assert list(moments.attributes) == [{"rooms": "3"}, {"rooms": "4"}, {"rooms": "4"}, {}]


def test_recent_activities_are_those_of_thirty_days() -> None:
    lead = one([(1.0, "call"), (30.0, "call"), (59.0, "call")])
    now = open_moments(lead, 60.0 * DAY)
    assert now.standing.recent.tolist() == [1]
    assert open_moments(lead, 59.5 * DAY).standing.recent.tolist() == [2]


@given(
    st.lists(st.floats(0, 100), min_size=0, max_size=20),
    st.floats(0.1, 100),
    st.lists(st.floats(0, 100), min_size=1, max_size=5),
)
def test_adding_what_comes_after_the_closing_changes_nothing(
    before: list[float], closed: float, after: list[float]
) -> None:
    acts = [(at, "call") for at in before if at < closed]
    late = [(closed + at, "call") for at in after]
    known = closed_moments(one([*acts, (0.0, "call")]), np.array([closed * DAY]))
    more = closed_moments(one([*acts, (0.0, "call"), *late]), np.array([closed * DAY]))
    assert known.standing.counts.tolist() == more.standing.counts.tolist()
    assert known.standing.quiet_days.tolist() == more.standing.quiet_days.tolist()
