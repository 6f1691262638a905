"""Which variant somebody gets: hashing compatible with GrowthBook's SDKs (hash version 2).

Sources: the SDKs' build-your-own specification and the JavaScript SDK's `util.ts` (`hash`,
`getBucketRanges`, `chooseVariation`, `inNamespace`). The same seed, user and weights give the same variant
there and here, in every process and after every restart: nothing but the texts themselves counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OFFSET, PRIME, MASK = 0x811C9DC5, 0x01000193, 0xFFFFFFFF
BUCKETS, NAMESPACE_BUCKETS = 10_000, 1_000
SLACK = 0.01  # by which weights may miss 1 before the SDKs take equal ones
Range = tuple[float, float]


@dataclass(frozen=True)
class Namespace:
    """A part of a namespace, `begin` to before `end`: experiments in parts that do not meet share nobody."""

    id: str
    begin: float
    end: float


def fnv1a(text: str) -> int:
    """FNV-1a with 32 bits over UTF-16 code units, as JavaScript reads a text."""
    found = OFFSET
    units = text.encode("utf-16-le", "surrogatepass")
    for low, high in zip(units[::2], units[1::2], strict=True):
        found = ((found ^ (low | high << 8)) * PRIME) & MASK
    return found


def place(seed: str, user: str) -> float:
    """Where the user stands between 0 and 1, in steps of 0.0001 (hash version 2)."""
    return fnv1a(str(fnv1a(seed + user))) % BUCKETS / BUCKETS


def inside(namespace: Namespace, user: str) -> bool:
    """Whether the user belongs to this part of the namespace (hash version 1, steps of 0.001)."""
    there = fnv1a(f"{user}__{namespace.id}") % NAMESPACE_BUCKETS / NAMESPACE_BUCKETS
    return namespace.begin <= there < namespace.end


def ranges(weights: Sequence[float], coverage: float = 1.0) -> list[Range]:
    """Which places mean which variant: each has its weight’s stretch, of which `coverage` is used.

    More coverage only adds places: nobody who has a variant gets another. Weights that do not add up to
    one are replaced by equal ones, as the SDKs do.
    """
    used = min(max(coverage, 0.0), 1.0)
    total = sum(weights)
    if not 1 - SLACK <= total <= 1 + SLACK:
        weights = [1 / len(weights)] * len(weights)
    found, begin = list[Range](), 0.0
    for weight in weights:
        found.append((begin, begin + used * weight))
        begin += weight
    return found


def choose(at: float, stretches: Sequence[Range]) -> int | None:
    """The variant whose stretch holds the place; None for a place outside the coverage."""
    return next((number for number, (begin, end) in enumerate(stretches) if begin <= at < end), None)


def assigned(seed: str, user: str, weights: Sequence[float], coverage: float = 1.0) -> int | None:
    """The number of the user's variant, 0 for the control; None for somebody who is not in it."""
    return choose(place(seed, user), ranges(weights, coverage))
