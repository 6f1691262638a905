"""What two versions of the rules would have done with the same requests, and what that would have brought.

Arrays go along requests, oldest or newest first as they come. A member's *profile* is the index of the
archetype in force, or NEW for a new member. Estimates of acceptance rest on a model of the company's own
decided requests; intervals come from a bootstrap over members, since one member's requests are alike
(Davison and Hinkley, Bootstrap Methods and their Application, 1997, 3.8).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from webapp.archetypes.facts import Archetype, Way
from webapp.archetypes.rules.grid import bands, offer
from webapp.archetypes.rules.logit import fit, probabilities
from webapp.archetypes.rules.ruleset import Level, Rules
from webapp.core.money import exponent_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ARCHETYPES, WAYS = tuple(Archetype), tuple(Way)
NEW = len(ARCHETYPES)
PROFILES = (*(one.label for one in ARCHETYPES), "New member")
RESAMPLES = 200
SEED = 20_261
LEAST_DECIDED, LEAST_MEMBERS, LEAST_EACH = 50, 10, 10
SEEN = (0.01, 0.99)  # quantiles of the prices seen; beyond them the model is not believed
MEASURES = ("acceptance", "revenue", "fee")
INTERVAL = (2.5, 97.5)


@dataclass(frozen=True)
class Requests:
    """Stored requests. `member` counts the members that made them; `base` in minor units of the currency.

    `ratio` is offered ÷ base, `way` the index of the way asked for.
    """

    member: Ints
    days: Ints
    base: Ints
    ratio: Floats
    way: Ints
    decided: NDArray[np.bool_]
    accepted: NDArray[np.bool_]
    currency: str

    def __len__(self) -> int:
        return len(self.days)


@dataclass(frozen=True)
class Offered:
    """What a version recommends: the way's index, price and fee in major units, price ÷ base."""

    way: Ints
    price: Floats
    fee: Floats
    ratio: Floats


@dataclass(frozen=True)
class Model:
    """How likely a request is accepted, by way, price ÷ base and urgency.

    `centres`, `low` and `high` (buyout, crash) are of the prices seen: slopes count from the first, and what
    lies beyond the others is taken as if it stood there.
    """

    coefficients: Floats
    centres: Floats
    low: Floats
    high: Floats

    def features(self, way: Ints, ratio: Floats, level: Ints) -> Floats:
        """The columns of the model, the intercept first. A swap’s price is not known before a night is named
        in exchange, so it has no slope.
        """
        place = np.minimum(way, 1)
        priced = way != WAYS.index(Way.SWAP)
        at = np.clip(ratio, self.low[place], self.high[place]) - self.centres[place]
        columns = [
            np.ones(len(way)),
            way == 1,
            way == 2,
            np.where(priced & (way == 0), at, 0.0),
            np.where(priced & (way == 1), at, 0.0),
            *(level == one for one in range(len(Level) - 1)),
        ]
        return np.stack([np.asarray(one, float) for one in columns], axis=1)

    def beyond(self, offered: Offered) -> Floats:
        """The shares of prices below and above what was seen, among buyouts and crashes."""
        priced = offered.way != WAYS.index(Way.SWAP)
        if not priced.any():
            return np.zeros(2)
        place, ratio = offered.way[priced], offered.ratio[priced]
        return np.array([(ratio < self.low[place]).mean(), (ratio > self.high[place]).mean()])


FEATURES = (
    "Intercept",
    "Crash",
    "Swap",
    "Price of a buyout, per 100 % of base",
    "Price of a crash, per 100 % of base",
    *(f"{level.value.capitalize()} urgency" for level in tuple(Level)[:-1]),
)


def offers(requests: Requests, profiles: Ints, rules: Rules) -> Offered:
    """What each request's member would be recommended by this version, priced as an answer prices it."""
    begins = np.array([band.first for band in bands(rules)])
    band = np.searchsorted(begins, np.maximum(requests.days, 0), side="right") - 1
    rows = np.stack([profiles[requests.member], begins[band], requests.base], axis=1)
    kinds, place = np.unique(rows, axis=0, return_inverse=True)
    unit = Decimal(10) ** exponent_of(requests.currency)
    found = []
    for profile, day, base in kinds.tolist():
        archetype = None if profile == NEW else ARCHETYPES[profile]
        one = offer(rules, archetype, day, Decimal(base) / unit, requests.currency)
        found.append((WAYS.index(one.way), float(one.price), float(one.fee)))
    table = np.array(found, float).reshape(len(kinds), 3)[place.reshape(-1)]
    base_major = requests.base / float(unit)
    return Offered(table[:, 0].astype(int), table[:, 1], table[:, 2], table[:, 1] / base_major)


def levels(requests: Requests, rules: Rules) -> Ints:
    """How urgent each request is, as an index of the levels, by the version in force for both."""
    soon = rules.urgency
    ends = np.array([soon.critical_to, soon.high_to, soon.medium_to])
    return np.searchsorted(ends, np.maximum(requests.days, 0), side="left").astype(np.int64)


def enough(requests: Requests) -> str:
    """Why acceptance cannot be estimated, or nothing."""
    decided, accepted = int(requests.decided.sum()), int(requests.accepted.sum())
    members = len(np.unique(requests.member[requests.decided]))
    if decided < LEAST_DECIDED:
        return f"{decided:,} of these requests were decided; it takes {LEAST_DECIDED}."
    if min(accepted, decided - accepted) < LEAST_EACH:
        return f"{accepted:,} of {decided:,} were accepted; it takes {LEAST_EACH} of each end."
    if members < LEAST_MEMBERS:
        return f"They come from {members} members; it takes {LEAST_MEMBERS}."
    return ""


def blank_model(requests: Requests) -> Model:
    """The model before it is fitted: where prices were seen."""
    centres, low, high = np.zeros(2), np.zeros(2), np.zeros(2)
    for place in range(2):
        seen = requests.ratio[requests.decided & (requests.way == place)]
        if len(seen):
            centres[place] = seen.mean()
            low[place], high[place] = np.quantile(seen, SEEN)
    return Model(np.zeros(len(FEATURES)), centres, low, high)


@dataclass(frozen=True)
class Outlook:
    """Estimates with their resamples. `found` by group, measure (acceptance, revenue, fee) and version
    (before, after), a request's mean; `drawn` has the resamples in front. The first group is everybody.
    """

    model: Model
    found: Floats
    drawn: Floats

    def told(self, group: int, measure: int) -> dict[str, list[float]]:
        """A measure before and after, their difference and its ratio to before, each with a 95 % interval."""
        found, drawn = self.found[group, measure], self.drawn[:, group, measure]
        return {
            "before": _with_interval(found[0], drawn[:, 0]),
            "after": _with_interval(found[1], drawn[:, 1]),
            "difference": _with_interval(found[1] - found[0], drawn[:, 1] - drawn[:, 0]),
            "relative": _with_interval(_ratio(found[1], found[0]), _ratio(drawn[:, 1], drawn[:, 0])),
        }


def outlook(
    requests: Requests,
    before: Offered,
    after: Offered,
    level: Ints,
    groups: Floats,
    pause: Callable[[], None] = lambda: None,
    resamples: int = RESAMPLES,
) -> Outlook:
    """Fit the model and estimate both versions; `groups` has a row of 0 and 1 for each group of requests.

    Each resample draws as many members as there are, with their requests, and fits the model anew.
    """
    blank = blank_model(requests)
    decided = requests.decided
    learnt = blank.features(requests.way, requests.ratio, level)[decided]
    accepted = requests.accepted[decided].astype(float)
    shown = [blank.features(one.way, one.ratio, level) for one in (before, after)]
    money = [np.stack([np.ones(len(requests)), one.price, one.fee]) for one in (before, after)]

    def estimate(weights: Floats, start: Floats | None) -> tuple[Floats, Floats]:
        found = fit(learnt, accepted, weights[decided], start)
        chances = [probabilities(features, found) for features in shown]
        weighed = groups * weights
        sums = [weighed @ (chance * worth).T for chance, worth in zip(chances, money, strict=True)]
        whole = weighed.sum(axis=1)[:, None, None]
        means = np.divide(np.stack(sums, axis=2), whole, out=np.zeros((len(groups), 3, 2)), where=whole > 0)
        return means, found

    means, coefficients = estimate(np.ones(len(requests)), None)
    rng, drawn = np.random.default_rng(SEED), []
    members = int(requests.member.max()) + 1
    for _ in range(resamples):
        pause()
        times = np.bincount(rng.integers(0, members, members), minlength=members).astype(float)
        drawn.append(estimate(times[requests.member], coefficients)[0])
    return Outlook(replace(blank, coefficients=coefficients), means, np.stack(drawn))


def counts(before: Ints, after: Ints, size: int) -> list[list[int]]:
    """How many went from which to which."""
    table = np.zeros((size, size), int)
    np.add.at(table, (before, after), 1)
    found: list[list[int]] = table.tolist()
    return found


def prices_of(before: Offered, after: Offered, chosen: NDArray[np.bool_]) -> dict[str, Any]:
    """How the totals (price and fee) of some requests lie before and after."""
    old, new = (one.price[chosen] + one.fee[chosen] for one in (before, after))
    return {
        "requests": int(chosen.sum()),
        "changed": int((old != new).sum()),
        "before": _spread(old),
        "after": _spread(new),
    }


def _spread(values: Floats) -> dict[str, float] | None:
    if not len(values):
        return None
    tenth, middle, ninth = np.quantile(values, (0.1, 0.5, 0.9))
    return {
        "mean": round(float(values.mean()), 2),
        "q10": round(float(tenth), 2),
        "median": round(float(middle), 2),
        "q90": round(float(ninth), 2),
    }


def _with_interval(value: float, drawn: Floats) -> list[float]:
    low, high = np.percentile(drawn, INTERVAL)
    return [round(float(one), 6) for one in (value, low, high)]


def _ratio(after: Any, before: Any) -> Any:
    return (
        np.divide(after, before, out=np.ones_like(np.asarray(after, float)), where=np.asarray(before) != 0)
        - 1
    )
