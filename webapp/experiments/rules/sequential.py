"""Intervals that hold at every look: how wide they are, and when a test that looks often finds an effect.

The boundary is the two-sided normal mixture of Robbins (1970), as the asymptotic confidence sequence of
Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, “Time-uniform central limit theory and asymptotic confidence
sequences” (Annals of Statistics, 2024; theorem 2.2): after n observations whose mean has the standard error
s, the interval is the mean ± s·sqrt(2 (x + 1) / x · log(sqrt(x + 1) / alpha)) with x = n·ρ².
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt
from typing import Any

import numpy as np

LOOKS = 20  # that a plan reckons with
CELLS = 601  # of the grid that carries a walk's density between two looks
REACH = 5.0  # standard deviations of the last look's walk beyond which the grid ends


def mixture(alpha: float) -> float:
    """The x = n·ρ² that makes the boundary lowest at n: -W₋₁(-alpha²/e) - 1, with Lambert's W.

    At that x the derivative of (x + 1)/x · log((x + 1)/alpha²) is zero: log((x + 1)/alpha²) = x.
    """
    from scipy.special import lambertw  # noqa: PLC0415  # it takes time to load, and few pages need it

    return float(-lambertw(-(alpha**2) / np.e, -1).real) - 1


def multiplier(users: float, alpha: float, tuning: float) -> float:
    """How many standard errors the interval reaches at this many users; lowest near `tuning` users."""
    x = mixture(alpha) * users / tuning
    return sqrt(2 * (x + 1) / x * log(sqrt(x + 1) / alpha))


@dataclass(frozen=True)
class Course:
    """A test that looks often: the effect in standard errors of its end, and when it ends on average.

    `power` is how often it has found the effect by the end; `share` the mean part of the planned users
    after which it stops, where the effect is there.
    """

    drift: float
    power: float
    share: float


@lru_cache(maxsize=64)
def course(alpha: float, power: float, looks: int = LOOKS) -> Course:
    """The smallest effect that is found with this power by a test that is looked at `looks` times.

    The density of the walk that has not crossed yet is carried from look to look on a grid (the recursion
    of Armitage, McPherson and Rowe, 1969); the drift is bisected.
    """
    low, high = 0.5, 12.0
    while high - low > 1e-3:
        middle = (low + high) / 2
        found, _ = crossings(middle, alpha, looks)
        low, high = (middle, high) if found < power else (low, middle)
    found, share = crossings(high, alpha, looks)
    return Course(high, found, share)


def crossings(drift: float, alpha: float, looks: int) -> tuple[float, float]:
    """How likely a walk with this drift (its mean at time 1) crosses at one of the looks, and its mean end.

    Looks are evenly spaced on (0, 1]; a walk that never crosses ends at 1.
    """
    step = 1 / looks
    grid = np.linspace(drift / 2 - REACH - abs(drift) / 2, drift / 2 + REACH + abs(drift) / 2, CELLS)
    width = grid[1] - grid[0]
    move = _normal(grid[:, None] - grid[None, :] - drift * step, step) * width
    density, crossed, ended = _normal(grid - drift * step, step), 0.0, 0.0
    for look in range(1, looks + 1):
        at = look * step
        reach = multiplier(at, alpha, 1.0) * sqrt(at)
        inside = density * np.clip((reach - np.abs(grid)) / width + 0.5, 0.0, 1.0)  # a cell cut: its part
        left = float(inside.sum() * width)
        ended += at * max(1 - crossed - left, 0.0)
        crossed = 1 - left
        density = move @ inside
    return crossed, ended + (1 - crossed)


def _normal(away: Any, variance: float) -> Any:
    return np.exp(-(away**2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
