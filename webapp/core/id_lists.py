"""User ids as people write them down: one a line, a column of a CSV, or a JSON list."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

from webapp.core.errors import BadRequest

HEADS = frozenset({"user_id", "userid", "id", "identifier"})  # a first line that names the column
Numbered = tuple[int, str]


def users_in(text: str, where: str) -> list[str]:
    """The ids of a text, each once, in its order; `where` names it in refusals. Raises BadRequest."""
    return list(dict.fromkeys(one for _, one in numbered_in(text, where)))


def numbered_in(text: str, where: str) -> list[Numbered]:
    """The ids of a text with the line each stands on (in a JSON list its place). Raises BadRequest."""
    found = _of_json(text, where) if text.lstrip().startswith(("[", "{")) else _of_lines(text)
    numbered = [(number, each.strip()) for number, each in found]
    return [(number, _checked(one, where)) for number, one in numbered if one]


def _checked(one: str, where: str) -> str:
    if "\0" in one or (not one.isascii() and one.encode("utf-8", "replace").decode() != one):
        raise BadRequest(f"{where} holds an id with signs that cannot be stored.")
    return one


def _of_json(text: str, where: str) -> Iterator[Numbered]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{where} is no JSON: {error}") from None
    if not isinstance(told, list):
        raise BadRequest(f"{where} holds no list of ids.")
    return ((number, _id(one, where)) for number, one in enumerate(told, 1))


def _id(one: Any, where: str) -> str:
    value = one.get("user_id") if isinstance(one, dict) else one
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadRequest(f"{where} holds something that is no id: {json.dumps(one)[:60]}")
    return str(value)


def _of_lines(text: str) -> Iterator[Numbered]:
    lines = text.splitlines()
    delimiter = next((sign for sign in ",;\t" if lines and sign in lines[0]), ",")
    reader = csv.reader(lines, delimiter=delimiter)
    rows = [(reader.line_num, row) for row in reader if row]
    heads = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    known = next((place for place, head in enumerate(heads) if head in HEADS), None)
    place, first = (0, 0) if known is None else (known, 1)
    return ((number, row[place]) for number, row in rows[first:] if len(row) > place)
