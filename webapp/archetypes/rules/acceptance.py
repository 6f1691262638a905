"""How likely a request is accepted: the company's rate, moved by the two members' own, with shrinkage."""

from __future__ import annotations

import math
from collections.abc import Mapping

from webapp.archetypes.facts import Way
from webapp.archetypes.rules.ruleset import Acceptance

Counts = Mapping[str, tuple[int, int]]  # by way: accepted, decided
LEAST, PLACES = 0.01, 4  # no history makes anything certain


def company_rate(way: Way, company: Counts, rules: Acceptance) -> float:
    """The share of the company's requests of this way that were accepted, with one half as prior."""
    accepted, decided = company.get(way.value, (0, 0))
    return (accepted + rules.company_prior / 2) / (decided + rules.company_prior)


def own_rate(way: Way, own: Counts, rate: float, rules: Acceptance) -> float:
    """A member's own rate, as if they had `member_prior` more requests at the company's rate: the mean of a
    beta posterior (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.4).
    """
    accepted, decided = own.get(way.value, (0, 0))
    return (accepted + rules.member_prior * rate) / (decided + rules.member_prior)


def probability(way: Way, company: Counts, made: Counts, received: Counts | None, rules: Acceptance) -> float:
    """The estimated probability that the request is accepted, 0.01 to 0.99.

    `made` counts what others answered to the member, `received` what the one who is asked answered, where
    it is known who. Both move the company's rate in log-odds, where effects of two sides add up.
    """
    rate = company_rate(way, company, rules)
    sides = [made] if received is None else [made, received]
    moved = _logit(rate) + sum(_logit(own_rate(way, side, rate, rules)) - _logit(rate) for side in sides)
    return round(min(max(1 / (1 + math.exp(-moved)), LEAST), 1 - LEAST), PLACES)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))
