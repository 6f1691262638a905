"""Log-odds and probabilities, with numpy alone: scipy takes longer to load than the rest of a process."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def expit(odds: Floats) -> Floats:
    """The probability of log-odds, 1 ÷ (1 + e^-x), exact at both ends."""
    answer: Floats = 0.5 * (1.0 + np.tanh(0.5 * odds))
    return answer


def logit(probability: Floats) -> Floats:
    """The log-odds of a probability between 0 and 1."""
    answer: Floats = np.log(probability) - np.log1p(-probability)
    return answer


def ranks(values: Floats | Sequence[float]) -> Floats:
    """The ranks from 1 up; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    answer: Floats = (last - (count - 1) / 2.0)[place]
    return answer
