"""What each way costs, to the unit the rules round to: decimals in, decimals out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from webapp.archetypes.facts import Archetype, Way
from webapp.archetypes.rules.ruleset import Rules
from webapp.archetypes.rules.urgency import HowSoon
from webapp.core.money import rounded, said, step_of


@dataclass(frozen=True)
class Night:
    """What is asked for: its price in major units, its currency, the market's demand when it is known.

    `home` is the company's own currency, in which the flat fee of a swap is named.
    """

    base: Decimal
    currency: str
    home: str
    demand: Decimal | None = None
    swap_base: Decimal | None = None  # of the night that is given in exchange


@dataclass(frozen=True)
class Price:
    """A way's price, the platform's fee and their sum, with how they came about in words."""

    price: Decimal
    fee: Decimal
    words: tuple[str, ...]

    @property
    def total(self) -> Decimal:
        """What the member pays."""
        return self.price + self.fee


def price(way: Way, night: Night, archetype: Archetype, soon: HowSoon, rules: Rules) -> Price:
    """The price of one way. Halves are rounded up, the price first, then the fee on the rounded price."""
    if way is Way.SWAP:
        return _swap(night, rules)
    return _buyout(night, archetype, soon, rules) if way is Way.BUYOUT else _crash(night, soon, rules)


def _buyout(night: Night, archetype: Archetype, soon: HowSoon, rules: Rules) -> Price:
    factors = [
        (rules.pricing.multiplier(archetype), archetype.label.lower()),
        (soon.multiplier, f"{soon.level.value} urgency"),
    ]
    if night.demand is not None:
        factors.append((night.demand, "market demand"))
    return _multiplied(night, factors, rules)


def _crash(night: Night, soon: HowSoon, rules: Rules) -> Price:
    share, level = rules.pricing.crash_share, f"{soon.level.value} urgency"
    return _multiplied(night, [(share, "share of a crash"), (soon.multiplier, level)], rules)


def _multiplied(night: Night, factors: list[tuple[Decimal, str]], rules: Rules) -> Price:
    exact = night.base
    for factor, _ in factors:
        exact *= factor
    step = step_of(night.currency, whole=rules.pricing.whole_units)
    amount = rounded(exact, step)
    fee = rounded(amount * rules.pricing.platform_fee, step)
    told = " × ".join(f"{_plain(factor)} ({why})" for factor, why in factors)
    return Price(
        amount,
        fee,
        (
            f"{said(night.base, night.currency)} base price × {told} = {said(amount, night.currency)}",
            f"Platform fee of {_plain(rules.pricing.platform_fee * 100)} %: {said(fee, night.currency)}",
        ),
    )


def _swap(night: Night, rules: Rules) -> Price:
    step = step_of(night.currency, whole=rules.pricing.whole_units)
    dearer = max(night.base - night.swap_base, Decimal(0)) if night.swap_base is not None else Decimal(0)
    amount, (fee, named) = rounded(dearer, step), _swap_fee(night, step, rules)
    if night.swap_base is None:
        why = "No night was named to give in exchange; the difference in price counts as nothing"
    elif dearer:
        why = f"The night costs {said(amount, night.currency)} more than the one given"
    else:
        why = "The night given is worth as much or more, so there is no difference to pay"
    return Price(amount, fee, (why, f"{named}: {said(fee, night.currency)}"))


def _swap_fee(night: Night, step: Decimal, rules: Rules) -> tuple[Decimal, str]:
    """The flat fee; where the night is priced in another currency, the platform's share of its base price."""
    if night.currency == night.home:
        return rounded(rules.pricing.swap_fee, step), "Flat fee of a swap"
    share = rules.pricing.platform_fee
    told = f"Platform fee of {_plain(share * 100)} % of the base price, being in another currency"
    return rounded(night.base * share, step), told


def _plain(factor: Decimal) -> str:
    return format(factor.normalize(), "f")
