"""Why a prediction is what it is: factors that add up to it, and the closed leads most like it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from webapp.leads.facts import Stage, activity_label
from webapp.leads.rules.encoding import label_of
from webapp.leads.rules.logistic import moderated
from webapp.leads.rules.moments import STAGES, Moments
from webapp.leads.rules.odds import expit
from webapp.leads.rules.personal import SOFT, Personal, default_odds, design
from webapp.leads.rules.score import (
    DEFAULT_WEIGHTS,
    MOST_COUNTED,
    PARTS,
    Floats,
    default_probability,
    parts,
    points_of,
)

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(64)
STEPS, STEP_WEIGHTS = (NODES + 1) / 2, NODE_WEIGHTS / 2  # the way from 0 to 1
CASES = 9  # closed leads that a prediction is told beside
FARTHEST_CASES = 500  # the newest closed leads that a version keeps
THREE = 3.0  # occurrences that a multiplier speaks of
LEAST, MOST = 0.1, 5.0  # multipliers


@dataclass(frozen=True)
class Factor:
    """What one input adds to the prediction, in percentage points, below zero where it lowers it."""

    input: str
    label: str
    points: float


@dataclass(frozen=True)
class Explained:
    """A prediction taken apart: `base` and all factors sum to it. All in percentage points."""

    base: float
    base_label: str
    factors: tuple[Factor, ...]

    @property
    def total(self) -> float:
        """The prediction."""
        return self.base + sum(one.points for one in self.factors)


def default_factors(moments: Moments, place: int = 0) -> Explained:
    """The default's four parts, each with its weight; they start from nothing."""
    of_parts = parts(moments.standing)[place]
    labels = {
        "score": "Lead score",
        "activity": label_of("activity"),
        "recency": label_of("recency"),
        "funnel_time": label_of("funnel_time"),
    }
    found = [
        Factor(part, labels[part], 100 * DEFAULT_WEIGHTS[part] * float(value))
        for part, value in zip(PARTS, of_parts, strict=True)
    ]
    return Explained(0.0, "Nothing known", _by_strength(found))


def factors(model: Personal, moments: Moments, place: int = 0) -> Explained:
    """Take one prediction apart by integrated gradients (Sundararajan et al., 2017, ICML), exactly.

    The way goes straight from the person's usual closed lead to this one, through the counts, the parts and
    the columns at once; what the quadrature leaves over goes to the largest factor, what calibration
    changes is a factor of its own.
    """
    way = _Way(model, moments, place)
    amounts = way.amounts()
    base, end = way.probability(0.0), way.probability(1.0)
    left = (end - base) - sum(amounts.values())
    if amounts:
        amounts[max(amounts, key=lambda name: abs(amounts[name]))] += left
    found = [Factor(name, label_of(name), 100 * amount) for name, amount in amounts.items() if amount]
    if model.calibrator is not None:
        moved = float(model.calibrator(np.array([end]))[0]) - end
        found.append(Factor("calibration", "Calibration on your closed leads", 100 * moved))
    return Explained(100 * base, "Your usual lead", _by_strength(found))


def _by_strength(found: list[Factor]) -> tuple[Factor, ...]:
    return tuple(sorted(found, key=lambda one: -abs(one.points)))


class _Way:
    """The straight way from the usual lead to one lead, and the prediction along it."""

    def __init__(self, model: Personal, moments: Moments, place: int) -> None:
        standing, usual = moments.standing, model.usual
        here = dict(zip(standing.kinds, standing.counts[place].tolist(), strict=True))
        self.model = model
        self.kinds = sorted({*here, *usual.counts})
        self.counts0 = np.array([usual.counts.get(kind, 0.0) for kind in self.kinds])
        self.counts1: Floats = np.minimum(
            np.array([here.get(kind, 0.0) for kind in self.kinds]), MOST_COUNTED
        )
        self.points = points_of(self.kinds)
        self.parts0 = np.array([usual.activity, usual.recency, usual.funnel_time])
        self.parts1: Floats = parts(standing)[place][1:]
        self.columns: Floats = design(model.encoder, moments)[place][2:]

    def _at(self, steps: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """At each part of the way: the columns, the default's probability, whether its score still grows."""
        raw = self.counts0 @ self.points + steps * float((self.counts1 - self.counts0) @ self.points)
        rest = self.parts0 + steps[:, None] * (self.parts1 - self.parts0)
        score = np.minimum(raw, 100.0)[:, None] / 100.0
        p = default_probability(np.concatenate([score, rest], axis=1))
        ahead = np.stack([np.ones(len(steps)), default_odds(p)], axis=1)
        return np.concatenate([ahead, steps[:, None] * self.columns], axis=1), p, raw < 100.0

    def probability(self, step: float) -> float:
        """The prediction at this part of the way, before calibration."""
        x, _, _ = self._at(np.array([step]))
        return float(moderated(x @ self.model.posterior.mean, self._variance(x))[0])

    def _variance(self, x: Floats) -> Floats:
        found: Floats = np.maximum(0.0, ((x @ self.model.posterior.covariance) * x).sum(axis=1))
        return found

    def amounts(self) -> dict[str, float]:
        """What each input adds, from 0 to 1, before what is left over."""
        x, p, grows = self._at(STEPS)
        gradient = self._gradient(x)
        soft = SOFT + (1 - 2 * SOFT) * p
        of_default = gradient[:, 1] * (1 - 2 * SOFT) / (soft * (1 - soft)) * STEP_WEIGHTS
        weights = np.array([DEFAULT_WEIGHTS[part] for part in PARTS])
        growing = float(of_default @ grows) * weights[0] / 100.0
        amounts: dict[str, float] = {}
        by_kind = growing * self.points * (self.counts1 - self.counts0)
        for kind, amount in zip(self.kinds, by_kind.tolist(), strict=True):
            _add(amounts, f"kind.{kind}", amount)
        rest = float(of_default.sum()) * weights[1:] * (self.parts1 - self.parts0)
        for part, amount in zip(PARTS[1:], rest.tolist(), strict=True):
            _add(amounts, part, amount)
        own = (STEP_WEIGHTS @ gradient[:, 2:]) * self.columns
        for column, amount in zip(self.model.encoder.columns, own.tolist(), strict=True):
            _add(amounts, column.input, amount)
        return amounts

    def _gradient(self, x: Floats) -> Floats:
        """How the moderated probability moves with each column, (parts of the way, columns)."""
        mean, covariance = self.model.posterior.mean, self.model.posterior.covariance
        eta, root = x @ mean, np.sqrt(1.0 + np.pi * self._variance(x) / 8.0)
        p = expit(eta / root)
        moved = mean / root[:, None] - (eta * np.pi / 8.0 / root**3)[:, None] * (x @ covariance)
        gradient: Floats = (p * (1 - p))[:, None] * moved
        return gradient


def _add(amounts: dict[str, float], name: str, amount: float) -> None:
    amounts[name] = amounts.get(name, 0.0) + amount


def headline_weights(model: Personal, moments: Moments) -> dict[str, float]:
    """The four familiar weights: each group's share of what the log-odds vary by; they sum to 1.

    A group's share is the covariance of its terms with the whole; one that works against the whole counts
    as nothing. Counts by kind and everything that a lead brings with it stand under the score.
    """
    x = design(model.encoder, moments)
    share = moments.weight / moments.weight.sum()
    of_parts = parts(moments.standing)
    p = default_probability(of_parts)
    middle, spread = share @ p, share @ (p - share @ p) ** 2
    slope = share @ ((x[:, 1] - share @ x[:, 1]) * (p - middle)) / spread if spread > 1e-12 else 0.0
    terms = {
        part: model.posterior.mean[1] * slope * DEFAULT_WEIGHTS[part] * of_parts[:, place]
        for place, part in enumerate(PARTS)
    }
    for place, column in enumerate(model.encoder.columns):
        group = column.input if column.input in PARTS else "score"
        terms[group] = terms[group] + model.posterior.mean[place + 2] * x[:, place + 2]
    whole = np.sum(list(terms.values()), axis=0)
    away = whole - share @ whole
    moved = {part: max(0.0, float(share @ ((term - share @ term) * away))) for part, term in terms.items()}
    total = sum(moved.values())
    return {part: moved[part] / total for part in PARTS} if total > 1e-12 else dict(DEFAULT_WEIGHTS)


def multipliers(model: Personal) -> dict[str, float]:
    """By kind: how three occurrences move the odds of winning beyond what the default sees, 0.1 to 5."""
    moved: dict[str, float] = {}
    for column, effect in zip(model.encoder.columns, model.posterior.mean[2:].tolist(), strict=True):
        if column.read in {"kind", "any"}:
            step = np.log1p(THREE) if column.read == "kind" else 1.0
            moved[column.of] = moved.get(column.of, 0.0) + effect * step / column.spread
    return {kind: round(float(np.clip(np.exp(one), LEAST, MOST)), 3) for kind, one in moved.items()}


@dataclass(frozen=True)
class Case:
    """A closed lead beside a prediction: its id, what became of it, how far it is in log-odds."""

    lead: str
    won: bool
    distance: float


def cases_of(model: Personal, moments: Moments, won: Floats, ids: list[str]) -> dict[str, Any]:
    """What a version keeps of the closed leads it learned from: their last moments as it saw them."""
    last = np.flatnonzero(np.append(moments.lead[1:] != moments.lead[:-1], True))[-FARTHEST_CASES:]
    x = design(model.encoder, moments)[last]
    leads = moments.lead[last].tolist()
    return {
        "leads": [ids[lead] for lead in leads],
        "won": [int(won[lead]) for lead in leads],
        "columns": x[:, 1:].round(3).tolist(),
    }


def similar(model: Personal, cases: Mapping[str, Any], moments: Moments, place: int = 0) -> list[Case]:
    """The nine closed leads that the model finds closest: distance in what each column moves the log-odds."""
    if not cases["leads"]:
        return []
    here = design(model.encoder, moments)[place][1:]
    away = (np.array(cases["columns"], float) - here) * model.posterior.mean[1:]
    distance = np.sqrt((away**2).sum(axis=1))
    nearest = np.argsort(distance, kind="stable")[:CASES].tolist()
    return [Case(cases["leads"][one], bool(cases["won"][one]), float(distance[one])) for one in nearest]


def in_words(cases: list[Case], *, own: bool) -> str:
    """One plain sentence about the closed leads most like this one."""
    if not own:
        return "The default rule: no model of yours is in force yet."
    won = sum(one.won for one in cases)
    return f"Leads like this were won in {won} of your {len(cases)} most similar cases."


def strengths(model: Personal) -> list[tuple[str, float]]:
    """How far each input moves the log-odds over a standard deviation of it, the strongest first."""
    moved: dict[str, float] = {}
    for column, effect in zip(model.encoder.columns, model.posterior.mean[2:].tolist(), strict=True):
        moved[column.input] = moved.get(column.input, 0.0) + abs(effect)
    return sorted(((label_of(name), one) for name, one in moved.items()), key=lambda pair: -pair[1])


def detail_of(name: str, moments: Moments, place: int = 0) -> str:
    """What this lead has of an input, in words: “3 of them”, a stage, a source, an attribute's value."""
    kind, _, rest = name.partition(".")
    standing = moments.standing
    if kind == "kind":
        count = standing.counts[place, standing.kinds.index(rest)] if rest in standing.kinds else 0
        return f"{int(count)} × {activity_label(rest).lower()}"
    if kind == "attributes":
        value = moments.attributes[place].get(rest)
        return "not known" if value in (None, "") else str(value)
    quiet = standing.quiet_days[place]
    told = {
        "activity": f"{int(standing.recent[place])} in 30 days",
        "recency": "no activity yet" if np.isinf(quiet) else f"{quiet:.0f} days ago",
        "funnel_time": f"{standing.age_days[place]:.0f} days",
        "stage": Stage(STAGES[int(moments.stage[place])]).label,
        "source": moments.sources[place] or "not known",
        "value": "not known" if np.isnan(moments.values[place]) else f"{moments.values[place]:,.0f}",
    }
    return told.get(name, "")
