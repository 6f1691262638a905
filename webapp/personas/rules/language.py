"""Tells in which language a text is written, as far as the drafter must know: Russian, English, another."""

import re

_STOP_WORDS = {
    "en": "the and of for with to in is are that from your without on by who it than",
    "de": "der die das und für mit ohne ist sind von den im ein eine auf nicht wie zum",
    "fr": "le la les et pour avec sans est sont des du une dans sur au aux qui",
    "es": "el los las y para con sin es son del una en por que se su al",
    "it": "il gli e per con senza della che una nel sono dei di le",
    "nl": "de het en voor met zonder een van op zijn niet naar dat te bij",
    "pl": "i w na z dla bez jest oraz do się nie że o po",
}
_STOPS = {language: frozenset(words.split()) for language, words in _STOP_WORDS.items()}
_FOREIGN = re.compile(r"[äöüßéèêàçñœłąęśżźćńőűøåæ]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_NOT_RUSSIAN = re.compile(
    r"[\u0404\u0406\u0407\u0490\u0454\u0456\u0457\u0491\u040e\u045e\u0402-\u040b\u0452-\u045b]"
)


def language_of(text: str) -> str:
    """The language as "ru", "en", or "other" (not to be taken apart); short and mixed texts are "en"."""
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return "en"
    cyrillic = len(_CYRILLIC.findall(text))
    if cyrillic * 2 > len(letters):
        return "other" if _NOT_RUSSIAN.search(text) else "ru"
    if sum(ord(c) > 0x24F for c in letters) * 2 > len(letters):
        return "other"
    return _among_latin(text.casefold())


def _among_latin(text: str) -> str:
    words = re.findall(r"[^\W\d_]+", text)
    counts = {language: sum(word in stops for word in words) for language, stops in _STOPS.items()}
    best = max(counts, key=lambda language: counts[language])
    if best == "en" or counts[best] == counts["en"]:
        return "other" if counts["en"] == 0 and len(_FOREIGN.findall(text)) > 1 else "en"
    return "other"


def is_russian(name: str) -> bool:
    """Whether the name or code of a language means Russian."""
    return re.match(r"\s*(?:ru\b|rus\b|russian|\u0440\u0443\u0441\u0441\u043a)", name.casefold()) is not None
