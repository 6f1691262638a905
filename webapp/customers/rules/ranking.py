"""The list a customer is shown: what the model says, filled up by what is alike, then by what is popular."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from webapp.customers.rules.scoring import Scored

LEAST_SHARE = 1e-3  # of the best score: below, the model says nothing
STEP = 200  # items that are taken in the order of the scores at a time


@dataclass(frozen=True)
class Chosen:
    """An item, its score, and the past item that brought most of it ('' for what is popular or alike)."""

    item: str
    score: float
    because: str = ""
    alike: str = ""  # the category it was filled up by


def by_model(found: Scored, items: Sequence[str], hidden: Collection[str]) -> Iterator[Chosen]:
    """Items in the order of their scores, without the hidden ones; each with the reason that weighs most."""
    best = float(found.scores.max(initial=0.0))
    if best <= 0:
        return
    for places in _descending(found.scores, best * LEAST_SHARE):
        most = found.known[np.argmax(found.brought(places), axis=1)].tolist()
        for place, score, past in zip(places.tolist(), found.scores[places].tolist(), most, strict=True):
            if items[place] not in hidden:
                yield Chosen(items[place], score, because=items[past])


def _descending(scores: NDArray[np.float32], least: float) -> Iterator[NDArray[np.int64]]:
    """Places of scores above `least` in steps, the best first, sorted only as far as they are asked for."""
    start, size = 0, STEP
    while start < len(scores):
        size = min(size, len(scores))
        top = np.argpartition(-scores, size - 1)[:size] if size < len(scores) else np.arange(len(scores))
        some = top[np.lexsort((top, -scores[top]))][start:]
        above = some[scores[some] > least]
        if len(above):
            yield above
        if len(above) < len(some):
            return
        start, size = size, size * 8


def filled(
    sources: Sequence[Iterator[Chosen]], limit: int, allowed: Callable[[Sequence[str]], Collection[str]]
) -> list[Chosen]:
    """The first `limit` of the sources, one after the other, nothing twice, only what is allowed.

    `allowed` is asked for a few dozen items at a time and answers those that may be shown.
    """
    shown: dict[str, Chosen] = {}
    for source in sources:
        while len(shown) < limit:
            some = _next(source, limit - len(shown) + 20, shown)
            if not some:
                break
            may = allowed([one.item for one in some])
            for one in some:
                if one.item in may and len(shown) < limit:
                    shown[one.item] = one
    return list(shown.values())


def _next(source: Iterator[Chosen], size: int, shown: Mapping[str, Chosen]) -> list[Chosen]:
    found: dict[str, Chosen] = {}
    for one in source:
        if one.item not in shown:
            found.setdefault(one.item, one)
        if len(found) >= size:
            break
    return list(found.values())
