"""The interval figure (forest): an estimate with its interval a row, beside what it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.core.charts.frame import Tick, cut, steps_around, ticks_of

LABEL, WIDTH, ROW, FOOT, NUMBERS = 150, 300, 24, 22, 120


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
    """The drawing, in its own units. `base` is where the comparison stands, when there is one."""

    width: int
    height: int
    left: int
    right: int
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    base: float | None


def interval(
    rows: Sequence[Interval], *, most: float | None = None, base: float | None = None, percent: bool = False
) -> IntervalChart:
    """Draw the rows from 0 to `most` (the largest upper end when None) with a line at `base`.

    Where an interval begins below 0 the axis begins there.
    """
    highest = max([0.0, *(row.high for row in rows), base or 0.0]) if most is None else most
    steps = steps_around(min([0.0, *(row.low for row in rows)]), highest)
    first, last = steps[0], steps[-1]

    def x(value: float) -> float:
        return round(LABEL + (min(max(value, first), last) - first) / (last - first) * WIDTH, 1)

    return IntervalChart(
        width=LABEL + WIDTH + NUMBERS,
        height=len(rows) * ROW + FOOT,
        left=LABEL,
        right=LABEL + WIDTH,
        lines=tuple(
            Line(
                number * ROW + ROW / 2, cut(row.name, LABEL - 12), x(row.low), x(row.value), x(row.high), row
            )
            for number, row in enumerate(rows)
        ),
        ticks=ticks_of(steps, LABEL, WIDTH, percent=percent),
        base=None if base is None else x(base),
    )
