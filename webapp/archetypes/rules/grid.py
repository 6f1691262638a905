"""The grid of a version: what is recommended at which price, by kind of member and band of days."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from webapp.archetypes.facts import Archetype, Way
from webapp.archetypes.rules.pricing import Night, price
from webapp.archetypes.rules.ruleset import Level, Rules
from webapp.archetypes.rules.selection import choose
from webapp.archetypes.rules.urgency import urgency_of


@dataclass(frozen=True)
class Band:
    """Days until check-in between which nothing changes; `last` is None for the band without an end."""

    first: int
    last: int | None
    level: Level

    @property
    def label(self) -> str:
        """The days in digits."""
        if self.last is None:
            return f"{self.first}+"
        return str(self.first) if self.first == self.last else f"{self.first}\u2013{self.last}"

    @property
    def words(self) -> str:
        """The days in words."""
        if self.last is None:
            return f"{self.first} days and more"
        return f"{self.label} day" if self.first == self.last == 1 else f"{self.label} days"


@dataclass(frozen=True)
class Offer:
    """What is recommended in a square of the grid; money in major units."""

    way: Way
    rule: int
    price: Decimal
    fee: Decimal

    @property
    def total(self) -> Decimal:
        """What the member pays."""
        return self.price + self.fee


@dataclass(frozen=True)
class GridRow:
    """A kind of member with the offers band by band; None is the new member."""

    archetype: Archetype | None
    offers: tuple[Offer, ...]

    @property
    def label(self) -> str:
        """Call it by its name."""
        return self.archetype.label if self.archetype else "New member"


def bands(rules: Rules) -> tuple[Band, ...]:
    """The bands between all days at which a level of urgency or a rule begins."""
    soon, chosen = rules.urgency, rules.selection
    begins = {
        0,
        soon.critical_to + 1,
        soon.high_to + 1,
        soon.medium_to + 1,
        chosen.big_spender_to + 1,
        chosen.average_from,
        chosen.average_late_from,
    }
    ends = [*((a, b - 1) for a, b in pairwise(sorted(begins))), (max(begins), None)]
    return tuple(Band(first, last, urgency_of(first, soon).level) for first, last in ends)


def grid(rules: Rules, base: Decimal, currency: str) -> tuple[GridRow, ...]:
    """The offers for a night of this base price, without market demand and without a night in exchange."""
    days = [band.first for band in bands(rules)]
    return tuple(
        GridRow(archetype, tuple(offer(rules, archetype, day, base, currency) for day in days))
        for archetype in (*Archetype, None)
    )


def offer(rules: Rules, archetype: Archetype | None, days: int, base: Decimal, currency: str) -> Offer:
    """What a member of this archetype, or a new one, is recommended so many days before check-in."""
    priced_as = archetype or Archetype.AVERAGE_USER
    chosen = choose(priced_as, days, rules.selection, new_member=archetype is None)
    soon = urgency_of(days, rules.urgency)
    cost = price(chosen.way, Night(base, currency, currency), priced_as, soon, rules)
    return Offer(chosen.way, chosen.rule, cost.price, cost.fee)
