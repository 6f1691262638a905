"""User ids as people write them down: one a line or separated, a column of a CSV, or a JSON list."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from webapp.core.errors import BadRequest

HEADS = ("user_id", "userid", "lead_id", "identifier", "id")  # names of the column of ids, the plainest first
SIGNS = ",;\t"  # what stands between ids on a line, and between columns
WORDS = re.compile(r"[^\W\d][^\d@]*")  # how the heads of columns look
Numbered = tuple[int, str]
Rows = list[tuple[int, list[str]]]


def users_in(text: str, where: str) -> list[str]:
    """The ids of a text, each once, in its order; `where` names it in refusals. Raises BadRequest."""
    return list(dict.fromkeys(one for _, one in numbered_in(text, where)))


def numbered_in(text: str, where: str) -> list[Numbered]:
    """The ids of a text with the line each stands on (in a JSON list its place). Raises BadRequest."""
    is_json = text.lstrip().startswith(("[", "{"))
    found = _of_json(text, where) if is_json else _of_lines(text, where)
    numbered = [(number, each.strip()) for number, each in found]
    for number, one in numbered:
        if "\0" in one or (not one.isascii() and one.encode("utf-8", "replace").decode() != one):
            at = f"in place {number}" if is_json else f"on line {number}"
            raise BadRequest(f"{where} holds {at} an id with signs that cannot be stored. Remove them.")
    return [(number, one) for number, one in numbered if one]


def _of_json(text: str, where: str) -> Iterator[Numbered]:
    try:
        told = json.loads(text)
    except json.JSONDecodeError as error:
        why = f"it cannot be read from line {error.lineno}, sign {error.colno} on"
        raise BadRequest(f"{where} begins like a JSON list, but {why}.") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, lists within lists
        raise BadRequest(f"{where} begins like a JSON list, but cannot be read as one.") from None
    if not isinstance(told, list):
        raise BadRequest(f"{where} holds no list of ids.")
    return ((number, _id(one, where, number)) for number, one in enumerate(told, 1))


def _id(one: Any, where: str, number: int) -> str:
    value = one.get("user_id") if isinstance(one, dict) else one
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadRequest(f"{where} holds something that is no id in place {number}: {json.dumps(one)[:60]}")
    return str(value)


def _of_lines(text: str, where: str) -> Iterator[Numbered]:
    """The column of ids where the first line names one, else all that stands on the lines."""
    lines = text.splitlines()
    head = next((line for line in lines if line.strip()), "")
    heads = [cell.strip().lower() for cell in _cells(head, where)]
    name = next((one for one in HEADS if one in heads), None)
    if name is not None:
        return _column(lines, head, heads, name, where)
    rows = [(number, _cells(line, where)) for number, line in enumerate(lines, 1) if line.strip()]
    if _is_table(rows):
        raise BadRequest(
            f"{where} looks like a table whose first line names no column user_id. "
            "Name the column of the ids user_id, or write one id a line."
        )
    return ((number, cell) for number, row in rows for cell in row)


def _column(
    lines: Sequence[str], head: str, heads: Sequence[str], name: str, where: str
) -> Iterator[Numbered]:
    if heads.count(name) > 1:
        raise BadRequest(f"{where} has {heads.count(name)} columns {name}: keep the one that counts.")
    place, (_, *rows) = heads.index(name), _rows(lines, _sign(head), where)
    short = next((number for number, row in rows if len(row) <= place), None)
    if short is not None:
        raise BadRequest(f"{where} lacks the column {name} on line {short}.")
    return ((number, row[place]) for number, row in rows)


def _is_table(rows: Rows) -> bool:
    """Whether this is columns under heads: several lines, all as wide, the first one of words only."""
    widths = {len(row) for _, row in rows}
    if len(rows) < 2 or len(widths) > 1 or widths == {1}:
        return False
    return all(WORDS.fullmatch(cell.strip()) for cell in rows[0][1])


def _cells(line: str, where: str) -> list[str]:
    return [cell for _, row in _rows([line], _sign(line), where) for cell in row]


def _rows(lines: Sequence[str], sign: str, where: str) -> Rows:
    reader = csv.reader(lines, delimiter=sign)
    try:
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        raise BadRequest(f"{where} holds a line that is too long for ids.") from None


def _sign(line: str) -> str:
    return next((sign for sign in SIGNS if sign in line), ",")
