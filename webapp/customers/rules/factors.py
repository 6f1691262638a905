"""Implicit alternating least squares, for catalogs too large for EASE (Hu, Koren, Volinsky, 2008, ICDM)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Settings:
    """How the factors are learned; the confidence in a strength s is 1 + alpha·s."""

    factors: int = 64
    regularization: float = 10.0
    alpha: float = 1.0
    rounds: int = 10
    seed: int = 0


def als(tastes: csr_array, settings: Settings = Settings()) -> Singles:
    """The items' factors, (items, factors) float32; customers are folded in when they are asked about."""
    random = np.random.default_rng(settings.seed)
    items = random.normal(0, 0.1, (tastes.shape[1], settings.factors)).astype(np.float32)
    by_item = tastes.T.tocsr()
    for _ in range(settings.rounds):
        customers = _solved(tastes, items, settings)
        items = _solved(by_item, customers, settings)
    return items


def _solved(rows: csr_array, others: Singles, settings: Settings) -> Singles:
    """Each row's factors with the others' held fast."""
    gram = others.T @ others
    found = np.zeros((rows.shape[0], others.shape[1]), np.float32)
    for row in range(rows.shape[0]):
        start, end = rows.indptr[row], rows.indptr[row + 1]
        if start < end:
            found[row] = _folded(gram, others[rows.indices[start:end]], rows.data[start:end], settings)
    return found


def folded(gram: Singles, theirs: Singles, weights: Singles, settings: Settings) -> tuple[Singles, Singles]:
    """The system whose solution, summed, is a customer's factors: left, and right a column for each item."""
    confidence = np.float32(settings.alpha) * weights
    left = gram + (theirs.T * confidence) @ theirs
    left[np.diag_indices_from(left)] += np.float32(settings.regularization)
    right: Singles = theirs.T * (np.float32(1.0) + confidence)
    return left.astype(np.float32), right


def _folded(gram: Singles, theirs: Singles, weights: Singles, settings: Settings) -> Singles:
    left, right = folded(gram, theirs, weights, settings)
    answer: Singles = np.linalg.solve(left, right.sum(axis=1)).astype(np.float32)
    return answer
