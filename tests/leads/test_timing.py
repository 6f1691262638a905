"""When to get in touch: windows as they are written, and moments on any day, also when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.leads.rules.timing import (
    DAY,
    WORKING_HOURS,
    Window,
    best_time,
    read_window,
    usual_time,
    written_window,
)

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, 7, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "window", "kept"),
    [
        ("", None, ""),
        ("  ", None, ""),
        ("09:30", Window(570, 630), "09:30"),
        ("23:30", Window(1410, 1440), "23:30"),
        ("09:00-11:30", Window(540, 690), "09:00-11:30"),
        (" 09:00 – 11:30 ", Window(540, 690), "09:00-11:30"),
        ("00:00-23:59", Window(0, 1439), "00:00-23:59"),
    ],
)
def test_windows_are_read_and_kept_in_one_form(text: str, window: Window | None, kept: str) -> None:
    assert read_window(text) == window
    assert written_window(text) == kept


@pytest.mark.parametrize(
    "text", ["9:30", "24:00", "09:60", "nine", "11:00-09:00", "09:00-09:00", "09:00-", "٠٩:٣٠"]
)
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"09:30|earlier time"):
        read_window(text)


@pytest.mark.parametrize(
    ("now", "hours", "window", "best"),
    [
        (MONDAY, {}, None, "Mon 09:15"),  # nothing known: soon
        (MONDAY.replace(hour=3), {}, None, "Mon 08:00"),
        (MONDAY.replace(hour=18, minute=50), {}, None, "Tue 08:00"),
        (MONDAY - timedelta(days=1), {}, None, "Mon 08:00"),  # a Sunday
        (MONDAY + timedelta(days=4, hours=11), {}, None, "Mon 08:00"),  # a Friday night
        (MONDAY, {(0, 15): 9}, None, "Mon 15:00"),
        (MONDAY, {(3, 10): 9}, None, "Thu 10:00"),
        (MONDAY, {(3, 10): 1}, None, "Mon 10:00"),  # not worth the wait, but a hint of the hour
        (MONDAY, {(0, 22): 30}, None, "Mon 09:15"),  # answers at night call nobody at night
        (MONDAY, {(0, 15): 9}, Window(570, 690), "Mon 09:30"),  # the window wins over the hours
        (MONDAY, {(2, 10): 30}, Window(570, 690), "Wed 10:00"),
        (MONDAY.replace(hour=9, minute=40), {}, Window(570, 590), "Mon 09:45"),
        (MONDAY.replace(hour=9, minute=50), {}, Window(570, 590), "Tue 09:30"),
        (MONDAY, {}, Window(1200, 1260), "Mon 20:00"),  # who prefers evenings gets evenings
        (MONDAY, {}, Window(592, 594), "Mon 09:52"),
    ],
)
def test_the_next_moment_that_suits(
    now: datetime, hours: dict[tuple[int, int], int], window: Window | None, best: str
) -> None:
    assert f"{best_time(now, BERLIN, hours, window):%a %H:%M}" == best


def test_the_answer_is_in_the_companys_zone_whatever_zone_is_asked_from() -> None:
    asked = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    found = best_time(asked, ZoneInfo("Asia/Tokyo"), {})
    assert (found.isoformat(), found.tzinfo) == ("2026-11-24T08:00:00+09:00", ZoneInfo("Asia/Tokyo"))


def test_a_time_that_the_clocks_skip_is_taken_on_another_day() -> None:
    """Cairo leaps on a Friday from 00:00 to 01:00."""
    cairo = ZoneInfo("Africa/Cairo")
    found = best_time(datetime(2026, 4, 23, 12, tzinfo=cairo), cairo, {}, Window(0, 30))
    assert f"{found:%a %d %H:%M}" == "Mon 27 00:00"


ZONES = [BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Africa/Cairo"), ZoneInfo("Australia/Lord_Howe"), UTC]
windows = st.tuples(st.integers(0, DAY - 31), st.integers(30, 600)).map(
    lambda pair: Window(pair[0], min(DAY, pair[0] + pair[1]))
)
tables = st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 23)), st.integers(1, 40), max_size=12)


@settings(max_examples=120, deadline=None)
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # made aware by the strategy
    st.sampled_from(ZONES),
    tables,
    st.none() | windows,
)
def test_it_is_never_past_never_outside_and_never_at_the_weekend(
    now: datetime, zone: ZoneInfo, hours: dict[tuple[int, int], int], window: Window | None
) -> None:
    found = best_time(now, zone, hours, window)
    assert found.astimezone(UTC) >= now
    assert (window or WORKING_HOURS).holds(found)
    assert found.weekday() < 5
    assert found.astimezone(UTC) - now < timedelta(days=8, hours=2)


def test_a_usual_hour_needs_three_answers() -> None:
    assert usual_time({}) is None
    assert usual_time({(1, 10): 2, (2, 9): 1}) is None
    assert usual_time({(1, 10): 7, (2, 9): 24 - 7}) == (2, 9, 17, 24)
