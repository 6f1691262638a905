"""The heat map: rows by columns, each square a kind that a sign and a word tell as well as its colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.core.charts.frame import cut

LABEL, SIZE, GAP, HEAD = 150, 26, 3, 30


@dataclass(frozen=True)
class Cell:
    """A square as it is asked for: its class, the sign in it, its meaning in words, where it leads."""

    kind: str
    sign: str
    words: str
    href: str = ""


@dataclass(frozen=True)
class Square:
    """A cell in its place."""

    x: int
    y: int
    cell: Cell


@dataclass(frozen=True)
class Label:
    """A row's or column's name in its place; `text` is cut to the room, `full` is not."""

    x: float
    y: float
    text: str
    full: str
    href: str = ""


@dataclass(frozen=True)
class HeatMap:
    """The drawing, in its own units."""

    width: int
    height: int
    size: int
    squares: tuple[Square, ...]
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]


def heat_map(
    rows: Sequence[tuple[str, str]],
    columns: Sequence[tuple[str, str]],
    cells: Mapping[tuple[int, int], Cell],
) -> HeatMap:
    """Draw rows (name, address) by columns (short name, full name); cells by (row, column), all or some."""
    step = SIZE + GAP

    def at(row: int, column: int) -> tuple[int, int]:
        return LABEL + column * step, HEAD + row * step

    return HeatMap(
        width=LABEL + len(columns) * step + GAP,
        height=HEAD + len(rows) * step + GAP,
        size=SIZE,
        squares=tuple(Square(*at(*place), cell) for place, cell in sorted(cells.items(), key=_place)),
        rows=tuple(
            Label(0, at(number, 0)[1] + SIZE * 0.65, cut(name, LABEL), name, href)
            for number, (name, href) in enumerate(rows)
        ),
        columns=tuple(
            Label(at(0, number)[0] + SIZE / 2, HEAD - 8, cut(short, SIZE), full)
            for number, (short, full) in enumerate(columns)
        ),
    )


def _place(one: tuple[tuple[int, int], Cell]) -> tuple[int, int]:
    return one[0]
