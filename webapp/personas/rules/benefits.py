"""What a product's texts promise, taken apart into phrases that fit into other sentences."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from webapp.personas.rules import benefits_en, benefits_ru
from webapp.personas.rules.phrases import Benefit, themes_of
from webapp.personas.rules.text import alike, sentences

MOST = 8


@dataclass(frozen=True)
class Promise:
    """One benefit, the fact it was read from, and the themes it touches."""

    benefit: Benefit
    origin: str
    themes: tuple[str, ...]


def promises_in(facts: Iterable[tuple[str, str]], name: str, language: str) -> tuple[Promise, ...]:
    """The promises in (fact name, text) pairs, in their order, near-repetitions left out."""
    read = benefits_ru.benefits_in if language == "ru" else benefits_en.benefits_in
    found: list[Promise] = []
    for origin, text in facts:
        for sentence in sentences(text):
            for benefit in read(sentence, name):
                if not any(alike(benefit.plain, one.benefit.plain) for one in found):
                    found.append(Promise(benefit, origin, themes_of(benefit.plain)))
    return tuple(found[:MOST])


def category_in(text: str, name: str, language: str) -> str:
    """What the product is, as a noun phrase with its article ("a planning tool for crews"); "" if unclear."""
    first = next(iter(sentences(text)), "")
    return benefits_ru.category_in(first, name) if language == "ru" else benefits_en.category_in(first, name)


def is_several(name: str, text: str) -> bool:
    """Whether a product's name speaks of several things ("Recovery Bands") and takes a plural verb."""
    last = name.rsplit(maxsplit=1)[-1].casefold() if name.strip() else ""
    if re.search(rf"\b{re.escape(name)} (are|come|have|hold|keep|help|make|give)\b", text):
        return bool(last)
    thing = len(name.split()) > 1 and name.rsplit(maxsplit=1)[-1].islower() and last.endswith("s")
    return bool(benefits_en.GOODS.fullmatch(last)) or (thing and not last.endswith("ss"))
