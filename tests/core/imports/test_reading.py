"""Files of every make are told apart and read row by row; what cannot be read is said in words."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from webapp.core.imports.reading import LONGEST_CELL, Record, headers_of, records
from webapp.core.imports.sniff import Shape, Unreadable, sniff

ROWS = [{"name": "Jörg Ö", "note": 'a "quoted"; one, two'}, {"name": "Zoë", "note": "two\nlines"}]


def put(tmp_path: Path, content: bytes, name: str = "file.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def read(path: Path) -> list[Record]:
    shape = sniff(path, path.name)
    return list(records(path, shape, headers_of(path, shape)))


def table(separator: str) -> str:
    lines = [f"name{separator}note"]
    for row in ROWS:
        note = row["note"].replace('"', '""')
        lines.append(f'{row["name"]}{separator}"{note}"')
    return "\r\n".join(lines)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "seen"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_encoding_and_separator_are_recognised(
    tmp_path: Path, separator: str, encoding: str, seen: str
) -> None:
    path = put(tmp_path, table(separator).encode(encoding))
    assert sniff(path) == Shape("csv", seen, separator)
    assert [record.cells for record in read(path)] == ROWS


def test_bytes_that_windows_does_not_know_are_latin(tmp_path: Path) -> None:
    path = put(tmp_path, b"name\nJ\xf6rg\x81\n")
    assert sniff(path).encoding == "latin-1"
    assert read(path)[0].cells == {"name": "Jörg\x81"}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(ROWS),
        json.dumps({"next": None, "more": {"deep": [1]}, "items": ROWS, "after": 1}),
        "\n".join(map(json.dumps, ROWS)),
        json.dumps(ROWS, indent=2, ensure_ascii=False),
    ],
)
def test_json_is_read_as_array_as_items_and_as_lines(tmp_path: Path, content: str) -> None:
    found = read(put(tmp_path, content.encode(), "file.json"))
    assert [record.cells for record in found] == ROWS


def test_a_long_array_is_read_object_by_object(tmp_path: Path) -> None:
    rows = [{"name": f"n{number}", "note": "x" * 50} for number in range(5_000)]
    assert [record.cells for record in read(put(tmp_path, json.dumps(rows).encode()))] == rows


def test_numbers_and_truth_values_are_texts_and_null_is_empty(tmp_path: Path) -> None:
    (record,) = read(put(tmp_path, b'[{"a": 1.50, "b": true, "c": null, "d": "x"}]'))
    assert record.cells == {"a": "1.5", "b": "true", "c": "", "d": "x"}


def packed() -> dict[str, bytes]:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", b"0" * 5_000_000)
    return {"zip": kept.getvalue(), "gzip": gzip.compress(b"0" * 5_000_000), "bzip2": bz2.compress(b"name")}


@pytest.mark.parametrize("name", ["zip", "gzip", "bzip2"])
def test_C4_a_packed_file_is_refused_unopened(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unreadable, match="Unpack"):
        read(put(tmp_path, packed()[name]))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "names no columns"),
        (b"\n\n", "empty"),
        (b"\0\0\0\0", "empty"),
        (b"name,email,name\nx,y,z\n", "“name” stands twice"),
        (b",,\nx,y,z\n", "names no columns"),
        (b"a" * 5_000_000, "longer than"),
        (b'[{"name": "x"}, {"name": ', "breaks off"),
        (b'[{"name": "x"} {"name": "y"}]', "breaks off"),
        (b'{\n"rows": []}', "neither an array"),
        (b"[]", "No object"),
        (b"[" * 100_000, "breaks off"),
        ("name\nx".encode("utf-16") + b"\x00", "not UTF-16"),
        (",".join(f"c{number}" for number in range(1000)).encode(), "columns"),
    ],
)
def test_C4_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(put(tmp_path, content))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("one", "1 cells, the first row has 2"),
        ("one,two,three", "3 cells, the first row has 2"),
        (f'"{"x" * (LONGEST_CELL + 10)}",two', "A cell is longer"),
    ],
)
def test_C4_a_bad_row_is_named_and_the_others_are_read(tmp_path: Path, row: str, why: str) -> None:
    before, bad, after = read(put(tmp_path, f"name,note\na,b\n{row}\n\nc,d\n".encode()))
    assert (before.number, before.cells) == (2, {"name": "a", "note": "b"})
    assert bad.number == 3
    assert why in bad.problem
    assert (after.number, after.cells) == (5, {"name": "c", "note": "d"})


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("[1]", "object with keys"),
        ("nonsense", "no JSON object"),
        ('{"name": ["x"]}', "“name” holds a list"),
        ('{"name": "x", "name": "y"}', "“name” stands twice"),
        ('{"name": "\\ud800"}', "lone surrogate"),
        ('{"name": ' + "[" * 50_000, "no JSON object"),
    ],
)
def test_C4_a_bad_line_is_named_and_the_others_are_read(tmp_path: Path, line: str, why: str) -> None:
    good: dict[str, Any] = {"name": "good"}
    content = f"{json.dumps(good)}\n{line}\n{json.dumps(good)}\n"
    before, bad, after = read(put(tmp_path, content.encode(), "x.jsonl"))
    assert (before.cells, after.cells) == (good, good)
    assert (bad.number, why in bad.problem) == (2, True)
