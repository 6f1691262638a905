"""A version of the rules in plain words."""

from __future__ import annotations

from decimal import Decimal

from webapp.archetypes.facts import Archetype
from webapp.archetypes.rules.ruleset import Group, Rules


def sentences(rules: Rules, currency: str) -> tuple[str, ...]:
    """What the version does, a sentence for each part."""
    return (_prices(rules), _urgency(rules), _ways(rules, currency), _finding(rules), _measured(rules))


def percent(share: Decimal | float) -> str:
    """A share as people write it."""
    return f"{format((Decimal(str(share)) * 100).normalize(), 'f')} %"


def _prices(rules: Rules) -> str:
    told = [f"{one.label.lower()} {percent(rules.pricing.multiplier(one))}" for one in Archetype]
    return f"A buyout costs so much of the base price: {', '.join(told)}."


def _urgency(rules: Rules) -> str:
    soon = rules.urgency
    steps = [
        f"×{_plain(soon.critical)} up to {soon.critical_to} days before check-in",
        f"×{_plain(soon.high)} up to {soon.high_to}",
        f"×{_plain(soon.medium)} up to {soon.medium_to}",
        f"×{_plain(soon.low)} before that",
    ]
    return f"Urgency multiplies buyouts and crashes: {', '.join(steps)}."


def _ways(rules: Rules, currency: str) -> str:
    cost = rules.pricing
    rounding = "whole units" if cost.whole_units else "the currency’s decimals"
    return (
        f"A crash costs {percent(cost.crash_share)} of the base price, a swap the nights’ difference and "
        f"{_plain(cost.swap_fee)} {currency}; the platform takes {percent(cost.platform_fee)}. "
        f"Prices are rounded to {rounding}."
    )


def _finding(rules: Rules) -> str:
    found = rules.detection
    weights = {one: getattr(found.weights, one.value) for one in Group}
    told = ", ".join(f"{one.label.lower()} {percent(weight)}" for one, weight in weights.items())
    return (
        f"Archetypes are found in the last {found.look_back_days} days of history ({told}); "
        f"with fewer than {found.new_below} transactions a member is new."
    )


def _measured(rules: Rules) -> str:
    return f"{percent(rules.held_out)} of the members are held out, so that uplift is measured."


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
