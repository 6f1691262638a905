"""The line over time: values with their intervals, what they are compared with, and marked moments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from webapp.core.charts.frame import SIGN, Tick, said, steps_within

LEFT, WIDTH, NUMBER, HEAD, HEIGHT, FOOT = 44, 220, 46, 32, 150, 24
ROWS = (12.0, 25.0)  # where the marks' names stand, above the drawing
YEAR = timedelta(days=330)  # from here on days say nothing, years do


@dataclass(frozen=True)
class Point:
    """A value at a moment (aware, in the zone that the axis speaks of), with its interval if it has one."""

    at: datetime
    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Marker:
    """A moment that is marked by a line across, such as a version that came in force."""

    at: datetime
    name: str


@dataclass(frozen=True)
class Dot:
    """A point in its place, with its words."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Mark:
    """A marked moment in its place; `text` is empty where its name found no room."""

    x: float
    y: float
    text: str
    anchor: str
    name: str


@dataclass(frozen=True)
class LineChart:
    """The drawing, in its own units. `band`, `whiskers` and `path` are paths, empty without anything.

    `ticks` stand along the height, `times` along the width (the first from its left, the last to its right).
    """

    width: int
    height: int
    left: int
    right: int
    head: int
    foot: int
    path: str
    band: str
    whiskers: str
    dots: tuple[Dot, ...]
    last: str
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    times: tuple[Tick, ...]
    base: float | None


@dataclass(frozen=True)
class _Scale:
    x: Callable[[datetime], float]
    y: Callable[[float], float]


def line(
    points: Sequence[Point],
    markers: Sequence[Marker] = (),
    *,
    base: float | None = None,
    percent: bool = False,
) -> LineChart:
    """Draw the points in the order of their moments, on axes that hold all of them, marks and `base` too.

    Raises ValueError without a point, and for an interval that does not hold its value.
    """
    if not points:
        raise ValueError("a line needs a point; say in words that there is nothing yet")
    if any(not _holds(one) for one in points):
        raise ValueError("an interval has both ends, and its value between them")
    points = sorted(points, key=lambda one: one.at)
    steps = _steps(points, base, percent=percent)
    moments = [*(one.at for one in points), *(one.at for one in markers)]
    scale = _Scale(_across(min(moments), max(moments)), _up(steps))
    return LineChart(
        width=LEFT + WIDTH + NUMBER,
        height=HEAD + HEIGHT + FOOT,
        left=LEFT,
        right=LEFT + WIDTH,
        head=HEAD,
        foot=HEAD + HEIGHT,
        path="M" + "L".join(f"{scale.x(one.at):g} {scale.y(one.value):g}" for one in points),
        band=_band(points, scale),
        whiskers=_whiskers(points, scale),
        dots=tuple(Dot(scale.x(one.at), scale.y(one.value), _words(one, percent=percent)) for one in points),
        last=_number(points[-1].value, percent=percent),
        marks=_marks(sorted(markers, key=lambda one: one.at), scale),
        ticks=tuple(Tick(scale.y(one), said(one, percent=percent)) for one in steps),
        times=_times(min(moments), max(moments)),
        base=None if base is None else scale.y(base),
    )


def _holds(one: Point) -> bool:
    if one.low is None or one.high is None:
        return one.low is one.high
    return one.low <= one.value <= one.high


def _steps(points: Sequence[Point], base: float | None, *, percent: bool) -> list[float]:
    ends = [end for one in points for end in (one.value, one.low, one.high) if end is not None]
    ends += [] if base is None else [base]
    least, most = min(ends), max(ends)
    if least == most:
        room = 0.1 if percent else abs(least) / 10 or 1.0
        least, most = least - room, most + room
    steps = steps_within(least, most)
    return [one for one in steps if -1e-9 <= one <= 1 + 1e-9] if percent and 0 <= min(ends) <= 1 else steps


def _across(first: datetime, last: datetime) -> Callable[[datetime], float]:
    span = (last - first).total_seconds()
    return lambda at: round(LEFT + ((at - first).total_seconds() / span if span else 0.5) * WIDTH, 1)


def _up(steps: Sequence[float]) -> Callable[[float], float]:
    first, span = steps[0], steps[-1] - steps[0]
    return lambda value: round(HEAD + HEIGHT * (1 - (value - first) / span), 1)


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    """Points in a row that have intervals."""
    grouped = groupby(points, key=lambda one: one.low is not None)
    return [list(run) for known, run in grouped if known]


def _band(points: Sequence[Point], scale: _Scale) -> str:
    paths = []
    for run in _runs(points):
        if len(run) > 1:
            upper = [f"{scale.x(one.at):g} {scale.y(one.high or 0.0):g}" for one in run]
            lower = [f"{scale.x(one.at):g} {scale.y(one.low or 0.0):g}" for one in reversed(run)]
            paths.append("M" + "L".join([*upper, *lower]) + "Z")
    return "".join(paths)


def _whiskers(points: Sequence[Point], scale: _Scale) -> str:
    """A lonely point's interval: no band can be drawn from one to none."""
    lonely = [run[0] for run in _runs(points) if len(run) == 1]
    return "".join(
        f"M{scale.x(one.at):g} {scale.y(one.low or 0.0):g}V{scale.y(one.high or 0.0):g}" for one in lonely
    )


def _marks(markers: Sequence[Marker], scale: _Scale) -> tuple[Mark, ...]:
    """Each name in the first row that has room for it, else none: its line's title still says it."""
    found, ends = list[Mark](), [float("-inf")] * len(ROWS)
    for one in markers:
        x, width = scale.x(one.at), len(one.name) * SIGN
        anchor, begins = _anchored(x, width)
        row = next((number for number, end in enumerate(ends) if begins >= end), None)
        if row is not None:
            ends[row] = begins + width + SIGN
        text = one.name if row is not None else ""
        found.append(Mark(x, ROWS[row or 0], text, anchor, one.name))
    return tuple(found)


def _anchored(x: float, width: float) -> tuple[str, float]:
    """Which end of a text stands at x, and where it begins, so that it stays inside."""
    if x - width / 2 < 0:
        return "start", x
    if x + width / 2 > LEFT + WIDTH + NUMBER:
        return "end", x - width
    return "middle", x - width / 2


def _times(first: datetime, last: datetime) -> tuple[Tick, ...]:
    """The first moment, the last, and the one halfway, each once."""
    span = last - first
    if not span:
        return (Tick(LEFT + WIDTH / 2, _day(first, span)),)
    moments = ((LEFT, first), (LEFT + WIDTH / 2, first + span / 2), (LEFT + WIDTH, last))
    found = [Tick(at, _day(when, span)) for at, when in moments]
    return tuple(one for number, one in enumerate(found) if number != 1 or one.text != found[0].text)


def _day(at: datetime, span: timedelta) -> str:
    return f"{at:%b %Y}" if span >= YEAR else f"{at.day} {at:%b}"


def _words(one: Point, *, percent: bool) -> str:
    told = f"{one.at.day} {one.at:%B %Y}: {_number(one.value, percent=percent)}"
    if one.low is not None and one.high is not None:
        told += f" ({_number(one.low, percent=percent)} to {_number(one.high, percent=percent)})"
    return f"{told}, {one.note}" if one.note else told


def _number(value: float, *, percent: bool) -> str:
    return f"{value * 100:.0f} %" if percent else f"{value:,.3g}"
