"""Making probabilities mean what they say, where there are enough closed leads to learn it from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from webapp.leads.rules.logistic import fit
from webapp.leads.rules.odds import expit, logit
from webapp.leads.rules.score import Floats

PLATT_FROM = 200  # closed leads
ISOTONIC_FROM = 1_000
EDGE = 1e-4
MOST_KNOTS = 50


@dataclass(frozen=True)
class Calibrator:
    """A rising function of the probability: a line in log-odds (Platt) or joined steps (isotonic)."""

    method: str  # "platt" or "isotonic"
    x: tuple[float, ...]  # platt: slope and intercept; isotonic: knots
    y: tuple[float, ...] = ()

    def __call__(self, probability: Floats) -> Floats:
        """The calibrated probabilities."""
        if self.method == "platt":
            odds: Floats = logit(np.clip(probability, EDGE, 1 - EDGE))
            line: Floats = expit(self.x[0] * odds + self.x[1])
            return line
        return np.interp(probability, self.x, self.y)

    def as_json(self) -> dict[str, Any]:
        """How it is stored."""
        return {"method": self.method, "x": list(self.x), "y": list(self.y)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what was stored."""
        return cls(stored["method"], tuple(stored["x"]), tuple(stored["y"]))


def platt(probability: Floats, y: Floats, weight: Floats) -> Calibrator:
    """A logistic regression on the log-odds (Platt, 1999), held weakly at changing nothing."""
    x = np.stack([logit(np.clip(probability, EDGE, 1 - EDGE)), np.ones(len(y))], axis=1)
    found = fit(x, y, weight, (np.array([1.0, 0.0]), np.array([0.5, 0.5])))
    slope, intercept = found.mode.tolist()
    return Calibrator("platt", (round(max(slope, 0.0), 9), round(intercept, 9)))


def isotonic(probability: Floats, y: Floats, weight: Floats) -> Calibrator:
    """The rising step function closest to the outcomes (pool adjacent violators; Zadrozny and Elkan, 2002).

    Its blocks become knots at their mean predictions, joined by lines; each end keeps an imagined lead of
    both outcomes, so that nothing is ever certain.
    """
    from scipy.optimize import isotonic_regression  # noqa: PLC0415  # heavy, and needed in trainings alone

    order = np.argsort(probability, kind="stable")
    p, target, w = probability[order], y[order], weight[order]
    blocks = isotonic_regression(target, weights=w).blocks
    weights = np.add.reduceat(w, blocks[:-1])
    mean = np.add.reduceat(w * p, blocks[:-1]) / weights
    value = (np.add.reduceat(w * target, blocks[:-1]) + 0.5) / (weights + 1.0)
    value = np.maximum.accumulate(value)
    keep = np.unique(np.linspace(0, len(mean) - 1, min(MOST_KNOTS, len(mean))).round().astype(int))
    x, rises = mean[keep], np.concatenate(([True], np.diff(mean[keep]) > 1e-9))
    return Calibrator("isotonic", tuple(x[rises].round(9)), tuple(value[keep][rises].round(9)))


def calibrator_for(leads: int, probability: Floats, y: Floats, weight: Floats) -> Calibrator | None:
    """The calibration that so many closed leads allow; None where there are too few."""
    if leads < PLATT_FROM:
        return None
    return (isotonic if leads >= ISOTONIC_FROM else platt)(probability, y, weight)
