"""Intervals of shares."""

from __future__ import annotations

import math

Z95 = 1.959963984540054  # the normal distribution's 97.5 % point


def wilson(hits: float, tries: float, z: float = Z95) -> tuple[float, float]:
    """The score interval of a share (Wilson, 1927, JASA 22:209-212); all of [0, 1] without a try.

    `tries` may be an effective number, with `hits` in proportion, where tries hang together.
    """
    if tries <= 0:
        return 0.0, 1.0
    share, square = hits / tries, z * z / tries
    middle = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(share * (1 - share) / tries + square / tries / 4)
    return max(0.0, middle - half), min(1.0, middle + half)
