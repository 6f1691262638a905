"""Reads the facts of a text: its numbers, its links and the names it names."""

# ruff: noqa: E501 - number words of several languages

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from webapp.lessons.rules.tongue import code_of
from webapp.lessons.rules.words import folded, stem, words

_LINK = re.compile(
    r"https?://[^\s<>\"”»]+|\bwww\.[^\s<>\"”»]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b(?:[a-z0-9-]+\.)+(?:com|org|net|de|ru|io|eu|uk|fr|es|it|nl|ch|at|info|edu|gov|app|dev|example)\b(?:/[^\s<>\"”»]*)?",
    re.IGNORECASE,
)
_LINKISH = re.compile(r"\.\w|@|://")
_NUMBER = re.compile(r"\d{1,3}(?:[., '’\u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d+)?")
_GROUPED = re.compile(r"\d{1,3}(?:[., '’\u00a0\u202f]\d{3})+")
_SPELLED = {
    "en": "three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty",
    "de": "drei vier fünf sechs sieben = neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig",
    "fr": "trois quatre cinq six sept huit = dix onze douze treize quatorze quinze seize = = = vingt",
    "es": "tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince = = = = veinte",
    "it": "tre quattro cinque sei= sette otto nove dieci undici dodici = = quindici = = = = venti",
    "ru": "три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать = = = двадцать",
}
_TENS = {
    "en": {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90"},
    "ru": {
        "тридцать": "30",
        "пятьдесят": "50",
        "шестьдесят": "60",
        "трех": "3",
        "трем": "3",
        "пяти": "5",
        "шести": "6",
        "семи": "7",
        "восьми": "8",
        "десяти": "10",
        "двадцати": "20",
        "тридцати": "30",
        "четырех": "4",
        "пятнадцати": "15",
    },
    "de": {"dreißig": "30", "vierzig": "40", "fünfzig": "50", "sechzig": "60"},
}
_NUMBER_WORDS = {
    code: {word: str(at) for at, word in enumerate(text.split(), 3) if not word.endswith("=")}
    | {folded(word): value for word, value in _TENS.get(code, {}).items()}
    for code, text in _SPELLED.items()
}
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;\n\"“«(—–•-])\s*$")
_CAPITAL = re.compile(r"[^\W\d_][\w'’-]+")


@lru_cache(maxsize=1_024)
def links(text: str) -> Mapping[str, str]:
    """The links and mail addresses of a text: as they are compared, and as they stand."""
    if not _LINKISH.search(text):  # most texts have none, and the pattern is slow to say so
        return {}
    found = (link.rstrip(".,;:!?)'’]") for link in _LINK.findall(text))
    return {
        re.sub(r"^https?://|^www\.", "", link.casefold().replace("://www.", "://")).rstrip("/"): link
        for link in found
    }


@lru_cache(maxsize=1_024)
def numbers(text: str, language: str = "en", *, at_least: int = 3) -> Mapping[str, str]:
    """The numbers of a text: as they are compared, and as they stand.

    Numbers in words count from `at_least` on, in the text's own language ("one" and "two" are rarely facts).
    """
    bare = _LINK.sub(" ", text) if _LINKISH.search(text) else text
    found = {_plain_number(number): number for number in _NUMBER.findall(bare)}
    spelled = _NUMBER_WORDS.get(code_of(language), {})
    for word in words(folded(bare)) if spelled else ():
        value = spelled.get(word, "")
        if value and int(value) >= at_least:
            found.setdefault(value, word)
    return found


def _plain_number(number: str) -> str:
    if _GROUPED.fullmatch(number):
        number = re.sub(r"\D", "", number)
    whole, _, part = number.replace(",", ".").partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


@lru_cache(maxsize=256)
def names(text: str, language: str = "en") -> Mapping[str, str]:
    """The proper names of a text by their stem, as far as capitals within a sentence tell; not in German."""
    if code_of(language) == "de":
        return {}
    bare = _LINK.sub(" ", text) if _LINKISH.search(text) else text
    common = {folded(word) for word in words(bare) if word[:1].islower()}
    found: dict[str, str] = {}
    for match in _CAPITAL.finditer(bare):
        word = match[0]
        if not word[0].isupper() or folded(word) in common or folded(word).startswith("i'"):
            continue
        inner = any(sign.isupper() for sign in word[1:])
        if inner or not _SENTENCE_START.search(bare, max(0, match.start() - 4), match.start()):
            bare_name = re.sub(r"['’]s$", "", word)
            found.setdefault(stem(folded(bare_name)), bare_name)
    return found
