"""The rules of preferences: which word counts, which texts are words, which changes are consents."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from webapp.customers.facts import Layout, Purpose, Theme
from webapp.customers.rules.languages import language_tag
from webapp.customers.rules.preferring import (
    ASKED,
    NAMES,
    SHIPPED,
    consents_in,
    effective_of,
    locked,
    read_wanted,
    source_of,
)


def test_what_is_shipped_is_what_the_document_says() -> None:
    now = effective_of({}, 0, {}, consent_first=False)
    assert now == SHIPPED
    assert (now.language, now.currency, now.theme, now.layout) == ("en", "USD", Theme.SYSTEM, Layout.GRID)
    assert (now.timezone, now.quiet_from, now.quiet_until) == ("UTC", time(22), time(8))
    assert (now.email, now.sms, now.push) == (True, False, True)
    assert (now.tracking_enabled, now.personalized_ads, now.data_sharing) == (True, True, False)
    assert (now.functional, now.analytics, now.marketing) == (True, False, False)


def test_a_word_of_the_customer_wins_over_the_companys_and_that_over_the_shipped_one() -> None:
    defaults = {"language": "de", "currency": "EUR", "theme": "dark", "quiet_from": "21:30"}
    now = effective_of({"language": "fr"}, 3, defaults, consent_first=False)
    assert (now.language, now.currency, now.theme, now.quiet_from) == ("fr", "EUR", Theme.DARK, time(21, 30))
    assert now.version == 3
    said = {"language": "fr"}
    sources = [
        source_of(name, said, defaults, consent_first=True) for name in ("language", "theme", "layout")
    ]
    assert sources == ["said", "company’s default", "as shipped"]


@pytest.mark.parametrize("name", ASKED)
def test_no_default_is_a_consent_where_the_company_asks_first(name: str) -> None:
    assert getattr(effective_of({}, 0, {name: True}, consent_first=True), name) is False
    assert getattr(effective_of({name: True}, 1, {}, consent_first=True), name) is True
    assert getattr(effective_of({}, 0, {name: True}, consent_first=False), name) is True


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("en", "en"),
        ("EN-us", "en-US"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("ca-es-VALENCIA", "ca-ES-valencia"),
        ("en-US-u-hc-h12", "en-US-u-hc-h12"),
        ("gsw", "gsw"),
        ("de-x-firm", "de-x-firm"),
    ],
)
def test_languages_are_written_as_they_usually_are(text: str, tag: str) -> None:
    assert language_tag(text) == tag


@pytest.mark.parametrize(
    "text",
    ["", "english", "e", "xx", "en_US", "en-", "not-a-language", "12", "en-US-u", "de\n", "x" * 36, "zz-ZZ"],
)
def test_no_language_is_named_so(text: str) -> None:
    if text == "de\n":
        assert language_tag(text) == "de"
        return
    with pytest.raises(ValueError, match="BCP 47"):
        language_tag(text)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("language", "klingon", "BCP 47"),
        ("currency", "Dollar", "three letters"),
        ("currency", "XXY", "no currency"),
        ("theme", "blue", "light, dark, system"),
        ("layout", "rows", "grid, list"),
        ("timezone", "Mars/Olympus", "no such time zone"),
        ("timezone", "posixrules", "no such time zone"),
        ("timezone", "../UTC", "no such time zone"),
        ("timezone", "a\0b", "no such time zone"),
        ("quiet_from", "24:00", "00:00 to 23:59"),
        ("quiet_until", "8", "00:00 to 23:59"),
        ("functional", False, "cannot be switched off"),
    ],
)
def test_what_cannot_be_kept_is_named(name: str, value: Any, why: str) -> None:
    _, problems = read_wanted({name: value, "sms": True})
    assert list(problems) == [name]
    assert why in problems[name]


def change(
    before: dict[str, Any], after: dict[str, Any], *, consent_first: bool
) -> list[tuple[Purpose, bool]]:
    full = [{**dict.fromkeys(NAMES), **one} for one in (before, after)]
    was, becomes = (effective_of(one, 0, {}, consent_first=consent_first) for one in full)
    return consents_in(full[0], full[1], was, becomes)


@pytest.mark.parametrize(
    ("before", "after", "consent_first", "recorded"),
    [
        ({}, {"tracking_enabled": True}, True, [(Purpose.TRACKING, True)]),
        ({}, {"tracking_enabled": False}, True, [(Purpose.TRACKING, False)]),  # a refusal is a word too
        ({"tracking_enabled": True}, {"tracking_enabled": False}, True, [(Purpose.TRACKING, False)]),
        ({"tracking_enabled": True}, {}, True, [(Purpose.TRACKING, False)]),  # taken back, nothing counts
        ({"tracking_enabled": True}, {}, False, []),  # taken back, and the same counts
        ({"sms": True}, {}, True, [(Purpose.SMS, False)]),
        ({"language": "de"}, {"language": "fr"}, True, []),
        ({}, {"analytics": True, "sms": True}, True, [(Purpose.SMS, True), (Purpose.ANALYTICS, True)]),
    ],
)
def test_each_change_of_a_consent_is_recorded(
    before: dict[str, Any], after: dict[str, Any], consent_first: bool, recorded: list[tuple[Purpose, bool]]
) -> None:
    assert change(before, after, consent_first=consent_first) == recorded


@pytest.mark.parametrize(
    ("said", "to", "by_law", "consent_first", "is_locked"),
    [
        (None, False, True, True, True),  # nothing was granted: this is opting out
        (None, True, True, True, False),  # what is asked first can be granted
        (True, False, True, True, False),  # what was granted can be withdrawn
        (True, False, True, False, False),
        (None, False, True, False, True),
        (None, True, True, False, True),
        (False, True, False, False, True),
        (True, False, False, False, True),
    ],
)
def test_where_opting_out_is_not_allowed_only_consents_by_law_move(
    said: bool | None, to: bool, by_law: bool, consent_first: bool, is_locked: bool
) -> None:
    becomes = effective_of({"tracking_enabled": to}, 0, {}, consent_first=consent_first)
    found = locked(
        {"tracking_enabled": said},
        {"tracking_enabled", "sms"},
        becomes,
        by_law=by_law,
        consent_first=consent_first,
    )
    assert bool(found) is is_locked
