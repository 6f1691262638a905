"""Addresses a learner: the name to say, and whether a text says it, in any script."""

# ruff: noqa: RUF001 - Cyrillic and other letters

from __future__ import annotations

import re

from webapp.lessons.rules.unfit import markup, placeholder, plain
from webapp.lessons.rules.words import folded, unspaced, words

_TITLE_WORDS = "mr mrs ms miss dr prof herr frau sr sra señor señora mme m madame monsieur г-н г-жа д-р"
_TITLES = frozenset(_TITLE_WORDS.split())
_LITTLE_WORDS = "von van de der den del della di da dos la le el al bin ibn ben bint y und zu"
_LITTLE = frozenset(_LITTLE_WORDS.split())
_JOINED = re.compile(
    r"[\u0590-\u05ff\u0600-\u06ff\u0900-\u0dff\uac00-\ud7a3]"
)  # small words grow onto a name
_CYRILLIC = re.compile(r"[а-яіїєґ]")
LONGEST = 60  # characters of a name that is said


def first_name(name: str) -> str:
    """The name a learner is addressed by: "Ada" of "Dr. Ada D'Angelo"; "" for none."""
    if "," in name:  # "Cohen, Yael"
        last, first = name.split(",", 1)
        name = f"{first} {last}"
    said = words(plain(name)[:200])
    parts = [part for part in said if folded(part) not in _TITLES and any(map(str.isalpha, part))]
    first = (parts or [""])[0][:LONGEST]
    return "" if markup(first) or placeholder(first) else first


def names_learner(name: str, text: str) -> bool:
    """Whether a text says a part of the learner's name that people are addressed by."""
    known = folded(text)
    parts = [
        part for part in words(folded(plain(name))) if part not in _TITLES and any(map(str.isalpha, part))
    ]
    spoken = [part for at, part in enumerate(parts) if at == 0 or part not in _LITTLE]
    return any(_says(part, known) for part in spoken)


def _says(part: str, text: str) -> bool:
    if unspaced(part) or (_JOINED.search(part) and len(part) > 2):
        return part in text or (unspaced(part) and len(part) > 2 and part[1:] in text)
    ending = ""
    if _CYRILLIC.search(part) and len(part) > 2:
        part, ending = re.sub(r"[аяйьоеиы]$", "", part), r"[а-яіїє]{0,3}"
    return re.search(rf"(?<!\w){re.escape(part)}{ending}(?!\w)", text) is not None
