"""Dynamic prices: rules that move a base price, within a floor, a ceiling, a daily change and a rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

# What a rule may ask about. Nothing that the law protects, nor what stands for it, can be named.
Fact = Literal["category", "lifecycle", "archetype", "demand", "loyalty", "stock"]
Share = Annotated[Decimal, Field(ge=Decimal("0.05"), le=Decimal(5), max_digits=8)]
LOW_STOCK = 5  # as many left, or fewer, are few
LATELY_DAYS, BEFORE_WEEKS = 7, 8
LEAST_FOR_DEMAND = 10  # events in both spans together
BASE_PRICE = "the base price"
DAILY, FLOOR, CEILING = "the daily change", "the floor", "the ceiling"  # what can hold a price


class Rule(BaseModel):
    """If the fact is one of these words, the price is multiplied so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fact: Fact
    words: Annotated[list[str], Field(min_length=1, max_length=50)]
    multiplier: Share
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class Prices(BaseModel):
    """One version of the rules. Shares are of the base price; rounding is in major units of the currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: Annotated[list[Rule], Field(max_length=100)] = []
    floor: Share = Decimal("0.8")
    ceiling: Share = Decimal("1.2")
    daily_change: Annotated[Decimal, Field(ge=0, le=1)] = Decimal("0.1")
    rounding: Annotated[Decimal, Field(gt=0, le=1000)] = Decimal("0.01")
    valid_hours: Annotated[int, Field(ge=1, le=720)] = 24

    @model_validator(mode="after")
    def _in_order(self) -> Prices:
        if self.floor > self.ceiling:
            raise ValueError("the floor lies above the ceiling")
        if not self.floor <= 1 <= self.ceiling:
            raise ValueError("the base price itself lies outside floor and ceiling")
        return self

    @property
    def facts(self) -> frozenset[str]:
        """The facts that the rules ask about; no other need be read."""
        return frozenset(rule.fact for rule in self.rules)


@dataclass(frozen=True)
class Priced:
    """A price in major units with the reasons in their order; `held` says which bound held it, if any."""

    price: Decimal
    reasons: tuple[str, ...]
    held: tuple[str, ...]


def price(
    base: Decimal, facts: Mapping[str, str], rules: Prices, earlier: Sequence[Decimal], unit: Decimal
) -> Priced:
    """Price one item for one customer: rules first, then the daily change, then floor and ceiling, rounded.

    `earlier` is what this customer was told within a day, or else last; `unit` is the currency's smallest.
    The price is within the daily change of each of them, unless floor or ceiling forbid it. It is rounded
    to whole units, inwards where rounding would leave the bounds.
    """
    moved, reasons, held = base, list[str](), list[str]()
    for rule in rules.rules:
        if facts.get(rule.fact) in rule.words:
            moved *= rule.multiplier
            reasons.append(rule.reason)
    low, high = base * rules.floor, base * rules.ceiling
    if earlier:
        ends = max(earlier) * (1 - rules.daily_change), min(earlier) * (1 + rules.daily_change)
        least, most = sorted(ends)
        moved = _within(moved, least, most, (DAILY, DAILY), held)
        low, high = max(low, min(least, high)), min(high, max(most, low))
    moved = _within(moved, low, high, (FLOOR, CEILING), held)
    step = (rules.rounding / unit).to_integral_value(ROUND_CEILING) * unit
    return Priced(_rounded(moved, low, high, step, unit), tuple(reasons), tuple(held))


def _within(value: Decimal, low: Decimal, high: Decimal, names: tuple[str, str], held: list[str]) -> Decimal:
    inside = min(max(value, low), high)
    if inside != value:
        held.append(names[inside < value])
    return inside


def _rounded(value: Decimal, low: Decimal, high: Decimal, step: Decimal, unit: Decimal) -> Decimal:
    for size in (step, unit):
        near = (value / size).quantize(Decimal(1), ROUND_HALF_UP) * size
        for one in (near, near - size, near + size):
            if low <= one <= high:
                return one
    return value.quantize(unit, ROUND_HALF_UP)


def lines(priced: Priced) -> list[str]:
    """Why the price is what it is, for people: the reasons, and what held it."""
    held = [f"held by {' and '.join(priced.held)}"] if priced.held else []
    return [*(priced.reasons or (BASE_PRICE,)), *held]


def told(reasons: Sequence[str]) -> str:
    """The same as one sentence."""
    return "; ".join(one.rstrip(". ") for one in reasons) + "."


def demand(lately: int, before: int) -> str:
    """How an item is asked for: high, normal or low, by its events of a week and of the eight weeks before.

    More than chance: given both, the week's count is binomial with a share of one ninth when nothing
    changed; it differs by more than two standard deviations. Fewer than ten events say nothing.
    """
    count, share = lately + before, 1 / (1 + BEFORE_WEEKS)
    apart = lately - count * share
    if count < LEAST_FOR_DEMAND or abs(apart) <= 2 * (count * share * (1 - share)) ** 0.5:
        return "normal"
    return "high" if apart > 0 else "low"


def stock(left: object) -> str:
    """How much is left, low or normal; empty when the item does not say a number."""
    try:
        number = Decimal(str(left).strip())
    except InvalidOperation:
        return ""
    if not number.is_finite():
        return ""
    return "low" if number <= LOW_STOCK else "normal"
