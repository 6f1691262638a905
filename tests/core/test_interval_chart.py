"""The interval figure where differences may be negative."""

from __future__ import annotations

import pytest

from webapp.core.charts import Interval, interval
from webapp.core.charts.frame import steps_around
from webapp.core.charts.interval import LABEL, WIDTH


@pytest.mark.parametrize(
    ("least", "most", "steps"),
    [
        (0.0, 0.4, [0.0, 0.1, 0.2, 0.3, 0.4]),
        (-0.1, 0.4, [-0.1, 0.0, 0.1, 0.2, 0.3, 0.4]),
        (-0.4, 0.0, [-0.4, -0.3, -0.2, -0.1, 0.0, 0.1]),
        (-0.03, -0.01, [-0.03, -0.02, -0.01, 0.0, 0.01]),
    ],
)
def test_the_axis_reaches_below_zero_only_where_something_lies_there(
    least: float, most: float, steps: list[float]
) -> None:
    assert steps_around(least, most) == pytest.approx(steps)


def test_rows_below_zero_stand_left_of_the_line_at_zero() -> None:
    rows = [Interval("Less", -0.2, -0.3, -0.1), Interval("More", 0.1, 0.0, 0.2)]
    chart = interval(rows, base=0.0, percent=True)
    assert [tick.text for tick in chart.ticks] == ["-30 %", "-20 %", "-10 %", "0 %", "10 %", "20 %"]
    less, more = chart.lines
    assert less.low == LABEL
    assert less.high < chart.base == more.low
    assert more.high == LABEL + WIDTH
