"""Learning a recommender from deeds, judging it on what came last, and saying whether it may be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from webapp.customers.rules.ease import MOST_ITEMS, REGULARIZATION, ease
from webapp.customers.rules.factors import als, folded
from webapp.customers.rules.interactions import Deeds, Floats, Whole, last_of_each, popularity, tastes
from webapp.customers.rules.quality import Quality, judged, ndcg_at
from webapp.customers.rules.scoring import ALS

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Singles = NDArray[np.float32]
Scores = Callable[["csr_array"], Iterator[NDArray[Any]]]  # of all items, customer by customer
HELD_OUT = 0.2  # of each customer's deeds, the newest
JUDGED = 2_000  # customers that are asked of, chosen by a fixed draw
SHOWN = 20
LEAST_DEEDS, LEAST_CUSTOMERS, LEAST_ITEMS = 50, 5, 3
LEAST_COMPARED = 30  # customers, for two models to be held against each other
TRIED_UP_TO = 3_000  # items: with more, each further regularization would take too long
FACTORS_UP_TO = 5_000  # customers: the same for factors, where the items are few
TRIED = (10.0, 50.0, 250.0, 1_000.0)
FACTORS = (16, 64)


@dataclass(frozen=True)
class Former:
    """The model in force: `place` is where each item of today stands in it (-1: nowhere), `since` when it
    had seen everything, in Unix seconds.
    """

    method: str
    weights: Singles
    place: Whole
    since: float


@dataclass(frozen=True)
class Beside:
    """By how much NDCG@10 the new way is better than the model in force, with the standard error of that, on
    what so many customers did since, which neither has seen.
    """

    difference: float
    error: float
    customers: int


@dataclass(frozen=True)
class Learned:
    """A model with what it is worth, itself and what is popular, on each customer's newest deeds."""

    method: str
    weights: Singles
    popular: Floats
    regularization: float
    quality: Quality
    by_popularity: Quality
    beside: Beside | None = None


@dataclass(frozen=True)
class Way:
    """A way to learn; `factors` are those of als, whose other settings are the same when it is asked."""

    method: str
    regularization: float
    factors: int = 0

    def weights(self, matrix: csr_array) -> Singles:
        """The weights that the matrix of tastes teaches."""
        if self.method == "ease":
            return ease(matrix, self.regularization)
        return als(matrix, replace(ALS, factors=self.factors))


def too_few(deeds: Deeds) -> str:
    """What is missing before anything can be learned, as a sentence; empty when nothing is."""
    customers, items = len(np.unique(deeds.person)), len(np.unique(deeds.item))
    if len(deeds) >= LEAST_DEEDS and customers >= LEAST_CUSTOMERS and items >= LEAST_ITEMS:
        return ""
    return (
        f"There are {len(deeds):,} events of {customers:,} customers with {items:,} items; "
        f"it takes {LEAST_DEEDS} of {LEAST_CUSTOMERS} with {LEAST_ITEMS}."
    )


def learn(
    deeds: Deeds,
    now: float,
    shape: tuple[int, int],
    pause: Callable[[], None],
    former: Former | None = None,
) -> Learned:
    """Learn from all deeds, after judging the same way of learning on the newest of each customer.

    `shape` is (customers, items); `pause` is called between the long steps and may raise.
    """
    newest = last_of_each(deeds, HELD_OUT)
    before, wanted = _some(deeds, ~newest), _some(deeds, newest)
    past = tastes(before, now, shape)
    popular = popularity(before, now, shape[1])
    asked = _asked(wanted)
    pause()
    way, quality, weights = _best(past, wanted, asked, pause)
    by_popularity = judged(_popular_lists(past, popular, wanted, asked), shape[1])
    beside = _beside(past, _scores(weights, way.method), former, wanted) if former else None
    del weights
    pause()
    weights, popular = way.weights(tastes(deeds, now, shape)), popularity(deeds, now, shape[1])
    return Learned(way.method, weights, popular, way.regularization, quality, by_popularity, beside)


def _best(
    past: csr_array, wanted: Deeds, asked: Whole, pause: Callable[[], None]
) -> tuple[Way, Quality, Singles]:
    best: tuple[Way, Quality, Singles] | None = None
    for way in _ways(*past.shape):
        weights = way.weights(past)
        found = judged(_lists(past, _scores(weights, way.method), wanted, asked), past.shape[1])
        if best is None or found.ndcg > best[1].ndcg:
            best = way, found, weights
        del weights
        pause()
    assert best is not None
    return best


def _ways(customers: int, items: int) -> list[Way]:
    """What is tried: one way where the size decides, several where there is time."""
    factors = [Way("als", ALS.regularization, one) for one in FACTORS]
    if items > MOST_ITEMS:
        return factors[-1:]
    if items > TRIED_UP_TO:
        return [Way("ease", REGULARIZATION)]
    linear = [Way("ease", one) for one in TRIED]
    return [*linear, *factors] if customers <= FACTORS_UP_TO else linear


def _some(deeds: Deeds, rows: NDArray[np.bool_]) -> Deeds:
    return replace(
        deeds,
        person=deeds.person[rows],
        item=deeds.item[rows],
        strength=deeds.strength[rows],
        at=deeds.at[rows],
    )


def _asked(wanted: Deeds) -> Whole:
    """The customers who are asked of: all with something held out, or a fixed draw of them."""
    persons = np.unique(wanted.person[wanted.strength > 0])
    if len(persons) > JUDGED:
        persons = np.sort(np.random.default_rng(0).choice(persons, JUDGED, replace=False))
    return persons


def _scores(weights: Singles, method: str) -> Scores:
    gram = weights.T @ weights if method == "als" else None

    def scores(rows: csr_array) -> Iterator[NDArray[Any]]:
        if gram is None:
            yield from np.asarray(rows @ weights)
            return
        for known, values in _each(rows):
            yield _by_factors(weights, gram, known, values)

    return scores


def _former_scores(former: Former) -> Scores:
    """What the model in force says of the items of today; nothing of those that it does not know."""
    there = np.flatnonzero(former.place >= 0)
    gram = former.weights.T @ former.weights if former.method == "als" else None

    def scores(rows: csr_array) -> Iterator[NDArray[Any]]:
        for known, values in _each(rows):
            found = np.zeros(len(former.place))
            kept = former.place[known] >= 0
            theirs, strengths = former.place[known[kept]], values[kept]
            if len(theirs):
                said = (
                    strengths @ former.weights[theirs]
                    if gram is None
                    else _by_factors(former.weights, gram, theirs, strengths)
                )
                found[there] = said[former.place[there]]
            yield found

    return scores


def _each(rows: csr_array) -> Iterator[tuple[Whole, Singles]]:
    for row in range(rows.shape[0]):
        span = slice(rows.indptr[row], rows.indptr[row + 1])
        yield rows.indices[span], rows.data[span]


def _by_factors(weights: Singles, gram: Singles, known: Whole, values: Singles) -> Singles:
    left, right = folded(gram, weights[known], values, ALS)
    found: Singles = weights @ np.linalg.solve(left, right.sum(axis=1)).astype(np.float32)
    return found


def _beside(past: csr_array, mine: Scores, former: Former, wanted: Deeds) -> Beside | None:
    """The new way beside the model in force, customer by customer; None where too few did anything since."""
    late = _some(wanted, wanted.at > former.since)
    asked = _asked(late)
    gains = [
        np.array([ndcg_at(shown, fresh, 10) for shown, fresh in _lists(past, one, late, asked) if fresh])
        for one in (mine, _former_scores(former))
    ]
    if len(gains[0]) < LEAST_COMPARED:
        return None
    away = gains[0] - gains[1]
    return Beside(float(away.mean()), float(away.std(ddof=1) / len(away) ** 0.5), len(away))


def _popular_lists(
    past: csr_array, popular: Floats, wanted: Deeds, asked: Whole
) -> Iterator[tuple[list[int], set[int]]]:
    return _lists(past, lambda rows: (popular.copy() for _ in range(rows.shape[0])), wanted, asked)


def _lists(
    past: csr_array, scores: Scores, wanted: Deeds, asked: Whole
) -> Iterator[tuple[list[int], set[int]]]:
    """What each would be shown, without what they know already, beside what they turned to."""
    theirs: dict[int, set[int]] = {}
    liked = wanted.strength > 0
    for person, item in zip(wanted.person[liked].tolist(), wanted.item[liked].tolist(), strict=True):
        theirs.setdefault(person, set()).add(item)
    for begin in range(0, len(asked), 256):
        some = asked[begin : begin + 256]
        rows = past[some]
        for place, row in enumerate(scores(rows)):
            known = rows.indices[rows.indptr[place] : rows.indptr[place + 1]]
            row[known] = -np.inf
            fresh = theirs[int(some[place])].difference(known.tolist())
            size = min(SHOWN, len(row))
            top = np.argpartition(-row, size - 1)[:size]
            yield top[np.argsort(-row[top], kind="stable")].tolist(), fresh


def verdict(learned: Learned, former_ndcg: float | None, former_error: float) -> tuple[bool, str]:
    """Whether the new model may be used, and why, as a sentence.

    It must not be worse than what is popular, nor than the one in force on what neither has seen (where too
    few did anything since: than that was when it was judged), each by more than the standard error.
    """
    mine, popular, beside = learned.quality, learned.by_popularity, learned.beside
    if not mine.customers:
        return False, "Nobody did anything new that it could be judged by; what is popular stays."
    told = f"NDCG@10 {mine.ndcg:.3f}, popularity {popular.ndcg:.3f}, of {mine.customers:,} customers."
    if mine.ndcg < popular.ndcg - (mine.ndcg_error**2 + popular.ndcg_error**2) ** 0.5:
        return False, f"What is popular is better. {told}"
    if beside is not None:
        by = f"by {abs(beside.difference):.3f} ± {beside.error:.3f} for {beside.customers:,} customers"
        if beside.difference < -beside.error:
            return False, f"On what neither had seen the version in force is better {by}. {told}"
        better = "better" if beside.difference > 0 else "not worse by more than its error,"
        return True, f"On what neither had seen {better} {by}. {told}"
    if former_ndcg is not None and mine.ndcg < former_ndcg - (mine.ndcg_error**2 + former_error**2) ** 0.5:
        return False, f"The version in force was better when it was judged ({former_ndcg:.3f}). {told}"
    return True, told
