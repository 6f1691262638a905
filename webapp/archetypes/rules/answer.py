"""The answer to "what should this member be offered for this night": a function of inputs and rules alone."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from webapp.archetypes.facts import Archetype, Way
from webapp.archetypes.rules.acceptance import probability
from webapp.archetypes.rules.pricing import Night, Price, price
from webapp.archetypes.rules.ruleset import Exact, Rules, Value
from webapp.archetypes.rules.selection import NEW_MEMBER, Chosen, choose, flips
from webapp.archetypes.rules.urgency import HowSoon, days_between, urgency_of

Counted = dict[str, tuple[int, int]]
FORMAT = 1  # of an answer's bytes: whoever changes a word of it counts on, and keeps the former words


class Inputs(Value):
    """Everything an answer follows from beside the rules; it is stored with the answer.

    `beliefs` are the detected archetype's, `override` is staff's word, `held_out` takes personalization
    away. Prices in major units, `home` is the company's own currency; the counts by way are accepted and
    decided requests.
    """

    format: int = FORMAT
    log_id: str
    user_id: str
    rule_set: int
    today: date
    checkin: date
    base: Exact
    currency: str
    home: str
    demand: Exact | None = None
    swap_base: Exact | None = None
    archetype: Archetype
    confidence: float
    beliefs: dict[Archetype, float]
    override: Archetype | None = None
    new_member: bool = False
    held_out: bool = False
    company: Counted
    made: Counted
    received: Counted | None = None

    @property
    def in_force(self) -> Archetype:
        """The archetype the member has, by override or detected."""
        return self.override or self.archetype

    @property
    def priced_as(self) -> Archetype:
        """The archetype the member is priced as: held-out members as everybody."""
        return Archetype.AVERAGE_USER if self.held_out else self.in_force

    @property
    def unknown(self) -> bool:
        """Whether the rule of new members applies."""
        return self.new_member and self.override is None and not self.held_out


@dataclass(frozen=True)
class Option:
    """One way to get the night, with its price and why."""

    way: Way
    price: Price
    savings: Decimal
    priority: int
    recommended: bool
    confidence: float
    acceptance: float
    reasoning: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """The three options, the best first, and what they follow from."""

    inputs: Inputs
    chosen: Chosen
    soon: HowSoon
    options: tuple[Option, ...]
    flips: tuple[str, ...]

    @property
    def document(self) -> dict[str, Any]:
        """The answer as the API gives it."""
        asked, soon = self.inputs, self.soon
        manual = asked.override is not None
        return {
            "primaryRecommendation": self.chosen.way.value,
            "options": [_option(one) for one in self.options],
            "userArchetype": {
                "type": asked.in_force.value,
                "confidence": 1.0 if manual else asked.confidence,
                "isManualOverride": manual,
                "isNewMember": asked.new_member,
            },
            "urgency": {
                "level": soon.level.value,
                "multiplier": _number(soon.multiplier),
                "daysUntilCheckin": soon.days,
                "message": soon.message,
                "warn": soon.warn,
                "suggestedAction": soon.action,
            },
            "currency": asked.currency,
            "rule": self.chosen.rule,
            "whatWouldFlipIt": list(self.flips),
            "heldOut": asked.held_out,
            "logId": asked.log_id,
            "ruleSetVersion": asked.rule_set,
        }

    @cached_property
    def body(self) -> bytes:
        """The answer's bytes: the same inputs and rules give the same ones."""
        return json.dumps(self.document, ensure_ascii=False, separators=(",", ":")).encode()


def digest_of(body: bytes) -> str:
    """What a log row keeps of an answer's bytes (SHA-256)."""
    return hashlib.sha256(body).hexdigest()


def answer(inputs: Inputs, rules: Rules) -> Answer:
    """Price the three ways and recommend one. Raises PastDate."""
    soon = urgency_of(days_between(inputs.today, inputs.checkin), rules.urgency)
    chosen = choose(inputs.priced_as, soon.days, rules.selection, new_member=inputs.unknown)
    night = Night(inputs.base, inputs.currency, inputs.home, inputs.demand, inputs.swap_base)
    prices = {way: price(way, night, inputs.priced_as, soon, rules) for way in Way}
    confidences = {way: _confidence(way, inputs, soon.days, rules) for way in Way}
    order = sorted(Way, key=lambda way: (way is not chosen.way, -confidences[way], prices[way].total))
    dearest = max(one.total for one in prices.values())
    found = _flips(inputs, chosen, soon.days, rules)
    return Answer(
        inputs,
        chosen,
        soon,
        tuple(
            Option(
                way=way,
                price=prices[way],
                savings=dearest - prices[way].total,
                priority=place,
                recommended=way is chosen.way,
                confidence=confidences[way],
                acceptance=probability(way, inputs.company, inputs.made, inputs.received, rules.acceptance),
                reasoning=(*prices[way].words, *_why(way, inputs, chosen, soon)),
            )
            for place, way in enumerate(order, 1)
        ),
        found,
    )


def _flips(inputs: Inputs, chosen: Chosen, days: int, rules: Rules) -> tuple[str, ...]:
    """What would change the default, in words; archetypes change nothing for whoever is held out."""
    found = flips(inputs.priced_as, days, rules.selection, new_member=inputs.unknown)
    if not inputs.held_out:
        return tuple(map(str, found))
    there = choose(inputs.in_force, days, rules.selection, new_member=inputs.new_member).way
    outside = [f"Outside the hold-out: {there.value}"] if there is not chosen.way else []
    return (*(str(one) for one in found if not one.when.startswith("As ")), *outside)


def default_without_override(inputs: Inputs, rules: Rules) -> Chosen:
    """What the member would have got by default if nobody had overridden the detected archetype."""
    days = days_between(inputs.today, inputs.checkin)
    return choose(inputs.archetype, days, rules.selection, new_member=inputs.new_member)


def _confidence(way: Way, inputs: Inputs, days: int, rules: Rules) -> float:
    """The belief in all archetypes whose rule chooses this way; of a new member's, what no history gives.

    For a held-out member it says what personalization would have believed.
    """
    if inputs.unknown:
        return inputs.confidence if way is rules.selection.defaults[NEW_MEMBER] else 0.0
    beliefs = {inputs.override: 1.0} if inputs.override else inputs.beliefs
    chosen = (belief for one, belief in beliefs.items() if choose(one, days, rules.selection).way is way)
    return round(min(1.0, sum(chosen)), 4)


def _why(way: Way, inputs: Inputs, chosen: Chosen, soon: HowSoon) -> tuple[str, ...]:
    if way is not chosen.way:
        return ()
    days = "1 day" if soon.days == 1 else f"{soon.days} days"
    who = "a new member" if inputs.unknown else inputs.priced_as.label.lower()
    how = {
        inputs.override is not None: ", set by staff",
        inputs.held_out: ", without personalization, to measure what it brings",
    }.get(True, "")
    return (f"Recommended by rule {chosen.rule}: {who}{how}, {days} until check-in",)


def _option(one: Option) -> dict[str, Any]:
    return {
        "type": one.way.value,
        "price": _number(one.price.price),
        "platformFee": _number(one.price.fee),
        "totalCost": _number(one.price.total),
        "savings": _number(one.savings),
        "priority": one.priority,
        "recommended": one.recommended,
        "confidence": one.confidence,
        "acceptanceProbability": one.acceptance,
        "reasoning": list(one.reasoning),
    }


def _number(amount: Decimal) -> int | float:
    """A decimal as JSON writes it: whole where it is whole, else its digits (they survive, being few)."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)
