"""Bars from zero, one a row, with their numbers at their ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.core.charts.frame import Tick, cut, round_steps, ticks_of

LABEL, WIDTH, ROW, FOOT, NUMBERS = 150, 300, 24, 22, 90


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
    """The drawing, in its own units."""

    width: int
    height: int
    left: int
    row: int
    bars: tuple[Drawn, ...]
    ticks: tuple[Tick, ...]


def bars(rows: Sequence[Bar], *, percent: bool = False) -> BarChart:
    """Draw the bars on an axis from 0 to a round number. Raises ValueError for a negative value."""
    if any(row.value < 0 for row in rows):
        raise ValueError("a bar begins at zero and has no negative length")
    steps = round_steps(max([0.0, *(row.value for row in rows)]))
    return BarChart(
        width=LABEL + WIDTH + NUMBERS,
        height=len(rows) * ROW + FOOT,
        left=LABEL,
        row=ROW,
        bars=tuple(
            Drawn(
                y=number * ROW,
                text=cut(row.name, LABEL - 12),
                width=round(row.value / steps[-1] * WIDTH, 1),
                note=row.note or (f"{row.value * 100:.0f} %" if percent else f"{row.value:,g}"),
                bar=row,
            )
            for number, row in enumerate(rows)
        ),
        ticks=ticks_of(steps, LABEL, WIDTH, percent=percent),
    )
