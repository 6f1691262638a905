"""What a model may read: no address, number or id that names somebody; everything else as it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.llm.minimise import minimised


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("write to clara.voss+x@praxis-nord.example, please", "write to [e-mail], please"),
        ("почта иван@почта.рф", "почта [e-mail]"),
        ("call +49 (0)40 123 45-67 or 0049 40 1234567", "call [phone] or [phone]"),
        ("mobile 0171/2345678.", "mobile [phone]."),
        ("тел. 8 (495) 123-45-67", "тел. [phone]"),
        ("555-123-4567", "[phone]"),
        ("see https://www.linkedin.com/in/clara-voss-1a2b3c?x=1 there", "see [profile] there"),
        ("customer 123456789012", "customer [number]"),
        ("id 01a1fc3b-fca0-7775-b131-38f5c0d1b67f", "id [id]"),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN [id]"),
    ],
)
def test_L5_what_names_somebody_is_replaced_by_its_kind(text: str, left: str) -> None:
    assert minimised(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "founded 1998-04-01, 11-50 people, EUR 1,200,000 a year",
        "from 2026-01-05 to 2026-11-21 at 08:30",
        "1.200.000 € revenue, 3 000 000 boxes, version 0.5.2",
        "0.75 of 100000 visits; 12 345 678 steps",
        "our site www.halyard.example/couches",
        "https://halyard.example/a/b?c=1",
        "@home, e.g. this",
    ],
)
def test_L5_figures_dates_and_sites_stay(text: str) -> None:
    assert minimised(text) == text


def test_L5_every_text_inside_a_value_is_looked_at() -> None:
    given_value = {"a": ["x@y.example", {"b": ("+49 40 1234567", 5, None, True)}]}
    assert minimised(given_value) == {"a": ["[e-mail]", {"b": ["[phone]", 5, None, True]}]}


@pytest.mark.thorough
@given(st.emails(), st.text(alphabet=st.characters(categories=("L", "Zs")), max_size=20))
def test_L5_no_address_is_left_in_any_text(address: str, around: str) -> None:
    local = address.rpartition("@")[0]
    if set(local) & set("\"'(),:;<>"):
        return  # such local parts are legal and nobody has them
    assert address not in minimised(f"{around} {address} {around}")
