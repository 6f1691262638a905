"""A logistic regression with weights and a small ridge, fitted by iteratively reweighted least squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RIDGE = 0.01  # so that a way that was always accepted has a finite slope
MOST_STEPS = 50
NEAR = 1e-9  # of the largest change of a coefficient
MOST_LOGIT = 35.0  # beyond it a double knows no other probability than 0 or 1


def probabilities(features: Floats, coefficients: Floats) -> Floats:
    """The probability that each row is accepted."""
    odds: Floats = 1.0 / (1.0 + np.exp(-np.clip(features @ coefficients, -MOST_LOGIT, MOST_LOGIT)))
    return odds


def loss(features: Floats, accepted: Floats, weights: Floats, coefficients: Floats) -> float:
    """Minus the weighted log-likelihood, with the ridge on all coefficients but the first."""
    at = features @ coefficients
    told = weights @ (np.logaddexp(0.0, at) - accepted * at)
    return float(told + RIDGE / 2 * (coefficients[1:] ** 2).sum())


def fit(features: Floats, accepted: Floats, weights: Floats, start: Floats | None = None) -> Floats:
    """The coefficients of least loss; the first column of the features is the intercept.

    Newton's steps, which are reweighted least squares (McCullagh and Nelder, Generalized Linear Models, 2nd
    ed., 1989, 2.5), with the ridge of le Cessie and van Houwelingen (Applied Statistics 41:191-201, 1992); a
    step that does not lower the loss is halved.
    """
    penalty = np.full(features.shape[1], RIDGE)
    penalty[0] = 0.0
    found = np.zeros(features.shape[1]) if start is None else start.copy()
    now = loss(features, accepted, weights, found)
    for _ in range(MOST_STEPS):
        chance = probabilities(features, found)
        slope = features.T @ (weights * (accepted - chance)) - penalty * found
        spread = weights * np.maximum(chance * (1.0 - chance), 1e-12)
        curved = (features * spread[:, None]).T @ features + np.diag(penalty + 1e-12)
        step: Floats = np.linalg.solve(curved, slope).astype(np.float64)
        found, now, moved = _stepped(features, accepted, weights, found, step, now)
        if moved < NEAR:
            break
    return found


def _stepped(
    features: Floats, accepted: Floats, weights: Floats, found: Floats, step: Floats, now: float
) -> tuple[Floats, float, float]:
    """One step, halved until it lowers the loss; how far it went."""
    for _ in range(30):
        after = loss(features, accepted, weights, found + step)
        if after <= now:
            return found + step, after, float(np.abs(step).max())
        step = step / 2
    return found, now, 0.0
