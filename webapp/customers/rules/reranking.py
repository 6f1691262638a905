"""Search results in a customer's order: nothing is added, nothing dropped, nothing moves beyond its bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def reranked(found: Sequence[str], affinity: Mapping[str, float], shift: int) -> list[str]:
    """The items, those the customer likes more moved up, each at most `shift` places from where it was.

    Places are filled from the first: who must stand there by now does, else the best liked of those that may
    (earliest deadline first, so a valid order always exists); equals keep their order.
    """
    if shift <= 0 or not affinity:
        return list(found)
    waiting = list(enumerate(found))
    order: list[str] = []
    for place in range(len(found)):
        due = [one for one in waiting if one[0] + shift <= place]
        within = [one for one in waiting if one[0] - shift <= place]
        chosen = due[0] if due else _best(within, waiting, affinity, place, shift)
        waiting.remove(chosen)
        order.append(chosen[1])
    return order


def _best(
    within: list[tuple[int, str]],
    waiting: list[tuple[int, str]],
    affinity: Mapping[str, float],
    place: int,
    shift: int,
) -> tuple[int, str]:
    """The best liked that may come now without making a later one come too late."""
    ranked = sorted(within, key=lambda one: (-affinity.get(one[1], 0.0), one[0]))
    for one in ranked:
        rest = [other for other in waiting if other is not one]
        if all(other[0] + shift >= place + 1 + turn for turn, other in enumerate(rest[: 2 * shift + 1])):
            return one
    return waiting[0]
