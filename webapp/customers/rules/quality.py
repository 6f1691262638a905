"""How good rankings are: Recall@k, NDCG@k and coverage on what was held out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Quality:
    """Means over customers with something held out; coverage is the share of items that anybody is shown."""

    recall: float
    ndcg: float
    coverage: float
    customers: int
    ndcg_error: float = 0.0  # the standard error of `ndcg`


def recall_at(shown: Sequence[int], wanted: set[int], k: int) -> float:
    """The share of what was wanted among the first k, of as many as fit there."""
    return len(wanted.intersection(shown[:k])) / min(k, len(wanted))


def ndcg_at(shown: Sequence[int], wanted: set[int], k: int) -> float:
    """Discounted gain of the first k over the best possible, gains of one (Järvelin and Kekäläinen, 2002)."""
    gain = sum(1.0 / np.log2(place + 2) for place, item in enumerate(shown[:k]) if item in wanted)
    best = sum(1.0 / np.log2(place + 2) for place in range(min(k, len(wanted))))
    return float(gain / best)


def judged(
    rankings: Iterable[tuple[Sequence[int], set[int]]], items: int, recall_k: int = 20, ndcg_k: int = 10
) -> Quality:
    """Judge rankings beside what each customer really turned to; who wanted nothing is left out."""
    recalls, gains, seen = [], [], set[int]()
    for shown, wanted in rankings:
        if wanted:
            recalls.append(recall_at(shown, wanted, recall_k))
            gains.append(ndcg_at(shown, wanted, ndcg_k))
            seen.update(shown[:recall_k])
    if not recalls:
        return Quality(0.0, 0.0, 0.0, 0)
    error = float(np.std(gains, ddof=1) / len(gains) ** 0.5) if len(gains) > 1 else 0.0
    return Quality(float(np.mean(recalls)), float(np.mean(gains)), len(seen) / items, len(recalls), error)
