"""What an event says for an item, before it ages."""

from __future__ import annotations

from webapp.customers.facts import STRENGTHS, Kind

STRENGTH_OF = {kind.value: strength for kind, strength in STRENGTHS.items()}
SAYING = tuple(sorted(STRENGTH_OF))
MIDDLE_RATING = 3.0


def strength_of(kind: str, value: float | None) -> float:
    """The strength of one event: a rating counts by how far it lies from the middle of five."""
    strength = STRENGTH_OF.get(kind, 0.0)
    if kind == Kind.RATING.value:
        return strength * ((MIDDLE_RATING if value is None else value) - MIDDLE_RATING)
    return strength
