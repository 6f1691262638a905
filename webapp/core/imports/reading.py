"""Reads a file row by row in bounded memory: what is wrong with a row is told of that row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from webapp.core.csv_files import MARK, plain_cell
from webapp.core.imports.json_stream import Problem, array_objects, read_object
from webapp.core.imports.sniff import Shape, Unreadable

LONGEST_LINE = 4_000_000  # characters
LONGEST_CELL = 200_000
MOST_HEADERS = 500
SAMPLED = 200  # objects whose keys are the headers of a JSON file
csv.field_size_limit(LONGEST_CELL)


@dataclass(frozen=True)
class Record:
    """One row: its number as a spreadsheet counts, its cells by header, or why it cannot be read."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)
    problem: str = ""


def headers_of(path: Path, shape: Shape) -> list[str]:
    """The file's columns. Raises Unreadable when there are none, or one stands twice."""
    if shape.form == "csv":
        with _open(path, shape) as file:
            _, first = next(_rows(file, shape), (1, []))
            return _header([] if isinstance(first, str) else first)
    found: dict[str, None] = {}
    for record in records(path, shape, ()):
        found.update(dict.fromkeys(record.cells))
        if record.number >= SAMPLED:
            break
    if not found:
        raise Unreadable("No object with keys stands in this file.")
    return [name for name in found if name][:MOST_HEADERS]


def records(path: Path, shape: Shape, headers: Sequence[str]) -> Iterator[Record]:
    """Read the file from its beginning. Raises Unreadable when what follows cannot be told apart."""
    with _open(path, shape) as file:
        try:
            if shape.form == "csv":
                yield from _csv_records(file, shape, headers)
            elif shape.form == "lines":
                yield from _line_records(file)
            else:
                yield from _json_records(file)
        except UnicodeError:
            what = shape.encoding.upper()
            raise Unreadable(
                f"This file is not {what} all through. Save it as UTF-8 and upload it again."
            ) from None


def _open(path: Path, shape: Shape) -> IO[str]:
    return path.open(encoding=shape.encoding, newline="")


def _header(row: Sequence[str]) -> list[str]:
    names = [plain_cell(cell).strip().lstrip("\ufeff") for cell in row]
    if not any(names):
        raise Unreadable("The first row names no columns. Put the column names there.")
    if len(names) > MOST_HEADERS:
        raise Unreadable(f"This file has {len(names):,} columns; {MOST_HEADERS} are read at most.")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise Unreadable(f"The column “{twice[0]}” stands twice in the first row. Rename or remove one.")
    return names


def _csv_records(file: IO[str], shape: Shape, headers: Sequence[str]) -> Iterator[Record]:
    rows = _rows(file, shape)
    next(rows, None)
    named = all(headers)
    for number, row in rows:
        if isinstance(row, str):
            yield Record(number, problem=row)
        elif len(row) != len(headers):
            yield Record(
                number, problem=f"This row has {len(row):,} cells, the first row has {len(headers):,}."
            )
        elif named and MARK not in "".join(row):
            yield Record(number, dict(zip(headers, row, strict=True)))
        else:
            yield Record(
                number, {name: plain_cell(cell) for name, cell in zip(headers, row, strict=True) if name}
            )


def _rows(file: IO[str], shape: Shape) -> Iterator[tuple[int, Any]]:
    """Rows that hold anything, with their numbers; a sentence in place of one that cannot be read."""
    reader = csv.reader(_lines(file), delimiter=shape.separator, strict=False)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, _why(error)
            continue
        if any(row) or number == 1:
            yield number, row


def _why(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"A cell is longer than {LONGEST_CELL:,} characters; a quotation mark may lack its other half."
    return f"This row cannot be read: {error}."


def _lines(file: IO[str]) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise Unreadable(f"A line is longer than {LONGEST_LINE:,} characters: this is no table of rows.")
        yield line


def _line_records(file: IO[str]) -> Iterator[Record]:
    for number, line in enumerate(_lines(file), start=1):
        if line.strip():
            yield _record(number, line)


def _record(number: int, text: str) -> Record:
    try:
        return Record(number, read_object(text.lstrip("\ufeff")))
    except Problem as problem:
        return Record(number, problem=str(problem))


def _json_records(file: IO[str]) -> Iterator[Record]:
    for number, found in enumerate(array_objects(file), start=1):
        if isinstance(found, Problem):
            yield Record(number, problem=str(found))
        else:
            yield Record(number, found)
