"""The results in figures and words for pages: rates, lifts, intervals, the deciding metric’s course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from webapp.core.charts import Interval, IntervalChart, LineChart, Point, interval, line
from webapp.experiments.facts import MetricKind
from webapp.experiments.results import MetricResult, Moment, Results
from webapp.experiments.rules.statistics import Comparison, Sample

WIDEST = 8.0  # times today's width beyond which a day's interval would hide the others
NOTHING = "–"


@dataclass(frozen=True)
class Line:
    """A variant's row in a metric's table."""

    name: str
    users: int
    mean: str
    lift: str
    between: str
    chance: str
    side: int


@dataclass(frozen=True)
class Course:
    """A variant's course: the figure, and the days in numbers."""

    name: str
    chart: LineChart | None
    days: tuple[tuple[datetime, int, str, str], ...]
    left_out: int


def lines_of(found: Results, one: MetricResult) -> list[Line]:
    """The metric's table, the control first."""
    kind, names = one.metric.kind, [str(row["name"]) for row in found.experiment.variants]
    control = Line(names[0], one.samples[0].users, mean_of(kind, one.samples[0]), "", "", "", 0)
    others = [
        Line(
            name,
            sample.users,
            mean_of(kind, sample),
            effect(kind, beside),
            between(kind, beside),
            NOTHING if beside.chance is None else share(beside.chance),
            beside.beyond(higher_is_better=one.metric.higher_is_better),
        )
        for name, sample, beside in zip(names[1:], one.samples[1:], one.comparisons, strict=True)
    ]
    return [control, *others]


def forest(found: Results) -> IntervalChart | None:
    """The lifts of all metrics that have one, with their intervals, around no effect."""
    names = [str(row["name"]) for row in found.experiment.variants[1:]]
    rows = [
        Interval(
            one.metric.name if len(names) == 1 else f"{one.metric.name}, {name}",
            beside.lift,
            beside.lift_low,
            beside.lift_high,
            signed(beside.lift),
            marked=beside.beyond(higher_is_better=one.metric.higher_is_better) < 0,
        )
        for one in found.metrics
        for name, beside in zip(names, one.comparisons, strict=True)
        if beside.lift is not None and beside.lift_low is not None and beside.lift_high is not None
    ]
    return interval(rows, base=0.0, percent=True, slim=True) if rows else None


def courses(found: Results, zone: ZoneInfo) -> list[Course]:
    """The course of each variant beside the control, on the metric that decides."""
    primary = found.primary
    if primary is None:
        return []
    names = [str(row["name"]) for row in found.experiment.variants[1:]]
    return [
        _course(name, primary.metric.kind, moments, zone)
        for name, moments in zip(names, found.course, strict=True)
    ]


def _course(name: str, kind: MetricKind, moments: Sequence[Moment], zone: ZoneInfo) -> Course:
    points = [
        Point(one.at.astimezone(zone), at.lift, at.lift_low, at.lift_high, f"{one.users:,} users")
        for one in moments
        if (at := one.comparison).lift is not None and at.lift_low is not None and at.lift_high is not None
    ]
    drawn = _readable(points)
    days = tuple(
        (one.at, one.users, effect(kind, one.comparison), between(kind, one.comparison)) for one in moments
    )
    chart = line(drawn, base=0.0, percent=True) if drawn else None
    return Course(name, chart, days, len(points) - len(drawn))


def _readable(points: Sequence[Point]) -> list[Point]:
    """The points without the first ones, whose intervals are so wide that nothing else would be seen."""
    if not points:
        return []
    last = _width(points[-1])
    return [one for one in points if _width(one) <= WIDEST * last]


def _width(one: Point) -> float:
    return (one.high or 0.0) - (one.low or 0.0)


def mean_of(kind: MetricKind, sample: Sample) -> str:
    """The rate or the mean of a variant."""
    if not sample.users:
        return NOTHING
    return share(sample.mean) if kind is MetricKind.PROPORTION else number(sample.mean)


def effect(kind: MetricKind, one: Comparison) -> str:
    """The lift; where the control is too near to zero for one, the difference."""
    if one.lift is not None:
        return signed(one.lift)
    if one.difference is None:
        return NOTHING
    return (
        f"{one.difference * 100:+.2f} points" if kind is MetricKind.PROPORTION else f"{one.difference:+.4g}"
    )


def between(kind: MetricKind, one: Comparison) -> str:
    """The interval of what `effect` says."""
    if one.lift is not None and one.lift_low is not None and one.lift_high is not None:
        return f"{signed(one.lift_low)} to {signed(one.lift_high)}"
    if one.low is None or one.high is None:
        return NOTHING
    if kind is MetricKind.PROPORTION:
        return f"{one.low * 100:+.2f} to {one.high * 100:+.2f} points"
    return f"{one.low:+.4g} to {one.high:+.4g}"


def share(part: float) -> str:
    """A part as percent."""
    return f"{part:.1%}".replace("%", " %")


def signed(part: float) -> str:
    """A part as percent with its sign."""
    return f"{part:+.1%}".replace("%", " %").replace("-", "\u2212")


def number(value: float) -> str:
    """A mean, with as many decimals as say something."""
    return f"{value:,.2f}" if abs(value) < 10_000 else f"{value:,.0f}"
