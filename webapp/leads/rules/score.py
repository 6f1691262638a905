"""The fixed rule: points for activities, the four parts, and the default probability.

Arrays go along leads; one lead is an array of length one, so that a call and a nightly run cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
POINTS = {
    "email_open": 2.0,
    "email_click": 5.0,
    "email_reply": 10.0,
    "property_view": 8.0,
    "page_view": 1.0,
    "form_submit": 15.0,
    "call": 10.0,
    "meeting": 20.0,
}
OTHER_POINTS = 1.0
MOST_COUNTED = 10  # occurrences of one kind that bring points
RECENT_DAYS = 30.0
RECENT_FULL = 10.0  # recent activities that count as fully active
HALF_LIFE_DAYS = 14.0
FUNNEL_DAYS = 90.0
PARTS = ("score", "activity", "recency", "funnel_time")
DEFAULT_WEIGHTS = dict(zip(PARTS, (0.4, 0.3, 0.2, 0.1), strict=True))
SOURCES = {
    "score": "points by kind of activity, each kind counted ten times at most, at most 100 in all",
    "activity": "activities of the last 30 days ÷ 10, at most 1",
    "recency": "2^(-days since the last activity ÷ 14); nothing without an activity",
    "funnel_time": "1 - days since the lead began ÷ 90, at least 0",
}


@dataclass(frozen=True)
class Standing:
    """What the fixed rule reads of so many leads at one moment each.

    `counts` is (leads, kinds) in the order of `kinds`; `recent` counts the last 30 days; `quiet_days` since
    the last activity is infinite without one; `age_days` since the lead began.
    """

    kinds: tuple[str, ...]
    counts: Floats
    recent: Floats
    quiet_days: Floats
    age_days: Floats

    def __len__(self) -> int:
        return len(self.age_days)


def points_of(kinds: Sequence[str], multipliers: Mapping[str, float] | None = None) -> Floats:
    """The points one occurrence of each kind brings."""
    given = multipliers or {}
    return np.array([POINTS.get(kind, OTHER_POINTS) * given.get(kind, 1.0) for kind in kinds], float)


def scores(standing: Standing, multipliers: Mapping[str, float] | None = None) -> Floats:
    """The lead scores, 0 to 100: points by kind, capped at ten occurrences of each, clamped."""
    counted = np.minimum(standing.counts, MOST_COUNTED)
    summed: Floats = counted @ points_of(standing.kinds, multipliers)
    return np.clip(summed, 0.0, 100.0)


def parts(standing: Standing) -> Floats:
    """The four parts of the default, (leads, 4) in the order of `PARTS`, each from 0 to 1."""
    columns = (
        scores(standing) / 100.0,
        np.minimum(1.0, standing.recent / RECENT_FULL),
        np.exp2(-np.maximum(standing.quiet_days, 0.0) / HALF_LIFE_DAYS),
        1.0 - np.clip(standing.age_days / FUNNEL_DAYS, 0.0, 1.0),
    )
    return np.stack(columns, axis=1)


def default_probability(of_parts: Floats) -> Floats:
    """0.4·score + 0.3·activity + 0.2·recency + 0.1·funnel time, from 0 to 1 (spec of the default model)."""
    answer: Floats = of_parts @ np.array([DEFAULT_WEIGHTS[part] for part in PARTS])
    return answer
