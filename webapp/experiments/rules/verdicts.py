"""What may be concluded from an experiment, why, and what speaks against trusting it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from webapp.experiments.facts import Outcome
from webapp.experiments.rules.statistics import Comparison, Mismatch

MOST_SEVERAL = 0.01  # part of the users who may meet more than one variant before it is flagged


@dataclass(frozen=True)
class Judged:
    """A metric as it is judged: its name, which way is better, and each variant beside the control."""

    name: str
    higher_is_better: bool
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True)
class Evidence:
    """What is known: variants' names (the control first), their users, the metrics, what may be wrong.

    `several` is the part of all users who met more than one variant. `minimum` is the users each variant
    needs before anything is concluded, `effect` the smallest one that matters, a part of the control's mean.
    """

    variants: tuple[str, ...]
    users: tuple[int, ...]
    primary: Judged | None
    guard_rails: tuple[Judged, ...] = ()
    mismatch: Mismatch = field(default=Mismatch(1.0, flagged=False))
    several: float = 0.0
    minimum: int = 1000
    effect: float | None = None
    planned: int | None = None


@dataclass(frozen=True)
class Verdict:
    """The conclusion, its reason in a sentence, warnings that come first, and the variant it is about."""

    outcome: Outcome
    sentence: str
    warnings: tuple[str, ...] = ()
    variant: int | None = None


def judge(evidence: Evidence) -> Verdict:
    """Conclude what may be concluded. Nothing is below the minimum sample, or when the split is wrong."""
    outcome, sentence, variant = _concluded(evidence)
    return Verdict(outcome, sentence, _warnings(evidence), variant)


def _warnings(evidence: Evidence) -> tuple[str, ...]:
    told = []
    if evidence.mismatch.flagged:
        told.append(
            f"Sample-ratio mismatch: so uneven a split comes by chance less often than once in"
            f" {1 / max(evidence.mismatch.p, 1e-12):,.0f} times. Something keeps users of one variant from"
            " being counted; find it before you believe any number."
        )
    if evidence.several > MOST_SEVERAL:
        told.append(
            f"{evidence.several:.1%} of the users met more than one variant (1 % is tolerable). They are left"
            " out of the comparison, and who they are may not be chance."
        )
    harmed = [(rail.name, which) for rail in evidence.guard_rails for which in _harmed_by(rail)]
    told += [f"“{evidence.variants[which]}” worsens the guard-rail “{name}”." for name, which in harmed]
    return tuple(told)


def _harmed_by(rail: Judged) -> list[int]:
    """The variants (counted from the control) that make the guard-rail worse."""
    sides = [one.beyond(higher_is_better=rail.higher_is_better) for one in rail.comparisons]
    return [place for place, side in enumerate(sides, start=1) if side < 0]


def _concluded(evidence: Evidence) -> tuple[Outcome, str, int | None]:
    early = _too_early(evidence)
    if early:
        return Outcome.NONE_YET, early, None
    if evidence.mismatch.flagged:
        return Outcome.UNRELIABLE, "The users are not split as the weights ask, so no number holds.", None
    if evidence.primary is None:
        return Outcome.UNDECIDED, "No metric is named as the one that decides.", None
    sides = [
        one.beyond(higher_is_better=evidence.primary.higher_is_better) for one in evidence.primary.comparisons
    ]
    harmed = {which for rail in evidence.guard_rails for which in _harmed_by(rail)}
    better = [place for place, side in enumerate(sides, start=1) if side > 0]
    unharmed = [place for place in better if place not in harmed]
    if unharmed:
        return _better(evidence, evidence.primary, unharmed)
    if better or (harmed and len(harmed) == len(sides)):
        which = better[0] if better else min(harmed)
        told = f"“{evidence.variants[which]}” makes a guard-rail worse, whatever else it does."
        return Outcome.HARMFUL, told, which
    return _not_better(evidence, evidence.primary, sides)


def _too_early(evidence: Evidence) -> str:
    if not sum(evidence.users):
        return "Nobody has met a variant yet."
    least = min(range(len(evidence.users)), key=evidence.users.__getitem__)
    if evidence.users[least] >= evidence.minimum:
        return ""
    return (
        f"“{evidence.variants[least]}” has {evidence.users[least]:,} users, and each variant needs"
        f" {evidence.minimum:,} before anything is concluded: with fewer, chance looks like an effect."
    )


def _better(evidence: Evidence, metric: Judged, better: Sequence[int]) -> tuple[Outcome, str, int]:
    way = 1 if metric.higher_is_better else -1
    best = max(better, key=lambda place: way * (metric.comparisons[place - 1].difference or 0.0))
    told = (
        f"“{evidence.variants[best]}” is better on “{metric.name}”: {_interval(metric.comparisons[best - 1])}"
    )
    return Outcome.BETTER, f"{told} The interval holds however often it is looked at.", best


def _not_better(evidence: Evidence, metric: Judged, sides: list[int]) -> tuple[Outcome, str, int | None]:
    if sides and all(side < 0 for side in sides):
        told = f"“{evidence.variants[1]}” is worse on “{metric.name}”: {_interval(metric.comparisons[0])}"
        if len(sides) > 1:
            told = f"Every variant is worse than the control on “{metric.name}”."
        return Outcome.WORSE, told, 1
    if evidence.effect and all(
        side < 0 or one.within(evidence.effect) for side, one in zip(sides, metric.comparisons, strict=True)
    ):
        told = f"No variant moves “{metric.name}” by {evidence.effect:.1%} or more; that is ruled out."
        return Outcome.NO_DIFFERENCE, told, None
    return Outcome.UNDECIDED, f"The interval of “{metric.name}” still holds zero. {_further(evidence)}", None


def _further(evidence: Evidence) -> str:
    users = sum(evidence.users)
    if evidence.planned is None:
        return "More users make it narrower."
    if users < evidence.planned:
        return f"{users:,} of the planned {evidence.planned:,} users are in."
    return (
        f"All {evidence.planned:,} planned users are in: an effect of the planned size would probably have"
        " shown itself. Stop, or go on for a smaller one."
    )


def _interval(one: Comparison) -> str:
    if one.lift is not None and one.lift_low is not None and one.lift_high is not None:
        return f"{one.lift:+.1%}, between {one.lift_low:+.1%} and {one.lift_high:+.1%}."
    if one.difference is None or one.low is None or one.high is None:
        return "nothing can be said of it."
    return f"{one.difference:+.4g}, between {one.low:+.4g} and {one.high:+.4g}."
