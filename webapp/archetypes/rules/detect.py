"""Detection: from the sums of many histories at once to signals, affinities, beliefs and a confidence.

Arrays go along members: an array of shape (signals, members) holds NaN where a history says nothing.
One member is an array of length one, so that a call and a recalculation cannot disagree.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from webapp.archetypes.facts import Archetype
from webapp.archetypes.rules.ruleset import Detection, Group, Signal

Floats = NDArray[np.float64]
DAY_SECONDS = 86_400
LEAST_DAYS = 30  # a rate over fewer would make one request look like a habit
ARCHETYPES = tuple(Archetype)
SIGNALS = tuple(Signal)
NO_BELIEF = round(1 / len(ARCHETYPES), 4)  # all that a new member's history can carry
PLACES = 4  # decimals of a belief: below them nothing is known


class Fit(enum.Enum):
    """Which end of a signal speaks for an archetype."""

    UP = "up"
    DOWN = "down"
    MIDDLE = "middle"


# By signal, for big spenders and for the flexible; the middle of every signal speaks for average users.
FITS: dict[Signal, tuple[Fit | None, Fit | None]] = {
    Signal.AVERAGE_VALUE: (Fit.UP, Fit.DOWN),
    Signal.WILLINGNESS: (Fit.UP, Fit.DOWN),
    Signal.PRICE_REJECTION: (Fit.DOWN, Fit.UP),
    Signal.RESPONSE_TIME: (Fit.DOWN, None),
    Signal.ACCEPTANCE: (Fit.DOWN, Fit.UP),
    Signal.REQUEST_RATE: (Fit.UP, Fit.DOWN),
    Signal.SWAP_SHARE: (Fit.DOWN, Fit.UP),
    Signal.ACCOMMODATIONS: (Fit.DOWN, Fit.UP),
    Signal.RECIPROCITY: (Fit.DOWN, Fit.UP),
}


@dataclass(frozen=True)
class Histories:
    """Sums over the look-back, an array of whole numbers for each, one place a member.

    Made: all requests, decided ones (accepted or declined), accepted ones, those accepted as swaps, the sum
    (minor units) and number of accepted ones paid in the company's currency, the sum (millionths) and number
    of paid ÷ base over accepted buyouts, how many prices were decided on and how many refused for the price.
    `first_asked` is the first request's time in Unix seconds. Received: answerable (accepted, declined,
    expired), answered, accepted, accepted as swaps. `median_answer` is in seconds, NaN without an answer.
    """

    made: Floats
    decided: Floats
    accepted: Floats
    swaps: Floats
    paid_minor: Floats
    paid: Floats
    ratio_ppm: Floats
    ratios: Floats
    priced: Floats
    refused: Floats
    first_asked: Floats
    received: Floats
    answered: Floats
    given: Floats
    swaps_given: Floats
    median_answer: Floats

    def __len__(self) -> int:
        return len(self.made)

    @classmethod
    def of(cls, **sums: float) -> Histories:
        """One member's history; what is not named is zero, and no answer was measured."""
        known = {"median_answer": np.nan, **sums}
        return cls(**{one.name: np.array([known.get(one.name, 0.0)], float) for one in fields(cls)})

    @property
    def transactions(self) -> Floats:
        """How many requests the member made that were decided, or was asked and answered."""
        return self.decided + self.answered


@dataclass(frozen=True)
class Detected:
    """What was found, one place a member; `signals`, `fits` have a row for each signal.

    `beliefs` and `affinities` have a row for each archetype, in the order of the enum; `best` is its index.
    """

    signals: Floats
    evidence: Floats
    placed: Floats
    affinities: Floats
    beliefs: Floats
    best: NDArray[np.int64]
    confidence: Floats
    transactions: Floats
    new: NDArray[np.bool_]


def signals_of(seen: Histories, detection: Detection, now: float, unit: float) -> Floats:
    """The nine signals in their own units; `now` in Unix seconds, `unit` minor units of a major one."""
    days = np.clip((now - seen.first_asked) / DAY_SECONDS, LEAST_DAYS, detection.look_back_days)
    accepted = seen.accepted + seen.given
    by_signal = {
        Signal.AVERAGE_VALUE: _over(seen.paid_minor / unit, seen.paid),
        Signal.WILLINGNESS: _over(seen.ratio_ppm / 1e6, seen.ratios),
        Signal.PRICE_REJECTION: _over(seen.refused, seen.priced),
        Signal.RESPONSE_TIME: seen.median_answer / 60,
        Signal.ACCEPTANCE: _over(seen.given, seen.received),
        Signal.REQUEST_RATE: np.where(seen.made > 0, seen.made / days * 30, np.nan),
        Signal.SWAP_SHARE: _over(seen.swaps + seen.swaps_given, accepted),
        Signal.ACCOMMODATIONS: np.where(seen.received > 0, seen.given, np.nan),
        Signal.RECIPROCITY: _over(seen.given, accepted),
    }
    return np.stack([by_signal[signal] for signal in SIGNALS])


def evidence_of(seen: Histories) -> Floats:
    """How many requests each signal was read from, a row for each signal."""
    accepted = seen.accepted + seen.given
    by_signal = {
        Signal.AVERAGE_VALUE: seen.paid,
        Signal.WILLINGNESS: seen.ratios,
        Signal.PRICE_REJECTION: seen.priced,
        Signal.RESPONSE_TIME: seen.answered,
        Signal.ACCEPTANCE: seen.received,
        Signal.REQUEST_RATE: seen.made,
        Signal.SWAP_SHARE: accepted,
        Signal.ACCOMMODATIONS: seen.received,
        Signal.RECIPROCITY: accepted,
    }
    return np.stack([by_signal[signal] for signal in SIGNALS])


def placed(signals: Floats, evidence: Floats, detection: Detection) -> Floats:
    """Each signal between its anchors: 0 at the lower one, 1 at the upper one, linear between them.

    What few requests say is drawn towards the middle, as if `prior` more of them had stood there: one
    refusal in one request is no habit.
    """
    low = np.array([detection.anchors[one].low for one in SIGNALS])[:, None]
    high = np.array([detection.anchors[one].high for one in SIGNALS])[:, None]
    at = np.clip((signals - low) / (high - low), 0.0, 1.0)
    drawn: Floats = 0.5 + (at - 0.5) * evidence / (evidence + detection.prior)
    return drawn


def fit_of(archetype: Archetype, signal: Signal) -> Fit | None:
    """Which end of the signal speaks for the archetype; None when it says nothing about it."""
    if archetype is Archetype.AVERAGE_USER:
        return Fit.MIDDLE
    return FITS[signal][archetype is Archetype.HIGH_FLEXIBILITY]


def fitness(at: Floats, fit: Fit) -> Floats:
    """How well a placed signal (0 to 1) speaks for an archetype: 0 not at all, 1 fully.

    The middle is a parabola: a straight line would give average users less than others for the same noise.
    """
    if fit is Fit.MIDDLE:
        return 4.0 * at * (1.0 - at)
    return at if fit is Fit.UP else 1.0 - at


def weights_of(archetype: Archetype, at: Floats, detection: Detection) -> Floats:
    """What each signal weighs for the archetype, member by member: a group's weight is divided among those of
    its signals that are there by their shares, and the weights of groups that are there are rescaled to one.
    """
    speaks = np.array([fit_of(archetype, one) is not None for one in SIGNALS])[:, None]
    shares = np.array([detection.shares[one] for one in SIGNALS])[:, None] * (speaks & ~np.isnan(at))
    weights = np.zeros(at.shape)
    for group in Group:
        mine = shares * np.array([one.group is group for one in SIGNALS])[:, None]
        total = mine.sum(axis=0)
        weight = getattr(detection.weights, group.value)
        weights += weight * np.divide(mine, total, out=np.zeros(at.shape), where=total > 0)
    total = weights.sum(axis=0)
    rescaled: Floats = np.divide(weights, total, out=np.zeros(at.shape), where=total > 0)
    return rescaled


def contributions(archetype: Archetype, at: Floats, detection: Detection) -> Floats:
    """What each signal adds to the archetype's affinity; the column's sum, and the lean, is the affinity."""
    return weighed(archetype, at, weights_of(archetype, at, detection))


def weighed(archetype: Archetype, at: Floats, weights: Floats) -> Floats:
    """The same, where the weights are known."""
    fits = [fit_of(archetype, one) for one in SIGNALS]
    rows = [fitness(at[row], fit) if fit else np.zeros(at.shape[1]) for row, fit in enumerate(fits)]
    return np.nan_to_num(np.stack(rows)) * weights


def beliefs_of(affinities: Floats, transactions: Floats, detection: Detection) -> Floats:
    """The softmax of the affinities, sharper the more transactions there are: with n of them the exponent is
    sharpness · n ÷ (n + half_at), so that without any every archetype is as likely as another.
    """
    sharp = detection.sharpness * transactions / (transactions + detection.half_at)
    raised = np.exp((affinities - affinities.max(axis=0)) * sharp)
    beliefs: Floats = np.round(raised / raised.sum(axis=0), PLACES)
    return beliefs


def detect(seen: Histories, detection: Detection, now: float, unit: float) -> Detected:
    """Find everybody's archetype. `now` in Unix seconds, `unit` minor units in a major one.

    A member with fewer transactions than `new_below` is an average user, with no more
    confidence than no history gives.
    """
    signals = signals_of(seen, detection, now, unit)
    evidence = evidence_of(seen)
    at = placed(signals, evidence, detection)
    affinities = np.stack(
        [contributions(one, at, detection).sum(axis=0) + detection.lean[one] for one in ARCHETYPES]
    )
    transactions = seen.transactions
    beliefs = beliefs_of(affinities, transactions, detection)
    new = transactions < detection.new_below
    best = np.where(new, ARCHETYPES.index(Archetype.AVERAGE_USER), beliefs.argmax(axis=0))
    found = beliefs[best, np.arange(len(seen))]
    confidence = np.where(new, np.minimum(found, NO_BELIEF), found)
    return Detected(signals, evidence, at, affinities, beliefs, best, confidence, transactions, new)


def _over(part: Floats, whole: Floats) -> Floats:
    shares: Floats = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return shares
