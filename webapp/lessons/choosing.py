"""Which learners and lessons a command is about, as people write it: a file of ids, numbers with ranges."""

from __future__ import annotations

import re
from pathlib import Path

from webapp.core.errors import BadRequest
from webapp.core.id_lists import users_in

NUMBER = re.compile(r"(\d{1,7})(?:\s*-\s*(\d{1,7}))?")
MOST_NUMBERS = 10_000


def read_users(path: Path) -> list[str]:
    """The ids in a file: one a line or separated, the column `user_id` of a CSV, or a JSON list.

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
