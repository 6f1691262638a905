"""CSV that no spreadsheet calculates, and that gives back every text."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.csv_files import csv_parts, plain_cell, safe_cell

CELLS = st.text(alphabet="'=+-@\t\r\n\"ab;, 1ß", max_size=8) | st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
)


@given(cell=CELLS)
def test_C3_every_text_comes_back_and_none_is_a_formula(cell: str) -> None:
    assert plain_cell(safe_cell(cell)) == cell
    assert not safe_cell(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=6))
def test_C3_a_whole_file_comes_back(rows: list[tuple[str, str]]) -> None:
    written = b"".join(csv_parts(("a", "b"), rows)).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(written, newline="")))
    assert [tuple(map(plain_cell, row)) for row in read] == [("a", "b"), *rows]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-5", "'-5"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("'=1", "''=1"),
        ("'tis", "'tis"),
        ("''", "''"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_C3_only_what_a_spreadsheet_would_calculate_is_marked(text: str, cell: str) -> None:
    assert safe_cell(text) == cell
    assert plain_cell(cell) == text


def test_a_long_file_is_handed_out_in_parts() -> None:
    parts = list(csv_parts(("a",), (("x" * 1000,) for _ in range(1000))))
    assert len(parts) > 10
    assert max(map(len, parts)) < 100_000
