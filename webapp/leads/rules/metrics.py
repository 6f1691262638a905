"""How good predictions were, each figure with an interval; leads are drawn, not their moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from webapp.core.intervals import wilson
from webapp.leads.rules.score import Floats

DRAWS = 200
BINS = 10
EDGE = 1e-6
Whole = NDArray[np.int64]
Estimate = tuple[float, float, float]  # the figure and its 95 % interval
NAMES = ("accuracy", "balanced_accuracy", "auc", "log_loss", "brier", "calibration_error")


@dataclass(frozen=True)
class Scored:
    """Predictions beside outcomes, a row a moment: whose lead, how likely, won or not, the row's weight."""

    lead: Whole
    probability: Floats
    won: Floats
    weight: Floats

    def of(self, probability: Floats) -> Scored:
        """The same rows with other probabilities."""
        return Scored(self.lead, probability, self.won, self.weight)


def log_losses(rows: Scored) -> Floats:
    """Minus the log of what the outcome was given, a figure for each row, in nats."""
    p = np.clip(rows.probability, EDGE, 1 - EDGE)
    losses: Floats = -np.where(rows.won > 0.5, np.log(p), np.log1p(-p))
    return losses


def by_lead(rows: Scored, figures: Floats) -> Floats:
    """The weighted mean of the figures for each lead that has rows."""
    _, place = np.unique(rows.lead, return_inverse=True)
    sums = np.bincount(place, rows.weight * figures)
    answer: Floats = sums / np.bincount(place, rows.weight)
    return answer


def difference(rows: Scored, one: Floats, other: Floats) -> tuple[float, float]:
    """The mean of one's figures less the other's between leads, and its standard error."""
    apart = by_lead(rows, one) - by_lead(rows, other)
    if len(apart) < 2:
        return float(apart.mean()) if len(apart) else 0.0, float("inf")
    return float(apart.mean()), float(apart.std(ddof=1) / np.sqrt(len(apart)))


@dataclass(frozen=True)
class Draws:
    """Bootstrap draws of leads as weights of their rows, (1 + draws, rows); first the sample itself."""

    leads: int
    weights: Floats

    @classmethod
    def of(cls, rows: Scored, seed: int = 0) -> Self:
        """Draw 200 times as many leads as there are."""
        leads, place = np.unique(rows.lead, return_inverse=True)
        rng = np.random.default_rng(seed)
        drawn = rng.multinomial(len(leads), np.full(len(leads), 1 / len(leads)), DRAWS)
        return cls(len(leads), np.vstack([np.ones(len(leads)), drawn])[:, place] * rows.weight)


def judged(rows: Scored, inflation: float = 1.0, draws: Draws | None = None) -> Mapping[str, Estimate]:
    """Accuracy, balanced accuracy, AUC, log-loss, Brier score and expected calibration error.

    The accuracy's interval is Wilson's over leads; the others are percentiles of 200 bootstrap draws of
    leads, which ways that predict the same rows may share. `inflation` multiplies their variances, where
    figures of one sample hang together. A probability of exactly one half counts as half right.
    """
    draws = draws or Draws.of(rows)
    found = {
        name: _estimate(values, inflation, name) for name, values in _figures(rows, draws.weights).items()
    }
    accuracy, effective = found["accuracy"][0], draws.leads / inflation
    found["accuracy"] = (accuracy, *wilson(accuracy * effective, effective))
    return found


def _estimate(values: Floats, inflation: float, name: str) -> Estimate:
    value, wider = float(values[0]), float(np.sqrt(inflation))
    most = float("inf") if name == "log_loss" else 1.0
    if not np.isfinite(values[1:]).any():
        return value, 0.0, 1.0
    low, high = (float(one) for one in np.nanpercentile(values[1:], [2.5, 97.5]))
    below, above = max(0.0, value - low) * wider, max(0.0, high - value) * wider
    return value, max(0.0, value - below), min(most, value + above)


def _figures(rows: Scored, weights: Floats) -> dict[str, Floats]:
    """Each figure for each row of weights, (draws,)."""
    won, p = rows.won, rows.probability
    right = np.where(p == 0.5, 0.5, ((p > 0.5) == (won > 0.5)).astype(float))
    total = weights.sum(axis=1)
    of_won, of_lost = weights @ won, weights @ (1 - won)
    with np.errstate(invalid="ignore", divide="ignore"):
        balanced = (weights @ (right * won) / of_won + weights @ (right * (1 - won)) / of_lost) / 2
    return {
        "accuracy": weights @ right / total,
        "balanced_accuracy": balanced,
        "auc": _areas(rows, weights),
        "log_loss": weights @ log_losses(rows) / total,
        "brier": weights @ (p - won) ** 2 / total,
        "calibration_error": _calibration_errors(rows, weights),
    }


def _areas(rows: Scored, weights: Floats) -> Floats:
    """The weighted area under the curve; rows with one probability count half against each other."""
    order = np.argsort(rows.probability, kind="stable")
    p, w, won = rows.probability[order], weights[:, order], rows.won[order]
    first = np.flatnonzero(np.concatenate(([True], np.diff(p) > 0)))
    of_won = np.add.reduceat(w * won, first, axis=1)
    of_lost = np.add.reduceat(w * (1 - won), first, axis=1)
    below = np.cumsum(of_lost, axis=1) - of_lost
    with np.errstate(invalid="ignore", divide="ignore"):
        areas: Floats = (of_won * (below + of_lost / 2)).sum(axis=1) / (
            of_won.sum(axis=1) * of_lost.sum(axis=1)
        )
    return areas


def bin_of(probability: Floats) -> Whole:
    """The tenth that a probability falls in."""
    return np.minimum((probability * BINS).astype(np.int64), BINS - 1)


def _calibration_errors(rows: Scored, weights: Floats) -> Floats:
    """The mean distance of predicted from observed over ten equal bins, by how much is in them."""
    member = np.zeros((len(rows.won), BINS))
    member[np.arange(len(rows.won)), bin_of(rows.probability)] = 1.0
    away = np.abs(weights @ (member * (rows.probability - rows.won)[:, None]))
    answer: Floats = away.sum(axis=1) / weights.sum(axis=1)
    return answer


@dataclass(frozen=True)
class Bin:
    """One bin of a calibration plot: mean prediction, share won, how many leads' weight, its interval."""

    predicted: float
    won: float
    leads: float
    low: float
    high: float


def calibration_bins(rows: Scored) -> list[Bin]:
    """What was predicted beside what came, by tenths; Wilson intervals over the leads' weights."""
    places, found = bin_of(rows.probability), []
    for place in np.unique(places).tolist():
        here = places == place
        weight = rows.weight[here]
        leads, won = float(weight.sum()), float(weight @ rows.won[here])
        predicted = float(weight @ rows.probability[here]) / leads
        found.append(Bin(predicted, won / leads, leads, *wilson(won, leads)))
    return found


@dataclass(frozen=True)
class Confusion:
    """What a threshold makes of the rows, in leads' weights."""

    threshold: float
    won_right: float
    won_missed: float
    lost_right: float
    lost_wrong: float

    @property
    def hit_rate(self) -> float:
        """The share of won leads that the threshold finds."""
        return self.won_right / ((self.won_right + self.won_missed) or 1.0)

    @property
    def false_rate(self) -> float:
        """The share of lost leads that it takes for winners."""
        return self.lost_wrong / ((self.lost_right + self.lost_wrong) or 1.0)


def confusion(rows: Scored, threshold: float) -> Confusion:
    """Count what is called won from the threshold on."""
    called = rows.probability >= threshold
    won, weight = rows.won > 0.5, rows.weight
    return Confusion(
        threshold,
        won_right=float(weight[called & won].sum()),
        won_missed=float(weight[~called & won].sum()),
        lost_right=float(weight[~called & ~won].sum()),
        lost_wrong=float(weight[called & ~won].sum()),
    )


def roc(rows: Scored) -> list[tuple[float, float, float]]:
    """The points (false rate, hit rate, threshold) of the curve, from nothing called won to everything."""
    thresholds = np.unique(rows.probability)[::-1]
    if len(thresholds) > 100:
        thresholds = thresholds[np.linspace(0, len(thresholds) - 1, 100).round().astype(int)]
    points = [confusion(rows, float(one)) for one in thresholds]
    return [(0.0, 0.0, 1.0), *((one.false_rate, one.hit_rate, one.threshold) for one in points)]
