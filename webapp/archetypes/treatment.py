"""Archetypes as something that experiments hold back, and what they count of members."""

from __future__ import annotations

from webapp.archetypes.facts import Selected
from webapp.archetypes.models import Recommendation
from webapp.core.money import Money
from webapp.core.trials import Deed, Measure, Treatment

ARCHETYPE_DEFAULTS = "archetype_defaults"
TAKEN, FOLLOWED = "recommendation_taken", "recommendation_followed"
TREATMENTS = (
    Treatment(
        ARCHETYPE_DEFAULTS,
        "Defaults by archetype",
        "the option, order and prices of an average user, as for held-out members",
        (
            Measure("followed", "Took what was recommended", "proportion", FOLLOWED),
            Measure("taken", "Took any of the ways", "proportion", TAKEN),
        ),
    ),
)


def deeds_of(row: Recommendation) -> list[Deed]:
    """What the member did with a recommendation, as experiments count it."""
    if row.decided_at is None or row.selected is None or row.selected is Selected.NONE:
        return []
    revenue = None if row.revenue_minor is None else float(Money(row.revenue_minor, row.currency).amount)
    kinds = [TAKEN, FOLLOWED] if row.selected.value == row.recommended.value else [TAKEN]
    return [Deed(row.person_id, kind, revenue, row.decided_at, f"recommendation:{row.id}") for kind in kinds]
