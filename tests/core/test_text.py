"""The formatters that templates use."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core import text

NOON = datetime(2025, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (-59, "just now"),
        (-60, "1 minute ago"),
        (-3 * 60, "3 minutes ago"),
        (-3599, "59 minutes ago"),
        (-3600, "1 hour ago"),
        (2 * 86400 + 60, "in 2 days"),
        (-45 * 86400, "1 month ago"),
        (-800 * 86400, "2 years ago"),
    ],
)
def test_relative_time(seconds, words):
    assert text.ago(NOON + timedelta(seconds=seconds), NOON) == words


def test_a_time_without_zone_counts_as_utc():
    assert text.ago(datetime(2025, 11, 21, 11, 0), NOON) == "1 hour ago"  # noqa: DTZ001  # as SQLite hands it over
    assert text.exact(NOON.replace(tzinfo=None)) == "21 November 2025, 12:00 UTC"


def test_no_time_is_never():
    assert text.ago(None) == text.exact(None) == "never"


def test_exact_time_in_the_company_s_zone():
    assert text.exact(NOON, "Europe/Berlin") == "21 November 2025, 13:00 CET"


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0, None, "0"),
        (999, None, "999"),
        (1234567, None, "1\u202f234\u202f567"),
        (-12.5, None, "\u221212.50"),
        (0.512, 3, "0.512"),
        (Decimal(1000), None, "1\u202f000"),
    ],
)
def test_numbers(value, digits, shown):
    assert text.number(value, digits) == shown


def test_money_names_its_currency():
    assert text.money(1250, "EUR") == "1\u202f250\u00a0EUR"
    assert text.money(Decimal("9.90"), "CHF") == "9.90\u00a0CHF"
    assert text.money(None, "EUR") == "\u2013"


@given(st.integers(min_value=0, max_value=10**9))
def test_only_one_is_singular(count):
    assert text.plural(count, "lesson").endswith(" lesson") is (count == 1)
    assert text.plural(2, "reply", "replies") == "2 replies"


@pytest.mark.parametrize("name", ["painPoints", "pain_points", "pain-points"])
def test_wire_names_as_labels(name):
    assert text.words(name) == "Pain points"


def test_lengths_of_time():
    assert text.span(1) == "1 second"
    assert text.span(45.7) == "45 seconds"
    assert text.span(7200) == "2 hours"
