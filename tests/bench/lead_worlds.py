"""Worlds of leads whose true chance of being won is known, for judging lead models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from webapp.leads.rules.moments import Moments
from webapp.leads.rules.score import RECENT_DAYS, Floats, Standing, default_probability, parts

KINDS = (
    "email_open",
    "email_click",
    "email_reply",
    "property_view",
    "page_view",
    "call",
    "meeting",
    "form_submit",
)
MEANS = np.array([3.0, 1.0, 0.7, 1.5, 3.0, 0.8, 0.4, 0.3])  # activities of each kind a lead has
MORE_WHEN_WON = np.array([1.5, 0.8, 1.8, 0.6, 1.0, 1.7, 1.3, 1.0])
SOURCES = ("website", "referral", "portal", "event", "cold list")
SOURCE_EFFECTS = np.array([0.8, 0.6, -0.4, -0.8, 0.0])
Random = np.random.Generator


@dataclass(frozen=True)
class Drawn:
    """Leads at one moment each, what became of them, and how likely that was."""

    moments: Moments
    won: Floats
    truth: Floats


def right(size: int, rng: Random) -> Drawn:
    """The default is right: a lead is won with exactly the default's probability."""
    moments = _moments(_counts(size, rng), size, rng)
    return _decided(moments, default_probability(parts(moments.standing)), rng)


def wrong(size: int, rng: Random) -> Drawn:
    """The default is badly wrong: calls, meetings and haste lose, replies, some sources and rooms win."""
    counts = _counts(size, rng)
    moments = _moments(counts, size, rng)
    rooms = np.array([float(one["rooms"]) for one in moments.attributes])
    source = SOURCE_EFFECTS[[SOURCES.index(one) for one in moments.sources]]
    odds = (
        -0.3
        + 1.1 * np.log1p(counts[:, 2])
        - 1.1 * np.log1p(counts[:, 5])
        - 0.5 * np.log1p(counts[:, 6])
        - 1.2 * (parts(moments.standing)[:, 2] - 0.5)
        + source
        + 0.5 * rooms
    )
    return _decided(moments, expit(1.2 * odds), rng)


def nothing(size: int, rng: Random) -> Drawn:
    """Nothing tells anything: three in ten are won."""
    return _decided(_moments(_counts(size, rng), size, rng), np.full(size, 0.3), rng)


def bayes(size: int, rng: Random) -> Drawn:
    """Counts are drawn by outcome, each kind by itself: what naive Bayes takes the world to be."""
    won = (rng.random(size) < 0.4).astype(float)
    counts = rng.poisson(MEANS * np.where(won[:, None] > 0, MORE_WHEN_WON, 1.0)).astype(float)
    likelier = (counts * np.log(MORE_WHEN_WON) - MEANS * (MORE_WHEN_WON - 1)).sum(axis=1)
    return Drawn(_moments(counts, size, rng), won, expit(logit(0.4) + likelier))


WORLDS: dict[str, Callable[[int, Random], Drawn]] = {
    "default right": right,
    "default wrong": wrong,
    "nothing tells": nothing,
    "kinds apart": bayes,
}


def _counts(size: int, rng: Random) -> Floats:
    return rng.poisson(rng.gamma(1.0, 1.0, (size, len(KINDS))) * MEANS).astype(float)


def _decided(moments: Moments, truth: Floats, rng: Random) -> Drawn:
    return Drawn(moments, (rng.random(len(truth)) < truth).astype(float), truth)


def _moments(counts: Floats, size: int, rng: Random) -> Moments:
    age = rng.uniform(1, 90, size)
    total = counts.sum(axis=1)
    quiet = np.where(total > 0, age * rng.beta(1, 2, size), np.inf)
    late = rng.binomial(total.astype(int), np.minimum(1.0, RECENT_DAYS / age))
    recent = np.where(quiet > RECENT_DAYS, 0.0, np.minimum(total, np.maximum(late, 1)))
    stage: NDArray[np.int64] = np.minimum(4, rng.poisson(1, size)).astype(np.int64)
    return Moments(
        lead=np.arange(size),
        weight=np.ones(size),
        standing=Standing(KINDS, counts, recent, quiet, age),
        stage=stage,
        sources=[SOURCES[one] for one in rng.integers(0, len(SOURCES), size)],
        values=np.exp(rng.normal(12, 0.6, size)),
        attributes=[{"rooms": round(float(one), 3)} for one in rng.normal(0, 1, size)],
    )
