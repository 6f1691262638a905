"""Two shares against each other in a square with its diagonal: the reliability diagram, and the ROC curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from webapp.core.charts.frame import SIGN, Tick
from webapp.core.intervals import wilson

LEFT, HEAD, SIDE, RIGHT, FOOT = 44, 22, 244, 22, 38
SMALLEST, LARGEST = 3.0, 10.0  # radii
STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Bin:
    """Predictions of about the same size: their mean, how many came true, how many there were.

    Counts may be weights, where several predictions of one thing share its weight.
    """

    predicted: float
    hits: float
    count: float


@dataclass(frozen=True)
class Spot:
    """A bin in its place: its circle, its interval (upper and lower end), its words."""

    x: float
    y: float
    radius: float
    low: float
    high: float
    words: str


@dataclass(frozen=True)
class CalibrationChart:
    """The drawing, in its own units."""

    width: int
    height: int
    left: int
    head: int
    side: int
    spots: tuple[Spot, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


@dataclass(frozen=True)
class Threshold:
    """A point of the curve that is marked: false and true positive share, and what is said of it."""

    false: float
    true: float
    name: str


@dataclass(frozen=True)
class Marked:
    """The marked point in its place, its name beside it on the side that has room."""

    x: float
    y: float
    text: str
    text_x: float
    text_y: float
    anchor: str


@dataclass(frozen=True)
class RocChart:
    """The drawing, in its own units; `area` is what lies under the curve, `points` are its shares."""

    width: int
    height: int
    left: int
    head: int
    side: int
    path: str
    area: str
    points: tuple[tuple[float, float], ...]
    marked: Marked | None
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


def calibration(bins: Sequence[Bin]) -> CalibrationChart:
    """Draw what was predicted against what came true; a circle's area grows with its count (at least a dot).

    Intervals are Wilson's, 95 %. Empty bins are left out. Raises ValueError for shares outside 0 to 1.
    """
    if any(not 0 <= one.predicted <= 1 or not 0 <= one.hits <= one.count for one in bins):
        raise ValueError("predictions lie between 0 and 1, and no more come true than there are")
    told = [one for one in bins if one.count]
    most = max((one.count for one in told), default=1)
    width, height = _size()
    return CalibrationChart(
        width, height, LEFT, HEAD, SIDE, tuple(_spot(one, most) for one in told), _across(), _up()
    )


def roc(points: Sequence[tuple[float, float]], threshold: Threshold | None = None) -> RocChart:
    """Draw the curve of (false, true) positive shares from corner to corner; each in 0 to 1, never falling.

    The corners are added where they lack. Raises ValueError for a curve that falls or leaves the square.
    """
    curve = [*points]
    if not curve or curve[0] != (0.0, 0.0):
        curve.insert(0, (0.0, 0.0))
    if curve[-1] != (1.0, 1.0):
        curve.append((1.0, 1.0))
    falls = any(one[0] > two[0] or one[1] > two[1] for one, two in pairwise(curve))
    if falls or any(not 0 <= share <= 1 for point in curve for share in point):
        raise ValueError("the shares of a ROC curve lie between 0 and 1 and never fall")
    path = "M" + "L".join(f"{_x(false):g} {_y(true):g}" for false, true in curve)
    width, height = _size()
    marked = None if threshold is None else _marked(threshold)
    area = f"{path}V{_y(0):g}H{_x(0):g}Z"
    return RocChart(width, height, LEFT, HEAD, SIDE, path, area, tuple(curve), marked, _across(), _up())


def _spot(one: Bin, most: float) -> Spot:
    low, high = wilson(one.hits, one.count)
    share = one.hits / one.count
    words = (
        f"{one.predicted * 100:.0f} % predicted, {share * 100:.0f} % came true "
        f"({round(one.hits, 1):g} of {round(one.count, 1):g}; {low * 100:.0f} to {high * 100:.0f} %)"
    )
    radius = max(SMALLEST, round(LARGEST * math.sqrt(one.count / most), 1))
    return Spot(_x(one.predicted), _y(share), radius, _y(low), _y(high), words)


def _marked(one: Threshold) -> Marked:
    x, y = _x(one.false), _y(one.true)
    width = len(one.name) * SIGN
    fits = x + 12 + width <= LEFT + SIDE + RIGHT
    text_x = x + 12 if fits else x - 12
    return Marked(
        x, y, one.name, round(text_x, 1), round(min(y + 18, HEAD + SIDE - 6), 1), "start" if fits else "end"
    )


def _size() -> tuple[int, int]:
    return LEFT + SIDE + RIGHT, HEAD + SIDE + FOOT


def _x(share: float) -> float:
    return round(LEFT + share * SIDE, 1)


def _y(share: float) -> float:
    return round(HEAD + (1 - share) * SIDE, 1)


def _across() -> tuple[Tick, ...]:
    return tuple(Tick(_x(one), f"{one * 100:.0f} %") for one in STEPS)


def _up() -> tuple[Tick, ...]:
    return tuple(Tick(_y(one), f"{one * 100:.0f} %") for one in STEPS)
