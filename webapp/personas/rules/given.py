"""Lists the facts of a brief by name, cleaned, so that each can be told as used or unused."""

import re

from webapp.personas.facts import Brief, Facts
from webapp.personas.rules.identity import identity_of
from webapp.personas.rules.text import clean

Given = dict[str, str]

LONGEST = 6_000  # characters of one fact that are read; what follows adds nothing to eleven short fields

_NAMES = {"email": "e-mail"}
_LABEL = re.compile(r"([^\W\d][\w /&-]{1,38}):\s+(?=\S)")


def given(brief: Brief) -> Given:
    """The facts to draft from: name to text, without identity, markup and empty ones, in a stable order."""
    identity = identity_of(brief.person)
    texts = {
        name: identity.hidden(text[:LONGEST]) if name != "product name" else " ".join(clean(text).split())
        for name, text in named(brief).items()
    }
    return {name: text for name, text in texts.items() if text and name not in IDENTITY}


IDENTITY = frozenset({"contact name", "contact e-mail", "contact company", "company name"})


def named(brief: Brief) -> Given:
    """Every fact that was given, as it was given, by name ("contact title", "product price note")."""
    facts = {**_fields("company", brief.company), **_fields("product", brief.product)}
    if brief.person is not None:
        facts |= _fields("contact", brief.person)
        facts |= _further(brief.person.facts)
    if brief.description and brief.description.strip():
        facts["description"] = brief.description
    return facts


def _fields(group: str, values: Facts) -> Given:
    found = {name: getattr(values, name) for name in type(values).model_fields}
    return {
        f"{group} {_NAMES.get(name, name.replace('_', ' '))}": text
        for name, text in found.items()
        if isinstance(text, str) and text.strip()
    }


def _further(facts: tuple[str, ...]) -> Given:
    """Single facts go by the label before their colon, the others by number."""
    found: Given = {}
    for number, fact in enumerate(facts, start=1):
        label = _LABEL.match(fact)
        name = f"contact {label[1].strip().casefold()}" if label else f"contact fact {number}"
        if label and name in {*found, *_RESERVED}:
            name = f"contact fact {number}"
        if fact.strip():
            found[name] = fact[label.end() :] if label else fact
    return found


_RESERVED = frozenset(
    f"contact {name}"
    for name in (
        "name",
        "e-mail",
        "email",
        "title",
        "seniority",
        "department",
        "company",
        "industry",
        "headcount",
        "revenue",
        "location",
        "notes",
        "headline",
        "facts",
    )
)
