"""The lead models' log-loss by number of closed leads, as one SVG with a panel for each world."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

WIDE, HIGH, EDGE = 260, 200, 36
COLOURS = ("#1a56a8", "#5b93d6", "#888888", "#b8860b", "#2e8b57", "#b0413e")


def plotted(tables: Sequence[dict[str, Any]], ways: Sequence[str]) -> str:
    """Draw the tables: x is the logarithm of the leads, y the log-loss, cut at 1.1 nats."""
    worlds = list(dict.fromkeys(row["world"] for row in tables))
    panels = [
        _panel(world, [row for row in tables if row["world"] == world], ways, number)
        for number, world in enumerate(worlds)
    ]
    legend = "".join(
        f'<text x="{EDGE + 95 * place}" y="{HIGH + 2 * EDGE}" fill="{colour}">{way}</text>'
        for place, (way, colour) in enumerate(zip(ways, COLOURS, strict=True))
    )
    width = len(worlds) * (WIDE + EDGE) + EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HIGH + 3 * EDGE}" '
        f'font-family="sans-serif" font-size="12" role="img"><title>Log-loss by closed leads</title>'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(panels)}{legend}</svg>\n'
    )


def _panel(world: str, rows: Sequence[dict[str, Any]], ways: Sequence[str], number: int) -> str:
    left = EDGE + number * (WIDE + EDGE)
    sizes = [row["leads"] for row in rows]
    low, high = math.log(min(sizes)), math.log(max(sizes))

    def x(size: float) -> float:
        return left + (math.log(size) - low) / ((high - low) or 1) * (WIDE - EDGE)

    def y(loss: float) -> float:
        return EDGE + (1.1 - min(1.1, loss)) / 0.7 * (HIGH - EDGE)

    drawn = [f'<text x="{left}" y="20" font-weight="bold">{world}</text>']
    drawn += [f'<text x="{x(size) - 8:.0f}" y="{HIGH + 18}" fill="#555">{size:,}</text>' for size in sizes]
    drawn += [
        f'<line x1="{left}" x2="{left + WIDE - EDGE}" y1="{y(tick):.0f}" y2="{y(tick):.0f}" stroke="#ddd"/>'
        f'<text x="{left - 26}" y="{y(tick) + 4:.0f}" fill="#555">{tick}</text>'
        for tick in (0.5, 0.7, 0.9, 1.1)
    ]
    for way, colour in zip(ways, COLOURS, strict=True):
        points = " ".join(f"{x(row['leads']):.1f},{y(row['figures'][way]['log_loss']):.1f}" for row in rows)
        wide = 3 if way == "personal" else 1.5
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{wide}"/>')
    return "".join(drawn)
