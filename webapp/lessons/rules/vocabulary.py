"""Finds a course's required and banned words in a text, with the endings that words take."""

from __future__ import annotations

import re
from functools import lru_cache

from webapp.lessons.rules.words import folded, stem, unspaced

_CYRILLIC = re.compile(r"[\u0430-\u044f]")


def stands_in(phrase: str, text: str) -> bool:
    """Whether a word or phrase stands in a text as a whole word, in any case and with common endings."""
    return _pattern(phrase).search(folded(text)) is not None


@lru_cache(maxsize=512)
def _pattern(phrase: str) -> re.Pattern[str]:
    parts = folded(phrase).split()
    last = len(parts) - 1
    body = r"\s+".join(_word(part, last=at == last) for at, part in enumerate(parts))
    if unspaced(phrase):
        return re.compile(body)
    before = r"(?<!\w)" if parts and parts[0][:1].isalnum() else ""
    after = r"(?!\w)" if parts and parts[-1][-1:].isalnum() else ""
    return re.compile(before + body + after)


def _word(part: str, *, last: bool) -> str:
    """A word's pattern: in Cyrillic its stem with an ending, else as it is, the last also in the plural."""
    if _CYRILLIC.match(part) and part.isalpha():
        return re.escape(stem(part)) + (r"[\u0430-\u044f]{0,4}" if len(part) > 3 else "")
    plural = r"(?:'s|e?s)?" if last and part.isalpha() and part.isascii() and len(part) > 2 else ""
    return re.escape(part) + plural
