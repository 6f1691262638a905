"""Dynamic prices: rules that move a base price, within a floor, a ceiling, a daily change and a rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

# What a rule may ask about. Nothing that the law protects, nor what stands for it, can be named.
Fact = Literal["category", "lifecycle", "archetype", "demand", "loyalty", "stock"]
Share = Annotated[Decimal, Field(ge=Decimal("0.05"), le=Decimal(5), max_digits=8)]


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
        return self


@dataclass(frozen=True)
class Priced:
    """A price in major units with the reasons in their order; `held` says which bound held it, if any."""

    price: Decimal
    reasons: tuple[str, ...]
    held: tuple[str, ...]


def price(
    base: Decimal, facts: dict[str, str], rules: Prices, yesterday: Decimal | None, unit: Decimal
) -> Priced:
    """Price one item for one customer: rules first, then the daily change, then floor and ceiling, rounded.

    `yesterday` is what this customer was told a day ago, None for nothing; `unit` is the currency's smallest.
    The rounded price lies within floor and ceiling: rounding goes inwards where it would leave them.
    """
    moved, reasons, held = base, list[str](), list[str]()
    for rule in rules.rules:
        if facts.get(rule.fact) in rule.words:
            moved *= rule.multiplier
            reasons.append(rule.reason)
    low, high = base * rules.floor, base * rules.ceiling
    if yesterday is not None:
        least, most = yesterday * (1 - rules.daily_change), yesterday * (1 + rules.daily_change)
        moved = _within(moved, least, most, "daily change", held)
        low, high = max(low, min(least, high)), min(high, max(most, low))
    moved = _within(moved, low, high, "floor and ceiling", held)
    return Priced(_rounded(moved, low, high, max(rules.rounding, unit), unit), tuple(reasons), tuple(held))


def _within(value: Decimal, low: Decimal, high: Decimal, name: str, held: list[str]) -> Decimal:
    inside = min(max(value, low), high)
    if inside != value:
        held.append(name)
    return inside


def _rounded(value: Decimal, low: Decimal, high: Decimal, step: Decimal, unit: Decimal) -> Decimal:
    for size in (step, unit):
        near = (value / size).quantize(Decimal(1), ROUND_HALF_UP) * size
        for one in (near, near - size, near + size):
            if low <= one <= high:
                return one
    return value.quantize(unit, ROUND_HALF_UP)


def told(reasons: Sequence[str], held: Sequence[str]) -> str:
    """The reasons as one sentence."""
    why = "; ".join(reasons) or "the base price"
    return f"{why}, held by {' and '.join(held)}." if held else f"{why}."
