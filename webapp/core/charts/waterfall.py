"""The waterfall: where a sum begins, what each part adds or takes, and where it ends; names above bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from webapp.core.charts.frame import cut
from webapp.core.text import number

WIDTH, ROW, NUMBER = 270, 32, 60


@dataclass(frozen=True)
class Step:
    """What one part adds to the sum, below zero where it takes from it."""

    name: str
    amount: float


@dataclass(frozen=True)
class Fall:
    """A row in its place: the bar from `x` on, and the number at the row's end."""

    y: int
    text: str
    name: str
    x: float
    width: float
    note: str
    kind: str


@dataclass(frozen=True)
class WaterfallChart:
    """The drawing, in its own units; `zero` is where nothing stands."""

    width: int
    height: int
    zero: float
    rows: tuple[Fall, ...]


def waterfall(begin: Step, steps: Sequence[Step], end: str) -> WaterfallChart:
    """Draw the beginning, each step from where the one before ended, and the sum of all, called `end`."""
    sums = list(accumulate([begin.amount, *(one.amount for one in steps)]))
    least, most = min(0.0, *sums), max(0.0, *sums)
    span = (most - least) or 1.0

    def x(value: float) -> float:
        return round((value - least) / span * WIDTH, 1)

    bars = [(begin.name, 0.0, begin.amount, number(begin.amount, 1), "bar other")]
    for before, after, one in zip(sums, sums[1:], steps, strict=False):
        kind = "bar" if one.amount >= 0 else "bar minus"
        sign = "+" if one.amount >= 0 else ""
        bars.append((one.name, before, after, f"{sign}{number(one.amount, 1)}", kind))
    bars.append((end, 0.0, sums[-1], number(sums[-1], 1), "bar"))
    return WaterfallChart(
        WIDTH,
        len(bars) * ROW,
        x(0.0),
        tuple(
            Fall(
                place * ROW,
                cut(name, WIDTH - NUMBER),
                name,
                min(x(first), x(last)),
                max(1.0, round(abs(x(last) - x(first)), 1)),
                note,
                kind,
            )
            for place, (name, first, last, note, kind) in enumerate(bars)
        ),
    )
