"""Reads what is offered: the product's name, its promises, what it is, and the themes it touches."""

from dataclasses import dataclass

from webapp.personas.rules.benefits import Promise, category_in, is_several, promises_in
from webapp.personas.rules.given import Given
from webapp.personas.rules.language import language_of
from webapp.personas.rules.phrases import themes_of
from webapp.personas.rules.text import cut, sentences, words

_TEXTS = ("product value proposition", "product description")


@dataclass(frozen=True)
class Offer:
    """The product as the drafter understood it. `quote` stands in for texts that could not be taken apart,
    `motto` is a short value proposition to be quoted beside them; `stems` are beginnings of the texts' words.
    """

    name: str = ""
    several: bool = False
    promises: tuple[Promise, ...] = ()
    category: str = ""
    quote: str = ""
    quote_from: tuple[str, ...] = ()
    price: str = ""
    themes: tuple[str, ...] = ()
    stems: frozenset[str] = frozenset()
    motto: str = ""

    @property
    def name_from(self) -> tuple[str, ...]:
        """The fact behind the name."""
        return ("product name",) if self.name else ()


def read_offer(facts: Given, language: str) -> Offer:
    """The product of a brief, for a draft in `language`."""
    name = facts.get("product name", "")
    about = facts.get("product description", "")
    readable = [(one, facts[one]) for one in _TEXTS if one in facts and language_of(facts[one]) == language]
    promises = promises_in(readable, name, language)
    category = category_in(about, name, language) if about and language_of(about) == language else ""
    quote, quote_from = ("", ()) if promises or category else _quote(facts)
    return Offer(
        name=name if len(name) <= 80 else "",
        several=is_several(name, about),
        promises=promises,
        category=category,
        quote=quote,
        quote_from=quote_from,
        price=cut(facts.get("product price note", ""), 160).rstrip(" ."),
        themes=themes_of(" ".join((name, *(facts.get(one, "") for one in _TEXTS)))),
        stems=frozenset(word[:6] for one in _TEXTS for word in words(facts.get(one, "")) if len(word) > 4),
        motto="" if quote else _motto(facts, promises),
    )


def _motto(facts: Given, promises: tuple[Promise, ...]) -> str:
    """The value proposition as written, when nothing was taken from it and it is short enough to quote."""
    said = sentences(facts.get("product value proposition", ""))
    taken = any(one.origin == "product value proposition" for one in promises)
    return said[0].rstrip(" .") if said and not taken and len(said[0]) <= 140 else ""


def _quote(facts: Given) -> tuple[str, tuple[str, ...]]:
    for name in _TEXTS:
        first = next(iter(sentences(facts.get(name, ""))), "")
        if first:
            return cut(first, 180).rstrip(" ."), (name,)
    return "", ()
