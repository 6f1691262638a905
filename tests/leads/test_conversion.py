"""The difference of two conversion rates, against the published examples and by chance itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from webapp.leads.rules.conversion import Closed, difference, moved, moved_words


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [  # Newcombe 1998, table II, method 10
        (Closed(56, 70), Closed(48, 80), 0.0524, 0.3339),
        (Closed(9, 10), Closed(3, 10), 0.1705, 0.8090),
        (Closed(6, 7), Closed(2, 7), 0.0582, 0.8062),
        (Closed(5, 56), Closed(0, 29), -0.0381, 0.1926),
        (Closed(0, 10), Closed(0, 20), -0.1611, 0.2775),
        (Closed(10, 10), Closed(0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_is_the_published_one(one: Closed, other: Closed, low: float, high: float) -> None:
    assert difference(one, other) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


def test_the_interval_holds_the_truth_about_95_times_of_100() -> None:
    """Coverage by enumeration of all outcomes, not by sampling."""
    one, other, p, q = 20, 60, 0.3, 0.45
    held = 0.0
    for won in range(one + 1):
        for lost in range(other + 1):
            low, high = difference(Closed(won, one), Closed(lost, other))
            if low <= p - q <= high:
                held += binom.pmf(won, one, p) * binom.pmf(lost, other, q)
    assert 0.93 < held < 0.97


counts = st.integers(0, 200).flatmap(lambda count: st.builds(Closed, st.integers(0, count), st.just(count)))


@given(counts, counts)
def test_turned_round_the_difference_is_its_opposite(one: Closed, other: Closed) -> None:
    low, high = difference(one, other)
    back_low, back_high = difference(other, one)
    assert (low, high) == (pytest.approx(-back_high), pytest.approx(-back_low))
    assert -1 <= low <= one.share - other.share + 1e-9
    assert moved(one, other) == moved(other, one)


@pytest.mark.parametrize(
    ("recent", "before", "told"),
    [
        (Closed(9, 9), Closed(0, 60), False),  # too few to speak of
        (Closed(10, 10), Closed(0, 9), False),
        (Closed(8, 12), Closed(18, 60), True),
        (Closed(5, 12), Closed(18, 60), False),
        (Closed(0, 0), Closed(18, 60), False),
        (Closed(0, 20), Closed(30, 60), True),
    ],
)
def test_only_more_than_chance_is_told(recent: Closed, before: Closed, told: bool) -> None:
    assert moved(recent, before) is told


def test_the_words_name_both_spans_and_the_interval() -> None:
    told = moved_words(Closed(8, 12), Closed(18, 60))
    assert "rose from 30 % to 67 %: 8 of 12 leads won in the last 30 days, 18 of 60 in the 180" in told
    assert "between 6 and 59 points (95 %)" in told
    assert "fell" in moved_words(Closed(0, 20), Closed(30, 60))
