"""Urgency: from the days until check-in to a level, a multiplier, a sentence and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from webapp.archetypes.rules.ruleset import Level, Urgency

ACTIONS = {
    Level.CRITICAL: "Decide now: few others can still say yes.",
    Level.HIGH: "Decide today, before the price rises again.",
    Level.MEDIUM: "Decide this week.",
    Level.LOW: "There is time: a swap may be found.",
}


class PastDate(ValueError):
    """The night has begun already."""


@dataclass(frozen=True)
class HowSoon:
    """A night's urgency. `warn` says whether the member should be warned."""

    level: Level
    multiplier: Decimal
    days: int
    message: str
    warn: bool
    action: str


def days_between(today: date, checkin: date) -> int:
    """Whole days from today to the check-in, both in the company's time zone. Raises PastDate."""
    days = (checkin - today).days
    if days < 0:
        raise PastDate(f"The check-in date {checkin.isoformat()} is past.")
    return days


def urgency_of(days: int, rules: Urgency) -> HowSoon:
    """The urgency so many days before check-in. Raises PastDate for a negative number."""
    if days < 0:
        raise PastDate("The check-in date is past.")
    level = _level(days, rules)
    return HowSoon(
        level=level,
        multiplier=getattr(rules, level.value),
        days=days,
        message=_message(days),
        warn=level in {Level.CRITICAL, Level.HIGH},
        action=ACTIONS[level],
    )


def _level(days: int, rules: Urgency) -> Level:
    if days <= rules.critical_to:
        return Level.CRITICAL
    if days <= rules.high_to:
        return Level.HIGH
    return Level.MEDIUM if days <= rules.medium_to else Level.LOW


def _message(days: int) -> str:
    if days < 2:
        return "Check-in is tomorrow" if days else "Check-in is today"
    return f"Check-in in {days} days"
