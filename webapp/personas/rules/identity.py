"""Takes the real person out of what was given, before anything is drafted from it."""

import re
from dataclasses import dataclass

from webapp.personas.facts import PersonFacts
from webapp.personas.rules.text import clean

_LEGAL = re.compile(
    r"[\s,]+(?:gmbh(?: & co\.? kg)?|ag|kg|ltd\.?|limited|inc\.?|llc|plc|"
    r"s\.?a\.?|s\.?r\.?l\.?|b\.?v\.?|oy|ab|corp\.?)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Identity:
    """What would tell who somebody is: whole names to drop wherever they stand, and the words of a name."""

    wholes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def hidden(self, text: str) -> str:
        """The text, cleaned, without the person's name, mail address and employer."""
        plain = clean(text)
        for whole in self.wholes:
            plain = _without(whole, plain, re.IGNORECASE)
        for name in self.names:  # as written only: "Will" is a name, "will" is not
            plain = _without(name, plain, 0)
        lines = (re.sub(r"\s+([,.;:!?])", r"\1", " ".join(line.split())) for line in plain.split("\n"))
        return "\n".join(line for line in lines if re.search(r"\w", line))

    def shows_in(self, text: str) -> bool:
        """Whether a text would still tell who it is."""
        folded = text.casefold()
        if any(_found(whole.casefold(), folded) for whole in self.wholes):
            return True
        return any(_found(name, text) for name in self.names)


def identity_of(person: PersonFacts | None) -> Identity:
    """The identity of a contact; an empty one where there is no contact."""
    if person is None:
        return Identity()
    name, company = clean(person.name or ""), clean(person.company or "")
    bare = _LEGAL.sub("", company)
    wholes = {" ".join(text.split()) for text in (name, company, bare, person.email or "")}
    parts = {part for part in re.split(r"[\s,.\u2019']+", name) if len(part) > 2 and part[:1].isupper()}
    kept = {text for text in wholes if len(text) > 1}
    return Identity(tuple(sorted(kept, key=lambda one: (-len(one), one))), tuple(sorted(parts)))


def _without(name: str, text: str, flags: int) -> str:
    return re.sub(rf"(?<!\w){re.escape(name)}(?:'s|\u2019s)?(?!\w)", " ", text, flags=flags)


def _found(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
