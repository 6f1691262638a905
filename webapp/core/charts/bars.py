"""Bars from zero, one a row, with their numbers at their ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.core.charts.frame import Tick, cut, round_steps, ticks_of

LABEL, WIDTH, ROW, FOOT, NUMBERS = 150, 300, 24, 22, 90
SLIM_EDGE, SLIM_WIDTH, SLIM_ROW = 18, 250, 36  # names and numbers above the bars, for small screens


@dataclass(frozen=True)
class Bar:
    """A bar as it is asked for; `value` is not negative, `note` stands at its end (the number when empty)."""

    name: str
    value: float
    note: str = ""
    kind: str = "bar"


@dataclass(frozen=True)
class Drawn:
    """A bar in its place."""

    y: float
    text: str
    width: float
    note: str
    bar: Bar


@dataclass(frozen=True)
class BarChart:
    """The drawing, in its own units; `slim` has names and numbers above the bars."""

    width: int
    height: int
    left: int
    row: int
    bars: tuple[Drawn, ...]
    ticks: tuple[Tick, ...]
    slim: bool = False


def bars(rows: Sequence[Bar], *, percent: bool = False, slim: bool = False) -> BarChart:
    """Draw the bars on an axis from 0 to a round number. Raises ValueError for a negative value."""
    if any(row.value < 0 for row in rows):
        raise ValueError("a bar begins at zero and has no negative length")
    steps = round_steps(max([0.0, *(row.value for row in rows)]))
    left, wide, row_height = (SLIM_EDGE, SLIM_WIDTH, SLIM_ROW) if slim else (LABEL, WIDTH, ROW)
    right, room = (SLIM_EDGE, SLIM_WIDTH - NUMBERS) if slim else (NUMBERS, LABEL - 12)
    return BarChart(
        width=left + wide + right,
        height=len(rows) * row_height + FOOT,
        left=left,
        row=row_height,
        bars=tuple(
            Drawn(
                y=number * row_height,
                text=cut(row.name, room),
                width=round(row.value / steps[-1] * wide, 1),
                note=row.note or (f"{row.value * 100:.0f} %" if percent else f"{row.value:,g}"),
                bar=row,
            )
            for number, row in enumerate(rows)
        ),
        ticks=ticks_of(steps, left, wide, percent=percent),
        slim=slim,
    )
