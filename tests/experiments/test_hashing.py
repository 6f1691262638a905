"""Who gets which variant: the published vectors, the weights, and that nothing but the texts counts."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.experiments.rules.hashing import Namespace, assigned, choose, fnv1a, inside, place, ranges

USERS = 100_000
shares = st.lists(st.integers(1, 100), min_size=2, max_size=8).map(
    lambda parts: [one / sum(parts) for one in parts]
)


@pytest.mark.parametrize(
    ("seed", "user", "expected"), [("seed", "a", 0.0505), ("seed", "b", 0.2696), ("foo", "ab", 0.2575)]
)
def test_the_published_vectors_come_out(seed: str, user: str, expected: float) -> None:
    assert place(seed, user) == expected


def test_a_text_beyond_ascii_is_read_as_javascript_reads_it() -> None:
    # ((offset ^ unit) * prime) mod 2^32, unit by unit: é is one, the smiling face two (d83d, de00).
    def by_hand(*units: int) -> int:
        found = 0x811C9DC5
        for unit in units:
            found = ((found ^ unit) * 0x01000193) % 2**32
        return found

    assert fnv1a("é") == by_hand(0xE9)
    assert fnv1a("😀") == by_hand(0xD83D, 0xDE00)


@pytest.mark.parametrize(
    ("weights", "coverage", "expected"),
    [
        ([0.5, 0.5], 1.0, [(0, 0.5), (0.5, 1)]),
        ([0.5, 0.5], 0.5, [(0, 0.25), (0.5, 0.75)]),
        ([0.4, 0.6], 0.2, [(0, 0.08), (0.4, 0.52)]),
        ([0.5, 0.5], -0.2, [(0, 0), (0.5, 0.5)]),
        ([0.5, 0.5], 1.5, [(0, 0.5), (0.5, 1)]),
        ([0.4, 0.1], 1.0, [(0, 0.5), (0.5, 1)]),
        ([0.7, 0.6], 1.0, [(0, 0.5), (0.5, 1)]),
        ([0.333, 0.333, 0.333], 1.0, [(0, 0.333), (0.333, 0.666), (0.666, 0.999)]),
    ],
)
def test_ranges_are_those_of_the_sdk(
    weights: list[float], coverage: float, expected: list[tuple[float, float]]
) -> None:
    for found, wanted in zip(ranges(weights, coverage), expected, strict=True):
        assert found == pytest.approx(wanted)


@pytest.mark.thorough
@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.2, 0.3, 0.5)])
def test_of_100000_users_each_variant_gets_its_weight_within_half_a_percent(
    weights: tuple[float, ...],
) -> None:
    counts = Counter(assigned("checkout", f"user-{number}", weights) for number in range(USERS))
    assert set(counts) == set(range(len(weights)))
    for number, weight in enumerate(weights):
        assert abs(counts[number] / USERS - weight) < 0.005


def test_two_experiments_are_independent_of_each_other() -> None:
    both = Counter(
        (assigned("one", str(user), (0.5, 0.5)), assigned("two", str(user), (0.5, 0.5)))
        for user in range(20_000)
    )
    assert all(abs(count / 20_000 - 0.25) < 0.015 for count in both.values())


@given(seed=st.text(max_size=20), user=st.text(min_size=1, max_size=40), weights=shares)
def test_more_coverage_never_moves_anybody(seed: str, user: str, weights: list[float]) -> None:
    before = assigned(seed, user, weights, 0.3)
    assert before is None or assigned(seed, user, weights, 0.8) == before


@given(seed=st.text(max_size=20), user=st.text(max_size=40))
def test_a_place_is_a_bucket_below_one(seed: str, user: str) -> None:
    found = place(seed, user)
    assert 0 <= found < 1
    assert round(found * 10_000) == pytest.approx(found * 10_000)


@given(weights=shares, at=st.integers(0, 9_999).map(lambda one: one / 10_000))
def test_with_full_coverage_a_place_is_one_variants_and_no_other(weights: list[float], at: float) -> None:
    held = [begin <= at < end for begin, end in ranges(weights)]
    assert sum(held) <= 1
    assert choose(at, ranges(weights)) == (held.index(True) if any(held) else None)


def test_parts_of_a_namespace_that_do_not_meet_share_nobody_and_miss_nobody() -> None:
    parts = [Namespace("home", 0.0, 0.4), Namespace("home", 0.4, 1.0)]
    held = [sum(inside(part, f"u{number}") for part in parts) for number in range(2_000)]
    assert held == [1] * 2_000
    assert 0.36 < sum(inside(parts[0], f"u{number}") for number in range(2_000)) / 2_000 < 0.44


def test_a_namespace_hashes_as_the_sdks_first_version() -> None:
    there = fnv1a("ann__home") % 1000 / 1000
    assert inside(Namespace("home", there, there + 0.001), "ann")
    assert not inside(Namespace("home", there + 0.001, 1.0), "ann")


@pytest.mark.thorough
def test_another_process_gives_the_same() -> None:
    said = (
        "from webapp.experiments.rules.hashing import assigned\n"
        "print([assigned('k', f'user-{n}', (0.3, 0.3, 0.4), 0.8) for n in range(200)])"
    )
    told = subprocess.run(
        [sys.executable, "-c", said], capture_output=True, text=True, check=True
    ).stdout  # our own words
    assert told.strip() == str([assigned("k", f"user-{n}", (0.3, 0.3, 0.4), 0.8) for n in range(200)])
