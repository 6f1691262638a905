"""Members of known type with noisy histories: request by request, then summed as the database would.

What types do follows the requirements' words (a big spender pays about 120 % of the base price and puts
convenience first, a flexible member about 90 % and prefers swaps, an average one 100 %), not the rules'
anchors. `noise` is the share of a member's deeds that are done as somebody of a random type would do them;
beside it every member has habits of their own around their type's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from webapp.archetypes.facts import Archetype
from webapp.archetypes.rules.detect import Histories

TYPES = tuple(Archetype)
NOW = 1_780_000_000.0  # Unix seconds
DAY = 86_400.0


@dataclass(frozen=True)
class Habits:
    """A type's means: paid ÷ base, share of swaps and crashes it asks for, refusals for the price, the median
    answer in minutes, how often it says yes, requests a month, how often others' requests come as swaps."""

    pays: float
    swaps: float
    crashes: float
    refuses: float
    minutes: float
    says_yes: float
    monthly: float
    made_share: float


HABITS = {
    Archetype.BIG_SPENDER: Habits(1.20, 0.04, 0.12, 0.04, 15, 0.40, 2.0, 0.65),
    Archetype.HIGH_FLEXIBILITY: Habits(0.90, 0.60, 0.22, 0.38, 60, 0.90, 0.5, 0.40),
    Archetype.AVERAGE_USER: Habits(1.00, 0.22, 0.30, 0.18, 240, 0.62, 0.9, 0.50),
}


def simulate(
    types: NDArray[np.int64], requests: int, noise: float, seed: int, base: float = 1600.0
) -> Histories:
    """The histories of members of these types (indexes of the enum), each with so many requests."""
    rng = np.random.default_rng(seed)
    members = len(types)
    own = {name: _own(rng, types, name) for name in vars(HABITS[TYPES[0]])}
    shape = (members, requests)
    odd = rng.random(shape) < noise
    others = rng.integers(0, len(TYPES), shape)

    def habit(name: str) -> NDArray[np.float64]:
        means = np.array([getattr(HABITS[one], name) for one in TYPES])
        return np.where(odd, means[others], own[name][:, None])

    made = rng.random(shape) < habit("made_share")
    kind = rng.random(shape)
    swap, crash = kind < habit("swaps"), (kind >= habit("swaps")) & (kind < habit("swaps") + habit("crashes"))
    ratio = habit("pays") * rng.normal(1.0, 0.06, shape).clip(0.5, 1.5)
    price = base * rng.lognormal(0.0, 0.25, shape)
    paid = np.where(swap, 0.0, np.where(crash, 0.3, ratio)) * price
    refused = made & ~swap & (rng.random(shape) < habit("refuses"))
    decided = rng.random(shape) < 0.9
    accepted = made & decided & ~refused & (rng.random(shape) < 0.75)
    answered = ~made & (rng.random(shape) < 0.92)
    given = answered & (rng.random(shape) < habit("says_yes"))
    took = rng.lognormal(np.log(habit("minutes") * 60), 0.7)
    span = requests * np.clip(own["made_share"], 0.05, 1) / np.clip(own["monthly"], 0.1, None) * 30 * DAY
    bought = accepted & ~swap & ~crash
    return Histories(
        made=_sum(made),
        decided=_sum(made & decided),
        accepted=_sum(accepted),
        swaps=_sum(accepted & swap),
        paid_minor=_sum(accepted & (paid > 0), np.round(paid * 100)),
        paid=_sum(accepted & (paid > 0)),
        ratio_ppm=_sum(bought, np.round(ratio * 1e6)),
        ratios=_sum(bought),
        priced=_sum(made & decided & ~swap),
        refused=_sum(refused & decided),
        first_asked=NOW - np.minimum(span, 365 * DAY),
        received=_sum(~made),
        answered=_sum(answered),
        given=_sum(given),
        swaps_given=_sum(given & swap),
        median_answer=_medians(took, answered),
    )


def _own(rng: np.random.Generator, types: NDArray[np.int64], name: str) -> NDArray[np.float64]:
    """Each member's own mean: shares move by a tenth, everything else by a factor around one."""
    mean = np.array([getattr(HABITS[one], name) for one in TYPES])[types]
    if name in {"swaps", "crashes", "refuses", "says_yes", "made_share"}:
        return np.clip(mean + rng.normal(0, 0.08, len(types)), 0.01, 0.97)
    spread = 0.03 if name == "pays" else 0.35
    return mean * rng.lognormal(0, spread, len(types))


def _sum(chosen: NDArray[np.bool_], values: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    return (chosen if values is None else np.where(chosen, values, 0.0)).sum(axis=1).astype(float)


def _medians(took: NDArray[np.float64], answered: NDArray[np.bool_]) -> NDArray[np.float64]:
    ordered = np.sort(np.where(answered, np.round(took), np.inf), axis=1)
    count = answered.sum(axis=1)
    low = np.take_along_axis(ordered, np.maximum((count - 1) // 2, 0)[:, None], 1)[:, 0]
    high = np.take_along_axis(ordered, np.maximum(count // 2, 0).clip(max=ordered.shape[1] - 1)[:, None], 1)
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, (low + high[:, 0]) / 2, np.nan)


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """The expected calibration error: the mean distance of confidence and accuracy over equal bins
    (Naeini, Cooper, Hauskrecht 2015, AAAI)."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for one in range(bins):
        mine = place == one
        if mine.any():
            total += mine.mean() * abs(confidence[mine].mean() - right[mine].mean())
    return float(total)
