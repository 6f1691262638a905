"""Logistic regression with a Gaussian prior, its Laplace evidence, and the average over prior widths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from webapp.leads.rules.odds import expit

Floats = NDArray[np.float64]
MOST_STEPS = 50
CLOSE = 1e-8  # a Newton decrement below which a fit has converged


@dataclass(frozen=True)
class Fit:
    """The mode, its covariance (inverse Hessian) and the log evidence of one prior."""

    mode: Floats
    covariance: Floats
    evidence: float


@dataclass(frozen=True)
class Posterior:
    """The average over prior widths as one Gaussian with the mixture's mean and covariance.

    `prior` is the variance of each coefficient before the data, averaged by the same weights; `held` is how
    likely it is, after the data, that nothing at all moves from the prior mean.
    """

    mean: Floats
    covariance: Floats
    prior: Floats
    held: float = 0.0


def fit(
    x: Floats, y: Floats, weight: Floats, prior: tuple[Floats, Floats], start: Floats | None = None
) -> Fit:
    """Find the posterior mode by Newton's method with halved steps.

    `x` is (rows, columns), `prior` the mean and the standard deviation of each column, where 0 holds the
    coefficient at its mean. The evidence is Laplace's approximation, log p(y) ≈ log p(y|b) + log p(b) +
    d/2·log 2π - ½·log|H| (MacKay, 1992, Neural Computation 4:720-736), with weighted rows.
    """
    mean, sd = prior
    free = sd > 0
    inner, precision = np.ascontiguousarray(x[:, free].T), 1.0 / sd[free] ** 2
    offset = x[:, ~free] @ mean[~free]
    b = (mean if start is None else np.where(free, start, mean))[free].copy()
    target = mean[free]
    value = _objective(b @ inner + offset, y, weight, b - target, precision)
    for _ in range(MOST_STEPS):
        p = expit(b @ inner + offset)
        gradient = inner @ (weight * (y - p)) - precision * (b - target)
        hessian = _curvature(inner, weight, p, precision)
        step: Floats = np.asarray(np.linalg.solve(hessian, gradient), float)
        decrement = float(gradient @ step)
        if decrement < CLOSE:
            break
        b, value = _stepped(inner, offset, y, weight, (b, step, value), target, precision)
    else:
        hessian = _curvature(inner, weight, expit(b @ inner + offset), precision)
    return _fitted(hessian, (mean, free, precision), b, value)


def _curvature(inner: Floats, weight: Floats, p: Floats, precision: Floats) -> Floats:
    """The Hessian of the negative log posterior, for `inner` of (columns, rows).

    It is met thousands of times: a matrix with its own transpose takes half the products of two matrices,
    and the diagonal is added in place.
    """
    half = inner * np.sqrt(weight * p * (1 - p))
    found: Floats = half @ half.T
    found.flat[:: len(precision) + 1] += precision
    return found


def _stepped(
    inner: Floats,
    offset: Floats,
    y: Floats,
    weight: Floats,
    at: tuple[Floats, Floats, float],
    target: Floats,
    precision: Floats,
) -> tuple[Floats, float]:
    """Go a Newton step, halved until the objective does not fall."""
    b, step, value = at
    size = 1.0
    while size > 1e-6:
        new = b + size * step
        there = _objective(new @ inner + offset, y, weight, new - target, precision)
        if there >= value - 1e-12:
            return new, there
        size /= 2
    return b, value


def _objective(eta: Floats, y: Floats, weight: Floats, away: Floats, precision: Floats) -> float:
    likelihood = float(weight @ (y * eta - np.logaddexp(0.0, eta)))
    return likelihood - 0.5 * float(precision @ away**2)


def _fitted(hessian: Floats, prior: tuple[Floats, NDArray[np.bool_], Floats], b: Floats, value: float) -> Fit:
    mean, free, precision = prior
    mode, covariance = mean.copy(), np.zeros((len(mean), len(mean)))
    evidence = value
    if len(b):
        mode[free] = b
        inverse = np.linalg.inv(hessian)
        covariance[np.ix_(free, free)] = (inverse + inverse.T) / 2
        evidence += 0.5 * float(np.log(precision).sum() - np.linalg.slogdet(hessian)[1])
    return Fit(mode, covariance, evidence)


def average(
    x: Floats, y: Floats, weight: Floats, mean: Floats, widths: Sequence[tuple[float, Floats]]
) -> Posterior:
    """Fit once for each width (its share before the data, deviations by column), average by evidence.

    The mixture of Gaussians is kept as one with its mean and covariance (law of total variance).
    """
    fits: list[Fit] = []
    for _, sd in widths:
        fits.append(fit(x, y, weight, (mean, sd), fits[-1].mode if fits else None))
    return _mixed(fits, widths)


def _mixed(fits: Sequence[Fit], widths: Sequence[tuple[float, Floats]]) -> Posterior:
    evidence = np.array([one.evidence + np.log(held) for one, (held, _) in zip(fits, widths, strict=True)])
    share = np.exp(evidence - evidence.max())
    share /= share.sum()
    mean: Floats = np.sum([w * one.mode for w, one in zip(share, fits, strict=True)], axis=0)
    covariance = np.zeros_like(fits[0].covariance)
    for w, one in zip(share, fits, strict=True):
        away = one.mode - mean
        covariance += w * (one.covariance + np.outer(away, away))
    prior: Floats = np.sum([w * sd**2 for w, (_, sd) in zip(share, widths, strict=True)], axis=0)
    held = sum(float(w) for w, (_, sd) in zip(share, widths, strict=True) if not sd.any())
    return Posterior(mean, covariance, prior, held)


def moderated(eta: Floats, variance: Floats) -> Floats:
    """The probability averaged over a Gaussian log-odds: sigmoid(η ÷ √(1 + π·s²/8)) (MacKay, 1992)."""
    answer: Floats = expit(eta / np.sqrt(1.0 + np.pi * variance / 8.0))
    return answer
