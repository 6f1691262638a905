"""What audiences of offers and blocks can ask, and texts with variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

FACTS = ("archetype", "lifecycle", "category", "locale", "segment")
VARIABLES = ("name", "first_name", "category", "product", "lifecycle", "company", "city")
WRITTEN = re.compile(r"\{\{\s*([a-z_]{1,40})\s*\}\}")


def unknown_variables(text: str) -> list[str]:
    """The variables of a text that nothing can fill, each once, in their order."""
    return [name for name in dict.fromkeys(WRITTEN.findall(text)) if name not in VARIABLES]


@dataclass(frozen=True)
class Written:
    """A text for one customer, the variables that fell back, and those that nothing could fill."""

    text: str
    fell_back: tuple[str, ...]
    missing: tuple[str, ...]


def written(text: str, known: Mapping[str, str], fallbacks: Mapping[str, str]) -> Written:
    """Fill the variables in: what is known, else the fallback, else nothing."""
    fell_back: list[str] = []
    missing: list[str] = []

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        if known.get(name):
            return known[name]
        (fell_back if fallbacks.get(name) else missing).append(name)
        return fallbacks.get(name, "")

    return Written(WRITTEN.sub(filled, text), tuple(fell_back), tuple(missing))
