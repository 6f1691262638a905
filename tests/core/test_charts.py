"""Figures by their numbers: the line over time, the reliability diagram, the ROC curve."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from flask import render_template_string
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import World
from webapp.core.charts import (
    Bar,
    Bin,
    Interval,
    Marker,
    Point,
    Threshold,
    bars,
    calibration,
    interval,
    line,
    roc,
)
from webapp.core.charts import line as line_
from webapp.core.charts.frame import steps_within
from webapp.core.charts.line import HEAD, HEIGHT, LEFT, NUMBER, WIDTH
from webapp.core.charts.square import HEAD as TOP
from webapp.core.charts.square import LARGEST, SIDE, SMALLEST
from webapp.core.charts.square import LEFT as SQUARE_LEFT
from webapp.core.intervals import wilson

START = datetime(2026, 3, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@pytest.mark.parametrize(
    ("least", "most", "steps"),
    [
        (0.45, 0.82, [0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
        (-0.3, 0.3, [-0.4, -0.2, 0.0, 0.2, 0.4]),
        (12.0, 12.0, [11.0, 12.0, 13.0]),
        (0.0, 0.0, [0.0, 1.0]),
    ],
)
def test_steps_are_round_and_hold_both_ends(least: float, most: float, steps: list[float]) -> None:
    assert steps_within(least, most) == pytest.approx(steps)


@given(st.floats(-1e6, 1e6), st.floats(0.001, 1e6))
def test_steps_hold_whatever_is_given(least: float, span: float) -> None:
    steps = steps_within(least, least + span)
    assert steps[0] <= least + span * 1e-6
    assert steps[-1] >= least + span - span * 1e-6
    assert len(steps) <= 7


def test_a_line_stands_in_time_and_in_value() -> None:
    chart = line([Point(day(30), 0.7, 0.6, 0.8), Point(day(0), 0.5, 0.4, 0.6)], base=0.6, percent=True)
    assert [tick.text for tick in chart.ticks] == ["40 %", "50 %", "60 %", "70 %", "80 %"]
    first, last = chart.dots
    assert (first.x, last.x) == (LEFT, LEFT + WIDTH)
    assert first.y == pytest.approx(HEAD + HEIGHT * 0.75)
    assert last.y == pytest.approx(HEAD + HEIGHT * 0.25)
    assert chart.base == pytest.approx(HEAD + HEIGHT * 0.5)
    assert chart.path == f"M{first.x:g} {first.y:g}L{last.x:g} {last.y:g}"
    assert chart.band.count("L") == 3
    assert chart.whiskers == ""
    assert chart.last == "70 %"
    assert last.words == "31 March 2026: 70 % (60 % to 80 %)"
    assert [tick.text for tick in chart.times] == ["1 Mar", "16 Mar", "31 Mar"]


def test_a_lonely_point_has_a_whisker_and_stands_in_the_middle() -> None:
    chart = line([Point(day(0), 0.5, 0.2, 0.8)], percent=True)
    assert chart.dots[0].x == LEFT + WIDTH / 2
    assert chart.band == ""
    assert chart.whiskers.startswith(f"M{chart.dots[0].x:g} ")
    assert [tick.text for tick in chart.times] == ["1 Mar"]


def test_a_band_is_interrupted_where_no_interval_is_known() -> None:
    known = [Point(day(n), 5.0, 4.0, 6.0) for n in (0, 1, 3, 4)]
    assert line([*known, Point(day(2), 5.0)]).band.count("M") == 2


def test_names_of_marks_never_touch() -> None:
    points = [Point(day(0), 1.0), Point(day(100), 2.0)]
    chart = line(points, [Marker(day(n), f"v{n}") for n in (0, 1, 2, 50, 100)])
    rows: dict[float, list[tuple[float, float]]] = {}
    for mark in chart.marks:
        if mark.text:
            width = len(mark.text) * 6.6
            begins = mark.x - {"start": 0, "middle": width / 2, "end": width}[mark.anchor]
            assert 0 <= begins <= LEFT + WIDTH + NUMBER - width
            rows.setdefault(mark.y, []).append((begins, begins + width))
    assert sum(map(len, rows.values())) == 4  # the third of three on neighbouring days has no room
    for spans in rows.values():
        assert all(one[1] <= two[0] for one, two in zip(sorted(spans), sorted(spans)[1:], strict=False))
    assert [mark.name for mark in chart.marks] == ["v0", "v1", "v2", "v50", "v100"]


def test_marks_before_the_first_point_are_on_the_axis() -> None:
    chart = line([Point(day(10), 1.0)], [Marker(day(0), "v1")])
    assert chart.marks[0].x == LEFT
    assert chart.dots[0].x == LEFT + WIDTH


def test_shares_stay_between_none_and_all() -> None:
    chart = line([Point(day(0), 1.0, 0.72, 1.0), Point(day(1), 1.0, 0.8, 1.0)], percent=True)
    assert chart.ticks[-1].text == "100 %"
    same = line([Point(day(0), 1.0), Point(day(1), 1.0)], percent=True)
    assert same.ticks[-1].text == "100 %"


@pytest.mark.parametrize("points", [[], [Point(START, 1.0, 2.0, 3.0)], [Point(START, 1.0, 0.5)]])
def test_a_line_of_nothing_or_of_nonsense_is_refused(points: list[Point]) -> None:
    with pytest.raises(ValueError, match=r"point|interval"):
        line(points)


@given(st.lists(st.tuples(st.integers(0, 900), st.floats(-1e5, 1e5)), min_size=1, max_size=30))
def test_every_point_lies_in_the_drawing(given_: list[tuple[int, float]]) -> None:
    chart = line_([Point(day(number), value) for number, value in given_])
    for dot in chart.dots:
        assert LEFT <= dot.x <= LEFT + WIDTH
        assert HEAD - 0.1 <= dot.y <= HEAD + HEIGHT + 0.1


def test_a_perfect_bin_stands_on_the_diagonal_with_wilsons_interval() -> None:
    chart = calibration([Bin(0.5, 10, 20), Bin(0.9, 0, 0), Bin(0.25, 1, 4)])
    half, quarter = chart.spots
    assert (half.x, half.y) == (SQUARE_LEFT + SIDE / 2, TOP + SIDE / 2)
    assert quarter.x - SQUARE_LEFT == pytest.approx(TOP + SIDE - quarter.y)
    low, high = wilson(10, 20)
    assert (half.low, half.high) == (
        pytest.approx(TOP + SIDE * (1 - low), abs=0.06),
        pytest.approx(TOP + SIDE * (1 - high), abs=0.06),
    )
    assert half.words == "50 % predicted, 50 % came true (10 of 20; 30 to 70 %)"


def test_areas_of_circles_grow_with_their_counts() -> None:
    small, large, tiny = calibration([Bin(0.2, 5, 25), Bin(0.6, 60, 100), Bin(0.9, 1, 1)]).spots
    assert large.radius == LARGEST
    assert small.radius == pytest.approx(LARGEST * math.sqrt(0.25))
    assert tiny.radius == SMALLEST


@pytest.mark.parametrize("wrong", [Bin(1.2, 1, 2), Bin(0.5, 3, 2), Bin(0.5, -1, 2)])
def test_impossible_bins_are_refused(wrong: Bin) -> None:
    with pytest.raises(ValueError, match="predictions"):
        calibration([wrong])


def test_a_curve_goes_from_corner_to_corner() -> None:
    chart = roc([(0.1, 0.6), (0.4, 0.9)], Threshold(0.1, 0.6, "at 50 %"))
    right, bottom = SQUARE_LEFT + SIDE, TOP + SIDE
    assert chart.path.startswith(f"M{SQUARE_LEFT} {bottom}L")
    assert chart.path.endswith(f"L{right} {TOP}")
    assert chart.area == f"{chart.path}V{bottom}H{SQUARE_LEFT}Z"
    assert chart.marked
    assert (chart.marked.x, chart.marked.y) == (SQUARE_LEFT + SIDE * 0.1, pytest.approx(TOP + SIDE * 0.4))
    assert chart.marked.anchor == "start"


def test_a_name_without_room_stands_on_the_other_side() -> None:
    chart = roc([(0.9, 0.95)], Threshold(0.9, 0.95, "threshold of 10 %"))
    assert chart.marked
    assert chart.marked.anchor == "end"
    assert chart.marked.text_x < chart.marked.x


@pytest.mark.parametrize("wrong", [[(0.5, 0.5), (0.4, 0.6)], [(0.2, 0.9), (0.3, 0.8)], [(0.2, 1.2)]])
def test_a_falling_curve_is_refused(wrong: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="never fall"):
        roc(wrong)


def test_the_style_guide_shows_them_with_titles_and_numbers(world: World) -> None:
    text = world.client().get("/styleguide").text
    for name in ("sample-line", "sample-calibration", "sample-roc"):
        assert f'<title id="{name}-title">' in text
        assert f'<desc id="{name}-desc">' in text
    assert "38; " in text
    assert ">v3</text>" in text


def test_a_chart_without_marks_and_base_draws_neither(world: World) -> None:
    chart = line([Point(day(0), 1.0), Point(day(9), 2.0)])
    with world.app.test_request_context():
        text = render_template_string("{{ ui.line_chart(chart, 'x', 'T', 'D') }}", chart=chart)
    assert "moment" not in text
    assert "base" not in text
    assert 'class="band"' not in text


def test_slim_figures_stay_within_a_small_screen() -> None:
    bar = bars([Bar("Stage reached", 1.0)], percent=True, slim=True)
    row = interval([Interval("Mira", 0.73, 0.64, 0.81)], most=1.0, percent=True, slim=True)
    assert max(bar.width, row.width) <= 300
    assert bar.bars[0].width == 250.0
    assert bar.left + 250.0 == bar.ticks[-1].at
    assert [row.left, row.right] == [row.ticks[0].at, row.ticks[-1].at]
    assert row.lines[0].value == pytest.approx(row.left + 0.73 * 250, abs=0.1)
