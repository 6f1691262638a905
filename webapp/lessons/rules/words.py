"""Takes text apart: words, stems, sentences, in any script; and writes text the one way it is compared in."""

# ruff: noqa: RUF001 - Cyrillic endings

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from webapp.lessons.facts import LONGEST_SENT
from webapp.lessons.rules.stop_words import STOPS

_MARKS = r"\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0d7f\u0e31-\u0e4e"
_LETTER = rf"[\w{_MARKS}]"
_WORD = re.compile(rf"{_LETTER}+(?:['’-]{_LETTER}+)*")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_QUOTES = re.compile("[’‘ʼ`´]")
_RUSSIAN = re.compile(
    r"(?:иями|ями|ами|иях|ого|его|ому|ему|ыми|ими|ешь|ишь|ете|ите|ться|тся|ать|ять|ить|еть|уть|ала|яла|ила|ели|али|или"
    r"|ать|ает|ают|яет|яют|ует|уют|ая|яя|ое|ее|ые|ие|ый|ий|ой|ей|ом|ем|ах|ях|ам|ям|ов|ев|ью|ья|ую|юю|ет|ит|ят|ут|ют|ал|ил"
    r"|а|я|о|е|ы|и|у|ю|ь|й)$"
)
_ENGLISH = re.compile(r"(?:'s|ies|ied|ings?|ers?|edly|ed|es|ely|ly|s|e|y)$")
_END = re.compile(r"(?<=[.!?…。！？])[\"”»“)]*\s+|\n+")


def folded(text: str) -> str:
    """The text as it is compared: no case, one form of apostrophe, nothing unseen."""
    if text.isascii():
        return text.replace("`", "'").casefold()
    known = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return _QUOTES.sub("'", known).replace("ё", "е").replace("‑", "-")


def words(text: str) -> list[str]:
    """The words of a text as they stand."""
    return _WORD.findall(text)


def count(text: str) -> int:
    """How many words a text has; two signs count as a word where words are not parted by spaces."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_WORD.findall(_UNSPACED.sub(" ", text))) + (unspaced + 1) // 2


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A folded word without its ending; rough, the same for most forms of a word."""
    if len(word) < 4:
        return word
    cyrillic = "а" <= word[0] <= "я"
    short = _RUSSIAN.sub("", word) if cyrillic else _ENGLISH.sub("", word)
    return short if len(short) >= 3 else word


@lru_cache(maxsize=2_048)  # the same answers and templates are read for every lesson of a batch
def stems(text: str) -> frozenset[str]:
    """The stems of the words that carry meaning; pairs of signs where words are not parted by spaces."""
    found: set[str] = set()
    for word in words(folded(text)):
        if _UNSPACED.search(word):
            found.update(word[at : at + 2] for at in range(max(len(word) - 1, 1)))
        elif len(word) > 2 and word not in STOPS:
            found.add(stem(word))
    return frozenset(found)


def sentences(text: str) -> list[str]:
    """The sentences of a text, lines counted as sentences."""
    return [part.strip() for part in _END.split(text) if part and part.strip()]


def read_part(answer: str) -> str:
    """What of a survey answer is read: as much as a model would be sent."""
    return answer[:LONGEST_SENT]


def unspaced(text: str) -> bool:
    """Whether the text is of a script that does not part its words by spaces."""
    return _UNSPACED.search(text) is not None


def listed(parts: Iterable[str], last: str = "and") -> str:
    """The parts as a list in a sentence: "a, b and c"."""
    known = list(parts)
    if len(known) < 2:
        return "".join(known)
    return f"{', '.join(known[:-1])} {last} {known[-1]}"
