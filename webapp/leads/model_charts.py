"""The figures of a model's page, from the numbers of its view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from zoneinfo import ZoneInfo

from webapp.core import charts
from webapp.core.charts import (
    Bar,
    BarChart,
    CalibrationChart,
    LineChart,
    Marker,
    Point,
    RocChart,
    Threshold,
)
from webapp.core.text import plural
from webapp.leads.accuracy import Month
from webapp.leads.facts import ModelDeed
from webapp.leads.model_view import Opened, State
from webapp.leads.model_words import WEIGHTS
from webapp.leads.rules.metrics import Bin
from webapp.leads.rules.score import PARTS

MOST_STRENGTHS = 12


def accuracy_line(
    months: Sequence[Month], state: State, zone: ZoneInfo, promised: float | None
) -> LineChart | None:
    """The share predicted right by month, versions marked when they went in force; None without a month."""
    if not months:
        return None
    points = [
        Point(
            one.begins,
            one.accuracy,
            min(one.low, one.accuracy),
            max(one.high, one.accuracy),
            plural(one.leads, "lead"),
        )
        for one in months
    ]
    markers = [
        Marker(one.at.astimezone(zone), f"v{one.number}" if one.number else "default")
        for one in state.events
        if one.deed is not ModelDeed.REJECTED
    ]
    return charts.line(points, markers, base=promised, percent=True)


def weight_bars(before: Mapping[str, float], now: Mapping[str, float]) -> BarChart:
    """The four headline weights, each as it was and as it is."""
    rows = [
        bar
        for part in PARTS
        for bar in (
            Bar(f"{WEIGHTS[part]}, before", before[part], kind="bar other"),
            Bar(f"{WEIGHTS[part]}, now", now[part]),
        )
    ]
    return charts.bars(rows, percent=True, slim=True)


def reliability(bins: Sequence[Bin]) -> CalibrationChart:
    """What was predicted beside what came."""
    return charts.calibration(
        [charts.Bin(min(one.predicted, 1.0), min(one.won, 1.0) * one.leads, one.leads) for one in bins]
    )


def curve(one: Opened) -> RocChart:
    """The curve with the threshold that was chosen; sums of weights may fall by a rounding: held."""
    false, true = (list(accumulate((min(1.0, point[place]) for point in one.curve), max)) for place in (0, 1))
    chosen = Threshold(one.found.false_rate, one.found.hit_rate, f"from {100 * one.found.threshold:.0f} % on")
    return charts.roc(list(zip(false, true, strict=True)), chosen)


def strength_bars(strengths: Sequence[tuple[str, float]]) -> BarChart:
    """How far each input moves the prediction, the strongest first."""
    return charts.bars(
        [Bar(name, moved, f"{moved:.2f}") for name, moved in strengths[:MOST_STRENGTHS]], slim=True
    )
