"""EASE: a linear item-to-item model in closed form (Steck, WWW 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Singles = NDArray[np.float32]
MOST_ITEMS = 10_000  # beyond, the matrix would not fit: factors take over
REGULARIZATION = 250.0


def ease(tastes: csr_array, regularization: float = REGULARIZATION) -> Singles:
    """The weights B of `tastes @ B`, (items, items) float32, its diagonal zero.

    With G = X'X and P = (G + λI)⁻¹: B = I - P·diag(1/diag P). Where there are fewer customers than items the
    inverse is found in the smaller dimension, P = (I - X'(XX' + λI)⁻¹X)/λ (Woodbury). Raises ValueError for
    more items than fit.
    """
    customers, items = tastes.shape
    if items > MOST_ITEMS:
        raise ValueError(f"{items:,} items are too many: {MOST_ITEMS:,} at most.")
    inverse = (
        _in_customers(tastes, regularization) if customers < items else _in_items(tastes, regularization)
    )
    diagonal = inverse.diagonal().copy()
    inverse /= -diagonal
    np.fill_diagonal(inverse, 0.0)
    return inverse


def _in_items(tastes: csr_array, regularization: float) -> Singles:
    gram = np.asarray((tastes.T @ tastes).toarray(), np.float32, order="F")
    gram[np.diag_indices_from(gram)] += np.float32(regularization)
    return _inverted(gram)


def _inverted(matrix: Singles) -> Singles:
    """The inverse of a positive definite matrix, in its own place, by Cholesky's factors."""
    from scipy.linalg.lapack import spotrf, spotri  # noqa: PLC0415  # heavy, and needed in trainings alone

    factor, failed = spotrf(matrix, lower=0, overwrite_a=1)
    if failed:
        raise ValueError("The matrix of tastes cannot be inverted: raise the regularization.")
    inverse, failed = spotri(factor, lower=0, overwrite_c=1)
    if failed:
        raise ValueError("The matrix of tastes cannot be inverted: raise the regularization.")
    size = len(inverse)
    for start in range(0, size, 1_024):  # the lower triangle from the upper, a band at a time
        end = min(start + 1_024, size)
        inverse[end:, start:end] = inverse[start:end, end:].T
        corner = inverse[start:end, start:end]
        corner[:] = np.triu(corner) + np.triu(corner, 1).T
    answer: Singles = inverse
    return answer


def _in_customers(tastes: csr_array, regularization: float) -> Singles:
    small = np.asarray((tastes @ tastes.T).toarray(), np.float32, order="F")
    small[np.diag_indices_from(small)] += np.float32(regularization)
    dense = tastes.toarray().astype(np.float32)
    inverse: Singles = -(dense.T @ (_inverted(small) @ dense))
    inverse[np.diag_indices_from(inverse)] += np.float32(1.0)
    inverse /= np.float32(regularization)
    return inverse
