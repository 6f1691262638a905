"""Stacked columns over time: what a whole consisted of; its parts are named beside the last column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.core.charts.frame import Tick, cut, round_steps

LEFT, WIDTH, HEAD, HEIGHT, FOOT, NAMES = 44, 276, 8, 170, 22, 120
WIDEST, NAME_ROW, MOST_NAMES = 56.0, 14.0, 4


@dataclass(frozen=True)
class Layer:
    """What columns are made of: its name and its class (`k1` to `k5`)."""

    name: str
    kind: str


@dataclass(frozen=True)
class Stack:
    """A column as it is asked for: its name, and a value for each part, not negative."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Block:
    """One part of one column in its place."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    words: str


@dataclass(frozen=True)
class Named:
    """A part's name beside the last column."""

    y: float
    text: str
    kind: str


@dataclass(frozen=True)
class StackChart:
    """The drawing, in its own units. `ticks` stand along the height, `names` along the width."""

    width: int
    height: int
    left: int
    right: float
    foot: int
    blocks: tuple[Block, ...]
    ticks: tuple[Tick, ...]
    names: tuple[Tick, ...]
    parts: tuple[Named, ...]


def stacks(columns: Sequence[Stack], parts: Sequence[Layer], *, percent: bool = False) -> StackChart:
    """Draw the columns from 0 to a round number, the first part at the bottom.

    Raises ValueError for a negative value, and for a column that has not one for each part.
    """
    if any(len(one.values) != len(parts) or min(one.values, default=0) < 0 for one in columns):
        raise ValueError("a column has a value for each part, and none below zero")
    top = 1.0 if percent else round_steps(max([0.0, *(sum(one.values) for one in columns)]))[-1]
    step = min(WIDEST, WIDTH / max(1, len(columns)))
    right = LEFT + step * len(columns)
    drawn = [
        _column(one, parts, LEFT + number * step, step, top, percent) for number, one in enumerate(columns)
    ]
    return StackChart(
        width=LEFT + WIDTH + NAMES,
        height=HEAD + HEIGHT + FOOT,
        left=LEFT,
        right=round(right, 1),
        foot=HEAD + HEIGHT,
        blocks=tuple(block for blocks in drawn for block in blocks if block.height),
        ticks=tuple(Tick(_y(one, top), _said(one, percent)) for one in _steps(top, percent)),
        names=_names(columns, step),
        parts=_named(drawn[-1], parts) if drawn else (),
    )


def _column(
    one: Stack,
    parts: Sequence[Layer],
    x: float,
    step: float,
    top: float,
    percent: bool,  # noqa: FBT001
) -> list[Block]:
    gap, below, found = step * 0.12, 0.0, list[Block]()
    for part, value in zip(parts, one.values, strict=True):
        upper, lower = _y(below + value, top), _y(below, top)
        words = f"{one.name}, {part.name}: {_said(value, percent)}"
        found.append(
            Block(
                round(x + gap, 1), upper, round(step - 2 * gap, 1), round(lower - upper, 1), part.kind, words
            )
        )
        below += value
    return found


def _y(value: float, top: float) -> float:
    return round(HEAD + HEIGHT * (1 - value / top), 1)


def _steps(top: float, percent: bool) -> list[float]:  # noqa: FBT001  # one of two units
    return [0.0, 0.25, 0.5, 0.75, 1.0] if percent else round_steps(top)


def _said(value: float, percent: bool) -> str:  # noqa: FBT001
    return f"{value * 100:.0f} %" if percent else f"{value:,g}"


def _names(columns: Sequence[Stack], step: float) -> tuple[Tick, ...]:
    """Some of the columns' names, so that none touches another."""
    apart = max(1, -(-len(columns) // MOST_NAMES))
    places = range(0, len(columns), apart)
    return tuple(
        Tick(round(LEFT + (one + 0.5) * step, 1), cut(columns[one].name, step * apart)) for one in places
    )


def _named(last: Sequence[Block], parts: Sequence[Layer]) -> tuple[Named, ...]:
    """The parts' names in the middle of the last column's blocks, moved up where they would meet."""
    found, room = list[Named](), float(HEAD + HEIGHT)
    for block, part in zip(last, parts, strict=True):
        y = min(block.y + block.height / 2 + 4, room)
        found.append(Named(round(y, 1), cut(part.name, NAMES - 12), part.kind))
        room = y - NAME_ROW
    return tuple(found)
