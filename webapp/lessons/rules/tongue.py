"""Tells whether a text is written in the language it should be: by its script, then by its small words."""

from __future__ import annotations

import re

from webapp.lessons.rules.stop_words import STOP_WORDS
from webapp.lessons.rules.words import folded, words

_SCRIPTS = {
    "Cyrillic": re.compile(r"[\u0400-\u052f]+"),
    "Hebrew": re.compile(r"[\u05d0-\u05ea]+"),
    "Arabic": re.compile(r"[\u0620-\u064a\u066e-\u06d3]+"),
    "Greek": re.compile(r"[\u0370-\u03ff]+"),
    "Kana": re.compile(r"[\u3040-\u30ff]+"),
    "Han": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+"),
    "Hangul": re.compile(r"[\uac00-\ud7a3]+"),
    "Thai": re.compile(r"[\u0e01-\u0e2e]+"),
    "Devanagari": re.compile(r"[\u0900-\u097f]+"),
    "Georgian": re.compile(r"[\u10d0-\u10ff]+"),
    "Armenian": re.compile(r"[\u0531-\u0587]+"),
    "Latin": re.compile(r"[A-Za-z\u00c0-\u024f]+"),
}
_WRITTEN_IN = {
    **dict.fromkeys(("ru", "uk", "be", "bg", "sr", "mk", "kk"), ("Cyrillic",)),
    **dict.fromkeys(("he", "yi"), ("Hebrew",)),
    **dict.fromkeys(("ar", "fa", "ur"), ("Arabic",)),
    "el": ("Greek",),
    "ja": ("Kana", "Han"),
    "zh": ("Han",),
    "ko": ("Hangul", "Han"),
    "th": ("Thai",),
    "hi": ("Devanagari",),
    "ka": ("Georgian",),
    "hy": ("Armenian",),
}
_CALLED = {
    "english": "en", "russian": "ru", "german": "de", "french": "fr", "spanish": "es", "italian": "it",
    "dutch": "nl",
    "portuguese": "pt", "ukrainian": "uk", "hebrew": "he", "arabic": "ar", "greek": "el", "chinese": "zh",
    "japanese": "ja", "korean": "ko", "русский": "ru", "deutsch": "de", "français": "fr", "español": "es",
    "italiano": "it", "iw": "he", "українська": "uk",
}  # fmt: skip
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|„[^“”]*[“”]|\"[^\"\n]*\"")
_LINK = re.compile(r"\S+(?:://|@|www\.)\S*")
ENOUGH_LETTERS, ENOUGH_WORDS = 24, 12  # below, nothing is decided


def code_of(language: str) -> str:
    """The two-letter code of a language named or coded in any common way: "en-GB", "English", "ru"."""
    name = language.strip().casefold()
    return _CALLED.get(name) or re.split(r"[-_ ]", name)[0][:3]


def other_language(text: str, language: str) -> str:
    """What a text is clearly written in instead of `language`: a script or a code; "" when right or unclear.

    Words in quotation marks are a learner's own and do not count.
    """
    bare = _LINK.sub(" ", _QUOTED.sub(" ", text))
    code = code_of(language)
    if bare.isascii() and code not in _WRITTEN_IN:
        return _among_latin(bare, code)
    counts = {script: sum(map(len, pattern.findall(bare))) for script, pattern in _SCRIPTS.items()}
    if sum(counts.values()) < ENOUGH_LETTERS:
        return ""
    meant = _WRITTEN_IN.get(code, ("Latin",))
    if sum(counts[script] for script in meant) * 2 < sum(counts.values()):
        return max(counts, key=lambda script: counts[script])
    return _within_script(bare, code, counts)


def _within_script(text: str, code: str, counts: dict[str, int]) -> str:
    if code in {"ru", "uk"}:
        ukrainian, russian = (
            len(re.findall(r"[іїєґ]", text.casefold())),
            len(re.findall(r"[ыэъё]", text.casefold())),
        )
        meant, other = (russian, ukrainian) if code == "ru" else (ukrainian, russian)
        return {"ru": "uk", "uk": "ru"}[code] if other > 2 and other > meant * 2 else ""
    if code in {"ja", "zh"}:
        if code == "ja":
            return "zh" if not counts["Kana"] else ""
        return "ja" if counts["Kana"] * 4 > counts["Han"] else ""
    return _among_latin(text, code) if code not in _WRITTEN_IN else ""


def _among_latin(text: str, code: str) -> str:
    said = words(folded(text))
    if len(said) < ENOUGH_WORDS:
        return ""
    hits = {language: sum(map(stops.__contains__, said)) for language, stops in STOP_WORDS.items()}
    best = max(hits, key=lambda language: hits[language])
    share = 0.15 if code in hits else 0.3  # a language without a list needs clearer signs
    clear = hits[best] >= 4 and hits[best] >= share * len(said) and hits[best] > 2 * hits.get(code, 0)
    return best if clear and best != code else ""
