"""The interval figure (forest): an estimate with its interval a row, beside what it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.core.charts.frame import Tick, cut, steps_around, ticks_of

LABEL, WIDTH, ROW, FOOT, NUMBERS = 150, 300, 24, 22, 120
SLIM_EDGE, SLIM_WIDTH, SLIM_ROW = 18, 250, 38  # names and numbers above the intervals, for small screens


@dataclass(frozen=True)
class Interval:
    """A row: its name, the estimate, its interval, what stands at its end, and whether it stands out."""

    name: str
    value: float
    low: float
    high: float
    note: str = ""
    marked: bool = False


@dataclass(frozen=True)
class Line:
    """A row in its place."""

    y: float
    text: str
    low: float
    value: float
    high: float
    row: Interval


@dataclass(frozen=True)
class IntervalChart:
    """The drawing, in its own units. `base` is where the comparison stands, when there is one.

    `slim` has names and numbers above the intervals.
    """

    width: int
    height: int
    left: int
    right: int
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    base: float | None
    slim: bool = False


def interval(
    rows: Sequence[Interval],
    *,
    most: float | None = None,
    base: float | None = None,
    percent: bool = False,
    slim: bool = False,
) -> IntervalChart:
    """Draw the rows from 0 to `most` (the largest upper end when None) with a line at `base`.

    Where an interval begins below 0 the axis begins there.
    """
    highest = max([0.0, *(row.high for row in rows), base or 0.0]) if most is None else most
    steps = steps_around(min([0.0, *(row.low for row in rows)]), highest)
    first, last = steps[0], steps[-1]
    left, wide, row_height = (SLIM_EDGE, SLIM_WIDTH, SLIM_ROW) if slim else (LABEL, WIDTH, ROW)
    right, room = (SLIM_EDGE, SLIM_WIDTH - NUMBERS) if slim else (NUMBERS, LABEL - 12)
    middle = row_height - 12 if slim else row_height / 2

    def x(value: float) -> float:
        return round(left + (min(max(value, first), last) - first) / (last - first) * wide, 1)

    return IntervalChart(
        width=left + wide + right,
        height=len(rows) * row_height + FOOT,
        left=left,
        right=left + wide,
        lines=tuple(
            Line(
                number * row_height + middle, cut(row.name, room), x(row.low), x(row.value), x(row.high), row
            )
            for number, row in enumerate(rows)
        ),
        ticks=ticks_of(steps, left, wide, percent=percent),
        base=None if base is None else x(base),
        slim=slim,
    )
