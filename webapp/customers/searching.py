"""A customer's search results in their own order, within the bound the company sets."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.customers.recommending import Shelf, categories_of
from webapp.customers.rules.interactions import taste
from webapp.customers.rules.reranking import reranked
from webapp.customers.rules.scoring import scored

OF_CATEGORY = 0.1  # what a liked category brings an item that the model says nothing of


def in_their_order(shelf: Shelf, found: Sequence[str], shift: int) -> list[int]:
    """Places of a search's items, those the customer likes more moved up, none by more than `shift`."""
    liked = affinity(shelf, found)
    by_place = {str(place): liked.get(one, 0.0) for place, one in enumerate(found)}
    return [int(place) for place in reranked(list(by_place), by_place if liked else {}, shift)]


def affinity(shelf: Shelf, found: Sequence[str]) -> dict[str, float]:
    """How the customer stands to each item, from 0 to 1: by the model, what they did, and its category."""
    strengths, numbers = shelf.taste.strengths, shelf.numbers
    if not strengths:
        return {}
    own = _scaled(dict(zip(strengths, taste(dict(enumerate(strengths.values())))[1].tolist(), strict=True)))
    said = scored(numbers.weights, numbers.gram, numbers.places, strengths) if numbers else None
    by_model = {}
    if said is not None and numbers is not None:
        by_model = _scaled(
            {one: float(said.scores[numbers.places[one]]) for one in found if one in numbers.places}
        )
    liked = categories_of(shelf, [*strengths, *found])
    best = {liked[one] for one in strengths if liked.get(one)}
    return {
        one: max(own.get(one, 0.0), by_model.get(one, 0.0), OF_CATEGORY if liked.get(one) in best else 0.0)
        for one in found
        if one not in shelf.taste.disliked
    }


def _scaled(values: dict[str, float]) -> dict[str, float]:
    most = max([*values.values(), 0.0])
    return {one: max(0.0, value) / most for one, value in values.items()} if most > 0 else {}
