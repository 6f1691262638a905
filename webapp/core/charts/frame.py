"""What all figures share: labels cut to their room, an axis with round steps."""

from __future__ import annotations

import math
from dataclasses import dataclass

SIGN = 6.6  # units that a sign of a label takes at most, on average


@dataclass(frozen=True)
class Tick:
    """A step of an axis: where it stands, and what it says."""

    at: float
    text: str


def cut(text: str, room: float) -> str:
    """The text as far as the room goes, with an ellipsis where it ends early."""
    most = max(3, int(room / SIGN))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def round_steps(most: float, count: int = 4) -> list[float]:
    """Steps from 0 to at least `most`, each 1, 2 or 5 times a power of ten."""
    if most <= 0:
        return [0.0, 1.0]
    raw = most / count
    power = 10 ** math.floor(math.log10(raw))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= raw * (1 - 1e-9))
    return [step * number for number in range(math.ceil(most / step - 1e-9) + 1)]


def steps_around(least: float, most: float, count: int = 4) -> list[float]:
    """Round steps from at most `least`, where that is below 0, over 0 to at least `most`."""
    if least >= 0:
        return round_steps(most, count)
    step = round_steps(max(most, -least), count)[1]
    below, above = math.ceil(-least / step - 1e-9), math.ceil(max(most, 0) / step - 1e-9)
    return [step * number for number in range(-below, max(above, 1) + 1)]


def steps_within(least: float, most: float, count: int = 4) -> list[float]:
    """Round steps from at most `least` to at least `most`, wherever zero lies."""
    span = most - least
    if span <= 0:
        return [least - 1.0, least, least + 1.0] if least else [0.0, 1.0]
    step = round_steps(span, count)[1]
    first, last = math.floor(least / step + 1e-9), math.ceil(most / step - 1e-9)
    return [step * number for number in range(first, last + 1)]


def ticks_of(steps: list[float], left: float, width: float, *, percent: bool) -> tuple[Tick, ...]:
    """The steps along an axis that begins at `left`."""
    first, span = steps[0], steps[-1] - steps[0]
    return tuple(
        Tick(round(left + (one - first) / span * width, 1), said(one, percent=percent)) for one in steps
    )


def said(value: float, *, percent: bool) -> str:
    """A step's value in words."""
    return f"{value * 100:.6g} %" if percent else f"{value:,.6g}"
