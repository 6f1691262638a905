"""What is concluded, why, and what is said first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from webapp.experiments.facts import MetricKind, Outcome
from webapp.experiments.rules.statistics import Mismatch, Sample, compare
from webapp.experiments.rules.verdicts import Evidence, Judged, judge


def beside(*done: int, users: int = 5_000) -> tuple:
    """Variants with so many users who did it, beside a control of 1,000."""
    control = Sample(users, 1_000, 1_000)
    return tuple(
        compare(control, Sample(users, one, one), MetricKind.PROPORTION, 0.05, 2 * users) for one in done
    )


def evidence(*done: int, **more) -> Evidence:
    names = ("control", "blue", "green")[: len(done) + 1]
    metric = Judged("orders", higher_is_better=True, comparisons=beside(*done))
    return replace(Evidence(names, (5_000,) * len(names), metric), **more)


WORSE_RAIL = (Judged("returns", higher_is_better=False, comparisons=beside(1_300)),)


@pytest.mark.parametrize(
    ("given", "outcome", "said"),
    [
        (evidence(1_200), Outcome.BETTER, "“blue” is better on “orders”: +20.0%"),
        (evidence(1_150, 1_250), Outcome.BETTER, "“green” is better"),
        (evidence(800), Outcome.WORSE, "“blue” is worse"),
        (evidence(800, 790), Outcome.WORSE, "Every variant is worse"),
        (evidence(1_010), Outcome.UNDECIDED, "still holds zero. More users"),
        (evidence(1_010, planned=20_000), Outcome.UNDECIDED, "10,000 of the planned 20,000"),
        (evidence(1_010, planned=9_000), Outcome.UNDECIDED, "All 9,000 planned users"),
        (evidence(1_010, effect=0.2), Outcome.NO_DIFFERENCE, "by 20.0% or more; that is ruled out"),
        (evidence(1_200, guard_rails=WORSE_RAIL), Outcome.HARMFUL, "guard-rail worse"),
        (evidence(1_010, guard_rails=WORSE_RAIL), Outcome.HARMFUL, "guard-rail worse"),
        (
            evidence(1_200, users=(5_000, 999)),
            Outcome.NONE_YET,
            "“blue” has 999 users, and each variant needs",
        ),
        (evidence(1_200, users=(0, 0)), Outcome.NONE_YET, "Nobody has met a variant"),
        (evidence(1_200, mismatch=Mismatch(1e-9, flagged=True)), Outcome.UNRELIABLE, "not split as"),
        (evidence(1_200, primary=None), Outcome.UNDECIDED, "No metric is named"),
    ],
)
def test_the_verdict_and_its_reason(given, outcome, said) -> None:
    found = judge(given)
    assert found.outcome is outcome
    assert said in found.sentence


def test_what_speaks_against_trust_is_a_warning_whatever_the_verdict() -> None:
    found = judge(
        evidence(
            1_200,
            mismatch=Mismatch(1e-5, flagged=True),
            several=0.02,
            users=(400, 300),
            guard_rails=WORSE_RAIL,
        )
    )
    assert found.outcome is Outcome.NONE_YET
    assert [one.split()[0] for one in found.warnings] == ["Sample-ratio", "2.0%", "“blue”"]
    assert "once in 100,000 times" in found.warnings[0]
    assert not judge(evidence(1_200, several=0.01)).warnings


def test_a_variant_that_harms_is_passed_over_for_one_that_does_not() -> None:
    rail = Judged("returns", higher_is_better=False, comparisons=beside(1_300, 1_000))
    found = judge(evidence(1_300, 1_200, guard_rails=(rail,)))
    assert (found.outcome, found.variant) == (Outcome.BETTER, 2)
