"""The fixed rule by tables: points, caps, the four parts, the default probability."""

from __future__ import annotations

import math

import numpy as np
import pytest

from webapp.leads.rules.score import Standing, default_probability, parts, scores


def standing(counts: dict[str, int], recent: float = 0, quiet: float = math.inf, age: float = 0) -> Standing:
    return Standing(
        tuple(counts),
        np.array([list(counts.values())], float),
        np.array([recent], float),
        np.array([quiet], float),
        np.array([age], float),
    )


@pytest.mark.parametrize(
    ("counts", "points"),
    [
        ({}, 0),
        ({"email_open": 1}, 2),
        ({"email_click": 1}, 5),
        ({"email_reply": 1}, 10),
        ({"property_view": 1}, 8),
        ({"page_view": 1}, 1),
        ({"form_submit": 1}, 15),
        ({"call": 1}, 10),
        ({"meeting": 1}, 20),
        ({"a word of their own": 1}, 1),
        ({"email_open": 10}, 20),
        ({"email_open": 11}, 20),
        ({"email_open": 1_000}, 20),
        ({"call": 10, "meeting": 1}, 100),
        ({"call": 3, "email_open": 4, "note": 2}, 40),
    ],
)
def test_points_are_summed_by_kind_capped_at_ten_and_clamped(counts: dict[str, int], points: float) -> None:
    assert scores(standing(counts)).tolist() == [points]


def test_multipliers_change_what_an_activity_counts() -> None:
    lead = standing({"call": 2, "email_open": 5})
    assert scores(lead, {"call": 0.5, "email_open": 3.0}).tolist() == [40]


@pytest.mark.parametrize(("recent", "part"), [(0, 0), (1, 0.1), (9, 0.9), (10, 1), (11, 1)])
def test_ten_activities_in_thirty_days_are_fully_active(recent: float, part: float) -> None:
    assert parts(standing({}, recent=recent))[0, 1] == pytest.approx(part)


@pytest.mark.parametrize(("quiet", "part"), [(0, 1), (14, 0.5), (28, 0.25), (math.inf, 0)])
def test_recency_halves_every_fortnight(quiet: float, part: float) -> None:
    assert parts(standing({}, quiet=quiet))[0, 2] == pytest.approx(part)


@pytest.mark.parametrize(("age", "part"), [(0, 1), (45, 0.5), (90, 0), (91, 0)])
def test_time_in_the_funnel_runs_out_after_ninety_days(age: float, part: float) -> None:
    assert parts(standing({}, age=age))[0, 3] == pytest.approx(part)


def test_the_default_is_the_weighted_sum_of_its_parts() -> None:
    lead = standing({"call": 5}, recent=5, quiet=14, age=45)
    assert default_probability(parts(lead)).tolist() == pytest.approx([0.4 * 0.5 + 0.3 * 0.5 + 0.1 + 0.05])
    best = standing({"call": 10}, recent=10, quiet=0, age=0)
    assert default_probability(parts(best)).tolist() == pytest.approx([1.0])
