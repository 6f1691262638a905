"""Inputs that predict too well to be true: they are named, and left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from webapp.leads.rules.encoding import Encoder
from webapp.leads.rules.moments import Moments
from webapp.leads.rules.odds import ranks
from webapp.leads.rules.score import Floats

TOO_TRUE = 0.97  # area under the curve of one input alone


@dataclass(frozen=True)
class Leak:
    """An input that alone tells won from lost nearly perfectly; `auc` is from 0.5 to 1."""

    input: str
    auc: float


def leaks_of(encoder: Encoder, moments: Moments, won: Floats) -> list[Leak]:
    """Find the inputs that alone separate won from lost, at the leads' last moments: by one column, or by
    the share won among the other leads of the same level.

    `won` is 1 or 0 for each place of the histories. How far a lead got and how long it took are what
    selling is about; they are known in time and never suspected.
    """
    last = np.append(moments.lead[1:] != moments.lead[:-1], True)
    x, y = encoder.encode(moments)[last], won[moments.lead[last]]
    worst: dict[str, float] = {}
    for place, column in enumerate(encoder.columns):
        if column.input in {"stage", "funnel_time", "recency", "activity"}:
            continue
        area = auc(x[:, place], y)
        worst[column.input] = max(worst.get(column.input, 0.0), area, 1.0 - area)
    for name, level in _levels(encoder, x).items():
        worst[name] = max(worst[name], auc(_rates_of_others(level, y), y))
    return [Leak(name, round(area, 4)) for name, area in worst.items() if area >= TOO_TRUE]


def _levels(encoder: Encoder, x: Floats) -> dict[str, NDArray[np.int64]]:
    """By input with levels: which of its columns stands highest for each lead, 0 for none of them."""
    found: dict[str, list[int]] = {}
    for place, column in enumerate(encoder.columns):
        if column.read in {"level", "source", "missing"}:
            found.setdefault(column.input, []).append(place)
    return {
        name: np.where((x[:, places] > 0).any(axis=1), x[:, places].argmax(axis=1) + 1, 0)
        for name, places in found.items()
    }


def _rates_of_others(level: NDArray[np.int64], y: Floats) -> Floats:
    """The share won among the other leads of a lead's level, with one imagined lead of both outcomes."""
    leads, won = np.bincount(level), np.bincount(level, y)
    answer: Floats = (won[level] - y + 0.5) / leads[level]
    return answer


def auc(score: Floats | Sequence[float], y: Floats) -> float:
    """The chance that a won lead scores above a lost one, ties counting half (Mann and Whitney, 1947)."""
    won = int(y.sum())
    lost = len(y) - won
    if not won or not lost:
        return 0.5
    return float((ranks(score)[y > 0.5].sum() - won * (won + 1) / 2) / (won * lost))
