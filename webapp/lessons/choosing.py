"""Which learners and lessons a command is about, as people write it: a file of ids, numbers with ranges."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from webapp.core.errors import BadRequest

NUMBER = re.compile(r"(\d{1,7})(?:\s*-\s*(\d{1,7}))?")
HEADS = frozenset({"user_id", "userid", "id", "identifier"})  # a first line that names the column
MOST_NUMBERS = 10_000


def read_users(path: Path) -> list[str]:
    """The ids in a file: one a line, the column `user_id` (else the first) of a CSV, or a JSON list.

    Each stands once, in the file's order. Raises BadRequest when the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"{path} cannot be read: {error}") from None
    found = users_in(text, str(path))
    if not found:
        raise BadRequest(f"{path} names no user id.")
    return found


def users_in(text: str, where: str) -> list[str]:
    """The ids of a text written so; `where` names it in refusals. Raises BadRequest."""
    found = _of_json(text, where) if text.lstrip().startswith(("[", "{")) else _of_lines(text)
    return checked_users([one for one in (each.strip() for each in found) if one], where)


def checked_users(found: Iterable[str], where: str) -> list[str]:
    """The ids, each once. Raises BadRequest for one that no database can hold."""
    ids = list(dict.fromkeys(found))
    for one in ids:
        if "\0" in one or (not one.isascii() and one.encode("utf-8", "replace").decode() != one):
            raise BadRequest(f"{where} holds an id with signs that cannot be stored.")
    return ids


def read_numbers(text: str) -> list[int]:
    """The lesson numbers of `1,2,5-7`, each once, in order. Raises BadRequest in words."""
    found: set[int] = set()
    for part in (piece.strip() for piece in text.split(",")):
        if not part:
            continue
        known = NUMBER.fullmatch(part)
        first = int(known[1]) if known else 0
        last = int(known[2] or known[1]) if known else -1
        if not first <= last < first + MOST_NUMBERS:
            raise BadRequest(f"“{part}” is no lesson number or range: write them like 1,2,5-7.")
        found.update(range(first, last + 1))
    return sorted(found)


def _of_json(text: str, path: str) -> Iterable[str]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{path} is no JSON: {error}") from None
    if not isinstance(told, list):
        raise BadRequest(f"{path} holds no list of ids.")
    return [_id(one, path) for one in told]


def _id(one: Any, path: str) -> str:
    value = one.get("user_id") if isinstance(one, dict) else one
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadRequest(f"{path} holds something that is no id: {json.dumps(one)[:60]}")
    return str(value)


def _of_lines(text: str) -> Iterable[str]:
    lines = text.splitlines()
    delimiter = next((sign for sign in ",;\t" if lines and sign in lines[0]), ",")
    rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    heads = [cell.strip().lower() for cell in rows[0]] if rows else []
    known = next((place for place, head in enumerate(heads) if head in HEADS), None)
    place, first = (0, 0) if known is None else (known, 1)
    return [row[place] for row in rows[first:] if len(row) > place]
