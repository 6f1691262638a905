"""One salesperson's model: a logistic regression around the default, averaged over how firmly it is held."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from webapp.leads.facts import Confidence
from webapp.leads.rules.calibration import Calibrator
from webapp.leads.rules.encoding import OF_ACTIVITIES, Encoder
from webapp.leads.rules.logistic import Posterior, average, moderated
from webapp.leads.rules.moments import Moments
from webapp.leads.rules.odds import expit, logit
from webapp.leads.rules.score import MOST_COUNTED, Floats, default_probability, parts

# Widths of the prior, in log-odds. The inputs' are of one standard deviation, and apart for what happened
# with the lead and for what it is: where one of them tells much and the other nothing, a width for both would
# hold the one too firmly and the other too loosely (automatic relevance determination by group; MacKay, 1994,
# ASHRAE Transactions 100:1053-1062; Neal, 1996, Bayesian Learning for Neural Networks). None at all is the
# default itself.
LEVEL = 1.0  # of the level and of the default's slope
INPUTS = (0.0, 0.15, 0.4, 1.1)
DEFAULT_HELD = 0.75  # how likely the default is held to be right before any deal is seen
Z90 = 1.6448536269514722
SOFT = 0.005  # the default's probability is held so far from 0 and 1, where log-odds end
NARROW, WIDE = 0.2, 0.4  # widths of an interval up to which the confidence is high, medium
SURENESS = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
DEFAULT_SD = 1.0  # of the default's log-odds: nobody has measured it for this person


@dataclass(frozen=True)
class Predicted:
    """Probabilities with 90 % intervals and how much of each is the person's own data, all from 0 to 1."""

    probability: Floats
    low: Floats
    high: Floats
    own: Floats

    def confidence(self, place: int = 0) -> Confidence:
        """How sure the prediction is, from the width of its interval."""
        return SURENESS[self.confidences()[place]]

    def confidences(self) -> NDArray[np.int64]:
        """The same of all, as places in `SURENESS`."""
        width = self.high - self.low
        return (width <= NARROW).astype(np.int64) + (width <= WIDE)


@dataclass(frozen=True)
class Usual:
    """The usual closed lead, where explanations begin: capped counts by kind, and three of the parts."""

    counts: Mapping[str, float]
    activity: float
    recency: float
    funnel_time: float

    @classmethod
    def of(cls, moments: Moments) -> Self:
        """The weighted means."""
        share = moments.weight / moments.weight.sum()
        standing = moments.standing
        counts = share @ np.minimum(standing.counts, MOST_COUNTED)
        _, activity, recency, funnel = (share @ parts(standing)).tolist()
        by_kind = {kind: round(count, 9) for kind, count in zip(standing.kinds, counts.tolist(), strict=True)}
        return cls(by_kind, round(activity, 9), round(recency, 9), round(funnel, 9))


@dataclass(frozen=True)
class Personal:
    """What one version predicts with. Coefficients: the level, the default's slope, then the columns."""

    encoder: Encoder
    posterior: Posterior
    usual: Usual
    calibrator: Calibrator | None = None

    @classmethod
    def train(cls, moments: Moments, won: Floats, without: Iterable[str] = ()) -> Self:
        """Learn from closed leads at their moments; `won` is 1 or 0 for each place of the histories."""
        encoder = Encoder.learn(moments, without)
        x = design(encoder, moments)
        mean = np.zeros(x.shape[1])
        mean[1] = 1.0
        found = average(x, won[moments.lead], moments.weight, mean, _widths(encoder))
        return cls(encoder, found, Usual.of(moments))

    def predict(self, moments: Moments) -> Predicted:
        """What the model says of each moment."""
        return self.predict_columns(design(self.encoder, moments))

    def predict_columns(self, x: Floats) -> Predicted:
        """The same from the columns, (moments, level + slope + columns)."""
        eta = x @ self.posterior.mean
        variance = np.maximum(0.0, ((x @ self.posterior.covariance) * x).sum(axis=1))
        before = (x**2) @ self.posterior.prior
        half = Z90 * np.sqrt(variance)
        ends = moderated(eta, variance), expit(eta - half), expit(eta + half)
        if self.calibrator is not None:
            ends = self.calibrator(ends[0]), self.calibrator(ends[1]), self.calibrator(ends[2])
        own = (1.0 - self.posterior.held) * np.clip(1.0 - variance / np.maximum(before, 1e-12), 0.0, 1.0)
        return Predicted(ends[0], np.minimum(ends[1], ends[0]), np.maximum(ends[2], ends[0]), own)

    def columns_again(self, moments: Moments, before: Floats) -> Floats:
        """The columns of leads with other activities than when `before` was read, all else the same."""
        odds = default_odds(default_probability(parts(moments.standing)))
        again = self.encoder.encode_again(moments, before[:, 2:])
        return np.concatenate([before[:, :1], odds[:, None], again], axis=1)

    def calibrated(self, calibrator: Calibrator | None) -> Personal:
        """The same model with its probabilities put right."""
        return replace(self, calibrator=calibrator)

    def as_json(self) -> dict[str, Any]:
        """How a version is stored: plain numbers, the covariance's lower triangle."""
        rows, columns = np.tril_indices(len(self.posterior.mean))
        return {
            "columns": self.encoder.as_json(),
            "mean": _rounded(self.posterior.mean),
            "covariance": _rounded(self.posterior.covariance[rows, columns]),
            "prior": _rounded(self.posterior.prior),
            "held": round(self.posterior.held, 9),
            "usual": asdict(self.usual),
            "calibrator": self.calibrator.as_json() if self.calibrator else None,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what was stored."""
        mean = np.array(stored["mean"], float)
        rows, columns = np.tril_indices(len(mean))
        covariance = np.zeros((len(mean), len(mean)))
        covariance[rows, columns] = covariance[columns, rows] = stored["covariance"]
        return cls(
            Encoder.from_json(stored["columns"]),
            Posterior(mean, covariance, np.array(stored["prior"], float), stored["held"]),
            Usual(**stored["usual"]),
            Calibrator.from_json(stored["calibrator"]) if stored["calibrator"] else None,
        )


def design(encoder: Encoder, moments: Moments) -> Floats:
    """The columns with the level and the default's log-odds before them."""
    odds = default_odds(default_probability(parts(moments.standing)))
    return np.concatenate([np.ones((len(moments), 1)), odds[:, None], encoder.encode(moments)], axis=1)


def default_odds(probability: Floats) -> Floats:
    """The default's log-odds, held a little off the ends."""
    answer: Floats = logit(SOFT + (1 - 2 * SOFT) * probability)
    return answer


def by_default(moments: Moments) -> Predicted:
    """What the default says: its probability, a wide interval, nothing of one's own."""
    probability = default_probability(parts(moments.standing))
    odds, half = default_odds(probability), Z90 * DEFAULT_SD
    low, high = expit(odds - half), expit(odds + half)
    return Predicted(
        probability,
        np.minimum(low, probability),
        np.maximum(high, probability),
        np.zeros(len(moments)),
    )


def _widths(encoder: Encoder) -> list[tuple[float, Floats]]:
    of_activities = np.array([one.read in OF_ACTIVITIES for one in encoder.columns], bool)
    pairs = list(itertools.product(INPUTS, INPUTS))
    found: list[tuple[float, Floats]] = [(DEFAULT_HELD, np.zeros(len(of_activities) + 2))]
    for happened, standing in pairs:
        inputs = np.where(of_activities, happened, standing)
        found.append(((1 - DEFAULT_HELD) / len(pairs), np.concatenate([[LEVEL, LEVEL], inputs])))
    return found


def _rounded(numbers: Floats) -> list[float]:
    return [float(f"{number:.9g}") for number in numbers.tolist()]
