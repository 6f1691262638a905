"""How an experiment is laid out: its variants, what it counts, whom it is for; and what cannot be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from webapp.experiments.facts import MetricKind, Role
from webapp.experiments.rules.hashing import SLACK, Namespace
from webapp.experiments.rules.planning import Plan, plan

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
EVENT = re.compile(r"[a-z_]{1,40}")
MOST_VARIANTS, MOST_METRICS, MOST_WORDS = 10, 20, 50
LONGEST_NAME, LONGEST_SEED, LONGEST_TEXT, LONGEST_WORD = 200, 200, 4_000, 100
MOST_SAMPLE, MOST_WEIGHT = 100_000_000, 1_000_000
NO_DECISION = "none"
FACTS = ("archetype", "lifecycle", "category", "locale", "segment")
KEY_RULE = "Use letters, digits, dots, dashes and underscores, 100 at most, such as checkout-button."


@dataclass(frozen=True)
class Variant:
    """What some users get: its key on the wire, its name, and the share of users who get it."""

    key: str
    name: str
    weight: float


@dataclass(frozen=True)
class Counted:
    """A metric as it is laid out; with `event_kind`, deeds of this kind count by themselves."""

    key: str
    name: str
    kind: MetricKind = MetricKind.PROPORTION
    role: Role = Role.SECONDARY
    higher_is_better: bool = True
    event_kind: str = ""


@dataclass(frozen=True)
class Design:
    """All that people decide of an experiment before it is started. The first variant is the control.

    `minimum_effect`, `alpha` and `power` are parts of one; `baseline`, `deviation` (of the metric that
    decides) and `a_day` (users) are what the plan is made with, where they are known.
    """

    key: str
    name: str
    variants: tuple[Variant, ...]
    metrics: tuple[Counted, ...]
    hypothesis: str = ""
    seed: str = ""
    coverage: float = 1.0
    namespace: Namespace | None = None
    audience: Mapping[str, Sequence[str]] = field(default_factory=dict)
    treatment: str = ""
    minimum_sample: int = 1_000
    minimum_effect: float = 0.05
    baseline: float | None = None
    deviation: float | None = None
    a_day: float | None = None
    alpha: float = 0.05
    power: float = 0.8

    @property
    def primary(self) -> Counted | None:
        """The metric that decides."""
        return next((one for one in self.metrics if one.role is Role.PRIMARY), None)

    @property
    def plan(self) -> Plan | None:
        """The users it needs; None while the baseline is not known. Raises ValueError with a sentence."""
        if self.primary is None or self.baseline is None:
            return None
        taking_part = None if self.a_day is None else self.a_day * self.coverage
        return plan(
            self.primary.kind,
            self.baseline,
            self.deviation,
            self.minimum_effect,
            alpha=self.alpha,
            power=self.power,
            weights=[one.weight for one in self.variants],
            a_day=taking_part,
        )


def settled(design: Design) -> Design:
    """The same with what was left open: names, the seed, the metric that decides, weights that add up to 1.

    Weights that add up to one within 1 % stay as they are, as GrowthBook’s SDKs have them; others are taken
    as proportions.
    """
    total = sum(one.weight for one in design.variants)
    fits = not isfinite(total) or total <= 0 or 1 - SLACK <= total <= 1 + SLACK
    variants = tuple(
        replace(one, name=one.name or one.key, weight=one.weight if fits else one.weight / total)
        for one in design.variants
    )
    metrics = tuple(replace(one, name=one.name or one.key) for one in design.metrics)
    if metrics and design.primary is None:
        first = next((n for n, one in enumerate(metrics) if one.role is not Role.GUARD_RAIL), None)
        metrics = tuple(
            replace(one, role=Role.PRIMARY) if place == first else one for place, one in enumerate(metrics)
        )
    return replace(
        design,
        name=design.name or design.key,
        seed=design.seed or design.key,
        variants=variants,
        metrics=metrics,
    )


def problems(design: Design) -> dict[str, str]:
    """What cannot be, by the wire's names; empty when it can all be."""
    found = {
        "key": "" if KEY.fullmatch(design.key) else KEY_RULE,
        "name": _longer(design.name, LONGEST_NAME),
        "hypothesis": _longer(design.hypothesis, LONGEST_TEXT),
        "seed": _longer(design.seed, LONGEST_SEED),
        "variants": _of_variants(design.variants),
        "metrics": _of_metrics(design.metrics),
        "coverage": "" if 0 < design.coverage <= 1 else "The coverage is above 0 and at most 1 (100 %).",
        "namespace": _of_namespace(design.namespace),
        "audience": _of_audience(design.audience),
        "minimum_sample": _between(design.minimum_sample, 1, MOST_SAMPLE),
        "minimum_effect": ""
        if 0 < design.minimum_effect <= 10
        else "The smallest effect that matters is above 0 % and up to 1,000 %.",
        "alpha": "" if 0.0001 <= design.alpha <= 0.2 else "Choose from 0.0001 to 0.2.",
        "power": "" if 0.5 <= design.power <= 0.99 else "Choose from 0.5 to 0.99.",
        "a_day": "" if design.a_day is None or 0 < design.a_day <= 1e9 else "Say how many users a day.",
    }
    found = {name: why for name, why in found.items() if why}
    return found or _of_plan(design)


def _of_plan(design: Design) -> dict[str, str]:
    try:
        assert design.plan is None or design.plan.total
    except ValueError as error:
        where = "deviation" if "deviation" in str(error) else "baseline"
        return {where: str(error)}
    return {}


def _of_variants(variants: Sequence[Variant]) -> str:
    if not 2 <= len(variants) <= MOST_VARIANTS:
        return f"Name 2 to {MOST_VARIANTS} variants, the control first."
    if any(not KEY.fullmatch(one.key) for one in variants):
        return f"A variant needs a key. {KEY_RULE}"
    if len({one.key for one in variants}) < len(variants):
        return "Two variants have the same key."
    if any(one.key == NO_DECISION for one in variants):
        return f"“{NO_DECISION}” is what stands for no decision: give the variant another key."
    if any(not 0 < one.weight <= MOST_WEIGHT for one in variants):
        return f"Every variant needs a weight above zero, and at most {MOST_WEIGHT:,}."
    return next((why for one in variants if (why := _longer(one.name, LONGEST_NAME))), "")


def _of_metrics(metrics: Sequence[Counted]) -> str:
    if not 1 <= len(metrics) <= MOST_METRICS:
        return f"Name 1 to {MOST_METRICS} metrics; one of them decides."
    if any(not KEY.fullmatch(one.key) for one in metrics):
        return f"A metric needs a key. {KEY_RULE}"
    if len({one.key for one in metrics}) < len(metrics):
        return "Two metrics have the same key."
    if sum(one.role is Role.PRIMARY for one in metrics) != 1:
        return "One metric decides, and only one: make it the primary one."
    if any(one.event_kind and not EVENT.fullmatch(one.event_kind) for one in metrics):
        return "Write the kind of event in small letters and underscores, like purchase."
    return next((why for one in metrics if (why := _longer(one.name, LONGEST_NAME))), "")


def _of_namespace(part: Namespace | None) -> str:
    if part is None:
        return ""
    if not KEY.fullmatch(part.id):
        return f"A namespace needs an id. {KEY_RULE}"
    return "" if 0 <= part.begin < part.end <= 1 else "A part begins at 0 or later and ends after that, at 1."


def _of_audience(audience: Mapping[str, Sequence[str]]) -> str:
    unknown = [fact for fact in audience if fact not in FACTS]
    if unknown:
        return f"“{unknown[0][:50]}” is none of {', '.join(FACTS)}."
    for words in audience.values():
        if len(words) > MOST_WORDS or any(not 1 <= len(word) <= LONGEST_WORD for word in words):
            return f"Write at most {MOST_WORDS} words of at most {LONGEST_WORD} characters."
    return ""


def _longer(text: str, most: int) -> str:
    if "\0" in text:
        return "This holds a sign that cannot be stored (NUL). Remove it."
    return f"Keep this under {most:,} characters." if len(text) > most else ""


def _between(number: int, least: int, most: int) -> str:
    return "" if least <= number <= most else f"Choose from {least:,} to {most:,}."


def document(design: Design) -> dict[str, Any]:
    """The design as columns of an experiment, without its metrics."""
    part = design.namespace
    return {
        "key": design.key,
        "name": design.name,
        "hypothesis": design.hypothesis,
        "seed": design.seed,
        "variants": [{"key": one.key, "name": one.name, "weight": one.weight} for one in design.variants],
        "coverage": design.coverage,
        "namespace": {"id": part.id, "begin": part.begin, "end": part.end} if part else {},
        "audience": {fact: list(words) for fact, words in design.audience.items() if words},
        "treatment": design.treatment,
        "minimum_sample": design.minimum_sample,
        "minimum_effect": design.minimum_effect,
        "baseline": design.baseline,
        "deviation": design.deviation,
        "a_day": design.a_day,
        "alpha": design.alpha,
        "power": design.power,
    }
