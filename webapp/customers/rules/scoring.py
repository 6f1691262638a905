"""What a trained model says of one customer: scores of all items, and what each past item brought to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from webapp.customers.rules.factors import Settings, folded
from webapp.customers.rules.interactions import Whole, taste

Singles = NDArray[np.float32]
ALS = Settings()


@dataclass(frozen=True)
class Scored:
    """Scores along the model's items; `brought` is what each past item (in `known`) adds to places.

    It answers (places, past items).
    """

    scores: Singles
    known: Whole
    brought: Callable[[Whole], Singles]

    def among(self, places: Sequence[int]) -> Scored:
        """The same with nothing said of any other place."""
        scores = np.zeros_like(self.scores)
        scores[places] = self.scores[places]
        return replace(self, scores=scores)


def scored(
    weights: Singles, gram: Singles | None, places: Mapping[str, int], strengths: Mapping[str, float]
) -> Scored | None:
    """Score all items for a customer with these strengths; None when the model knows none of their items.

    Linear item-to-item: the sum of the past items' rows. With factors (`gram` given): those of the customer
    folded in; an item's score is a sum over the past items, too (Hu, Koren, Volinsky 2008, section 5).
    """
    known, values = taste({places[item]: value for item, value in strengths.items() if item in places})
    if not len(known):
        return None
    if gram is None:
        rows = weights[known]
        return Scored(values @ rows, known, lambda places: values * rows[:, places].T)
    theirs = weights[known]
    left, right = folded(gram, theirs, values, ALS)
    parts = np.linalg.solve(left, right)  # (factors, past items): each one's share of the customer's factors
    return Scored(
        weights @ parts.sum(axis=1).astype(np.float32),
        known,
        lambda places: (weights[places] @ parts).astype(np.float32),
    )
