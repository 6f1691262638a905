"""Every number of a version: named, read as people write it, bounded by the model itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from webapp.archetypes.facts import Archetype
from webapp.archetypes.rules.grid import bands, grid, offer
from webapp.archetypes.rules.parameters import (
    PARAMETERS,
    Kind,
    differences,
    read_rules,
    sections,
    texts_of,
)
from webapp.archetypes.rules.ruleset import SHIPPED
from webapp.archetypes.rules.words import sentences

TEXTS = texts_of(SHIPPED)


def leaves(document: dict[str, Any], at: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found = set()
    for name, value in document.items():
        found |= leaves(value, (*at, name)) if isinstance(value, dict) else {(*at, name)}
    return found


def test_every_value_of_a_version_can_be_written_and_comes_back_exactly() -> None:
    assert {one.path for one in PARAMETERS} == leaves(SHIPPED.as_json())
    assert len({one.name for one in PARAMETERS}) == len(PARAMETERS)
    assert sum(map(len, sections().values())) == len(PARAMETERS)
    read, problems = read_rules(TEXTS)
    assert problems == {}
    assert read is not None
    assert (read, read.digest) == (SHIPPED, SHIPPED.digest)


@pytest.mark.parametrize(
    ("name", "text", "stored"),
    [
        ("pricing__platform_fee", "1.5 %", Decimal("0.015")),
        ("pricing__platform_fee", "1,25%", Decimal("0.0125")),
        ("pricing__platform_fee", "2", Decimal("0.02")),
        ("pricing__big_spender", "×1.35", Decimal("1.35")),
        ("pricing__big_spender", " 1.35 ", Decimal("1.35")),
        ("pricing__swap_fee", "1\u202f000.5", Decimal("1000.5")),
        ("detection__lean__big_spender", "\u22120.3", -0.3),
        ("detection__anchors__willingness_to_pay__high", "114.5 %", 1.145),
        ("detection__look_back_days", "400.0", 400),
        ("pricing__whole_units", "", False),
    ],
)
def test_a_value_is_read_as_people_write_it(name: str, text: str, stored: object) -> None:
    read, problems = read_rules({**TEXTS, name: text})
    assert problems == {}
    value: Any = read
    for step in name.split("__"):
        if isinstance(value, dict):
            value = {getattr(key, "value", str(key)): one for key, one in value.items()}[step]
        else:
            value = getattr(value, step)
    assert value == stored


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("pricing__big_spender", "", "Write a number"),
        ("pricing__big_spender", "much", "Write a number"),
        ("pricing__big_spender", "NaN", "15 digits"),
        ("pricing__big_spender", "1e400", "15 digits"),
        ("pricing__big_spender", "0", "more than 0, up to 10"),
        ("pricing__big_spender", "10.01", "more than 0, up to 10"),
        ("held_out", "101 %", "0 % to 100 %"),
        ("held_out", "-1", "0 % to 100 %"),
        ("detection__look_back_days", "29", "30 to 3650"),
        ("detection__look_back_days", "30.5", "whole number"),
        ("detection__shares__willingness_to_pay", "101 %", "0 % to 100 %"),
        ("detection__lean__average_user", "1.1", "-1 to 1"),
        ("selection__defaults__3", "steal", "Choose one of the ways"),
    ],
)
def test_what_is_wrong_is_said_at_the_value(name: str, text: str, why: str) -> None:
    read, problems = read_rules({**TEXTS, name: text})
    assert read is None
    assert list(problems) == [name]
    assert why in problems[name]


@pytest.mark.parametrize(
    ("changes", "at", "why"),
    [
        ({"urgency__high_to": "3"}, "urgency__critical_to", "reach further"),
        ({"selection__average_late_from": "7"}, "selection__big_spender_to", "after the earlier one"),
        (
            {"detection__anchors__reciprocity__low": "100 %"},
            "detection__anchors__reciprocity__low",
            "below the upper one",
        ),
        (
            {f"detection__weights__{one}": "0" for one in ("economic", "behavioural", "flexibility")},
            "detection__weights__economic",
            "must weigh something",
        ),
    ],
)
def test_what_does_not_fit_together_is_said_at_the_first_of_them(
    changes: dict[str, str], at: str, why: str
) -> None:
    _, problems = read_rules({**TEXTS, **changes})
    assert list(problems) == [at]
    assert why in problems[at]


@pytest.mark.parametrize("parameter", [one for one in PARAMETERS if one.limits], ids=lambda one: one.name)
def test_what_is_said_of_limits_is_what_the_model_does(parameter: Any) -> None:
    """Just outside of what the words say it is refused."""
    highest = parameter.limits.replace("%", "").split()[-1]
    more = f"{Decimal(highest) + 1}"
    assert parameter.name in read_rules({**TEXTS, parameter.name: more})[1]
    less = "-2" if parameter.kind is not Kind.WHOLE else "-1"
    assert parameter.name in read_rules({**TEXTS, parameter.name: less})[1]


def test_only_what_differs_is_told() -> None:
    read, _ = read_rules({**TEXTS, "pricing__big_spender": "1.30", "held_out": "10 %"})
    assert read is not None
    found = [(one.parameter.title, one.before, one.after) for one in differences(SHIPPED, read)]
    assert found == [("Big spender multiplier", "1.2", "1.3"), ("Hold-out", "5 %", "10 %")]
    assert differences(read, read) == []


def test_the_grid_has_a_band_for_each_change_and_the_requirements_example() -> None:
    found = bands(SHIPPED)
    assert [one.label for one in found] == ["0–3", "4–6", "7", "8–14", "15–20", "21+"]
    rows = {row.label: row.offers for row in grid(SHIPPED, Decimal(1890), "EUR")}
    example = rows["Big spender"][1]
    assert (example.way.value, example.price, example.fee, example.total) == ("buyout", 2835, 43, 2878)
    assert [one.rule for one in rows["Average user"]] == [5, 5, 4, 4, 4, 3]
    assert {one.rule for one in rows["New member"]} == {7}
    assert {one.way.value for one in rows["High flexibility"]} == {"swap"}


def test_within_a_band_nothing_changes() -> None:
    whole = {row.label: row.offers for row in grid(SHIPPED, Decimal(1890), "EUR")}
    for place, band in enumerate(bands(SHIPPED)):
        for archetype in (*Archetype, None):
            name = archetype.label if archetype else "New member"
            for day in range(band.first, (band.last or band.first + 40) + 1):
                assert offer(SHIPPED, archetype, day, Decimal(1890), "EUR") == whole[name][place]


def test_a_version_is_told_in_plain_words() -> None:
    told = " ".join(sentences(SHIPPED, "EUR"))
    for words in ("big spender 120 %", "×1.25 up to 7", "30 % of the base price", "5 % of the members"):
        assert words in told
