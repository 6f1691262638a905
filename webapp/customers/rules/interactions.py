"""What customers did with items, as a sparse matrix of strengths that age."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Whole = NDArray[np.int64]
DAY = 86_400.0
HALF_LIFE_DAYS = 60.0  # after which an event says half as much
MOST = 3.0  # one customer's strength for one item: the hundredth look says no more than the tenth


@dataclass(frozen=True)
class Deeds:
    """Events that say something, in arrays along them: who, which item, how strongly, when (Unix seconds)."""

    person: Whole
    item: Whole
    strength: Floats
    at: Floats

    def __len__(self) -> int:
        return len(self.person)


def aged(deeds: Deeds, now: float) -> Floats:
    """Each event's strength today: halved every sixty days."""
    days = np.maximum(0.0, now - deeds.at) / DAY
    answer: Floats = deeds.strength * np.exp2(-days / HALF_LIFE_DAYS)
    return answer


def tastes(deeds: Deeds, now: float, shape: tuple[int, int]) -> csr_array:
    """The customers' strengths for items, (customers, items) float32: log(1 + sum), nothing below zero."""
    from scipy.sparse import coo_array  # noqa: PLC0415  # heavy, and needed in trainings alone

    matrix = coo_array((aged(deeds, now), (deeds.person, deeds.item)), shape=shape).tocsr()
    matrix.sum_duplicates()
    matrix.data = np.minimum(np.log1p(np.maximum(matrix.data, 0.0)), MOST).astype(np.float32)
    matrix.eliminate_zeros()
    return matrix


def taste(strengths: Mapping[int, float]) -> tuple[Whole, Singles]:
    """One customer's taste from summed, aged strengths by item, squashed the same way: items and weights."""
    kept = {item: value for item, value in strengths.items() if value > 0}
    items = np.array(sorted(kept), np.int64)
    weights = np.array([kept[item] for item in items.tolist()], float)
    return items, np.minimum(np.log1p(weights), MOST).astype(np.float32)


def popularity(deeds: Deeds, now: float, items: int) -> Floats:
    """How much customers like each item lately: the sum of tastes: nobody counts without end."""
    if not len(deeds):
        return np.zeros(items)
    shape = int(deeds.person.max()) + 1, items
    found: Floats = np.asarray(tastes(deeds, now, shape).sum(axis=0), float).ravel()
    return found


def last_of_each(deeds: Deeds, share: float) -> NDArray[np.bool_]:
    """Each customer's newest events, by this share of theirs, at least one of two or more."""
    order = np.lexsort((deeds.at, deeds.person))
    person = deeds.person[order]
    first = np.flatnonzero(np.concatenate(([True], person[1:] != person[:-1])))
    count = np.diff(np.append(first, len(person)))
    place = np.arange(len(person)) - np.repeat(first, count)
    held = np.where(count >= 2, np.maximum(1, np.floor(count * share)), 0).astype(np.int64)
    newest = np.zeros(len(person), bool)
    newest[order] = place >= np.repeat(count - held, count)
    return newest
