"""Selection: which way is the default, the first rule that matches, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.archetypes.facts import Archetype, Way
from webapp.archetypes.rules.ruleset import Selection

NEW_MEMBER = 7


@dataclass(frozen=True)
class Chosen:
    """The default and the number of the rule that chose it."""

    way: Way
    rule: int


@dataclass(frozen=True)
class Flip:
    """A condition in words under which the default would be another."""

    when: str
    way: Way

    def __str__(self) -> str:
        return f"{self.when}: {self.way.value}"


def rule_of(archetype: Archetype, days: int, rules: Selection, *, new_member: bool = False) -> int:
    """The number of the first rule that matches; a new member without an override is rule 7."""
    if new_member:
        return NEW_MEMBER
    if archetype is Archetype.BIG_SPENDER:
        return 1 if days <= rules.big_spender_to else 6
    if archetype is Archetype.HIGH_FLEXIBILITY:
        return 2
    if days >= rules.average_late_from:
        return 3
    return 4 if days >= rules.average_from else 5


def choose(archetype: Archetype, days: int, rules: Selection, *, new_member: bool = False) -> Chosen:
    """The default way for this archetype so many days before check-in."""
    rule = rule_of(archetype, days, rules, new_member=new_member)
    return Chosen(rules.defaults[rule], rule)


def flips(archetype: Archetype, days: int, rules: Selection, *, new_member: bool = False) -> tuple[Flip, ...]:
    """The nearest days, and the archetypes, that would give another default."""
    now = choose(archetype, days, rules, new_member=new_member).way
    found = [*_by_days(archetype, days, rules, now, new_member=new_member)]
    if new_member:
        found += _as_others(set(Archetype), days, rules, now, "Once known as")
    else:
        found += _as_others(set(Archetype) - {archetype}, days, rules, now, "As")
    return tuple(found)


def _by_days(archetype: Archetype, days: int, rules: Selection, now: Way, *, new_member: bool) -> list[Flip]:
    def first(at: list[int], words: str) -> list[Flip]:
        ways = ((day, choose(archetype, day, rules, new_member=new_member).way) for day in at)
        return next(([Flip(words.format(day), way)] for day, way in ways if way is not now), [])

    borders = sorted({rules.average_from, rules.average_late_from, rules.big_spender_to + 1})
    later = [day for day in borders if day > days]
    sooner = [day - 1 for day in reversed(borders) if 0 < day <= days]
    return [*first(later, "From {} days on"), *first(sooner, "With {} days or fewer left")]


def _as_others(archetypes: set[Archetype], days: int, rules: Selection, now: Way, word: str) -> list[Flip]:
    others = ((one, choose(one, days, rules).way) for one in Archetype if one in archetypes)
    return [Flip(f"{word} {one.label.lower()}", way) for one, way in others if way is not now]
