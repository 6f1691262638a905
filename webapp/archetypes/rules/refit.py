"""New anchors from the members' own signals: the tenth and the ninetieth percentile of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from webapp.archetypes.rules.detect import SIGNALS, Floats, Histories, evidence_of, signals_of
from webapp.archetypes.rules.ruleset import Anchors, Rules, Signal

LEAST = 50  # members who have the signal
ENDS = (0.1, 0.9)  # a tenth of the members stands at each end, and outliers move nothing
DIGITS = 3  # of a new anchor: more would only be noise


@dataclass(frozen=True)
class Refitted:
    """A signal's anchors before and after, from how many members; `why` says why they stay."""

    signal: Signal
    members: int
    old: Anchors
    new: Anchors
    why: str = ""


def refit(seen: Histories, rules: Rules, now: float, unit: float) -> tuple[Refitted, ...]:
    """The anchors that these members' signals give; new members' ones are too few to count."""
    detection = rules.detection
    known = seen.transactions >= detection.new_below
    values = signals_of(seen, detection, now, unit)[:, known]
    evidence = evidence_of(seen)[:, known]
    return tuple(
        _one(signal, values[row][evidence[row] > 0], detection.anchors[signal])
        for row, signal in enumerate(SIGNALS)
    )


def with_anchors(rules: Rules, found: tuple[Refitted, ...]) -> Rules:
    """The rules with the new anchors."""
    anchors = {one.signal: one.new for one in found}
    detection = rules.detection.model_copy(update={"anchors": anchors})
    return Rules.model_validate(rules.model_copy(update={"detection": detection}).as_json())


def _one(signal: Signal, values: Floats, old: Anchors) -> Refitted:
    there = values[~np.isnan(values)]
    if len(there) < LEAST:
        why = f"{len(there)} members have it; it takes {LEAST}"
        return Refitted(signal, len(there), old, old, why)
    low, high = (_short(float(one)) for one in np.quantile(there, ENDS))
    if not low < high:
        return Refitted(signal, len(there), old, old, "nearly all members have the same value")
    return Refitted(signal, len(there), old, Anchors(low=low, high=high))


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
