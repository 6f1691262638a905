"""Reads a brief as a whole: who, where, what is offered, what was told, and which language to draft in."""

from dataclasses import dataclass, field

from webapp.personas.facts import Brief
from webapp.personas.rules.given import Given, given
from webapp.personas.rules.hints import Hint, hints_in
from webapp.personas.rules.language import is_russian, language_of
from webapp.personas.rules.offer import Offer, read_offer
from webapp.personas.rules.where import Where, read_where
from webapp.personas.rules.who import Who, read_who

_TOLD = ("description", "contact notes", "contact headline")
_TECHNOLOGIES = "contact company technologies"


@dataclass(frozen=True)
class Reading:
    """What a brief says, in the drafter's own terms. The seed is the same for the same source and product."""

    language: str = "en"
    who: Who = field(default_factory=Who)
    where: Where = field(default_factory=Where)
    offer: Offer = field(default_factory=Offer)
    hints: tuple[Hint, ...] = ()
    technologies: tuple[str, ...] = ()
    seed: str = ""

    @property
    def pains(self) -> tuple[Hint, ...]:
        """What the person is said to suffer from or refuse."""
        return tuple(hint for hint in self.hints if not hint.wanted)

    @property
    def wishes(self) -> tuple[Hint, ...]:
        """What the person is said to want."""
        return tuple(hint for hint in self.hints if hint.wanted)


def read(brief: Brief, language: str | None = None) -> Reading:
    """Understand a brief; `language` ("en", "ru") overrules the one that the brief itself speaks."""
    facts = given(brief)
    spoken = language or draft_language(facts)
    who = read_who(facts)
    return Reading(
        language=spoken,
        who=who,
        where=Where() if who.function == "private" else read_where(facts, spoken),
        offer=read_offer(facts, spoken),
        hints=hints_in([(name, facts[name]) for name in _TOLD if name in facts], spoken),
        technologies=_technologies(facts),
        seed="\x1f".join(text for _, text in sorted(facts.items())),
    )


def draft_language(facts: Given) -> str:
    """Russian when the company writes Russian or the texts are mostly Russian, else English."""
    if is_russian(facts.get("company language", "")):
        return "ru"
    text = " ".join(text for name, text in facts.items() if name != "company language")
    return "ru" if language_of(text) == "ru" else "en"


def _technologies(facts: Given) -> tuple[str, ...]:
    parts = (part.strip() for part in facts.get(_TECHNOLOGIES, "").split(","))
    return tuple(part for part in parts if 1 < len(part) <= 30)[:2]
