"""Parked enrichment documents: a day in their company's own place, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import World
from webapp.core.errors import DomainError, NotFound, Unavailable
from webapp.core.store import Store
from webapp.personas.parking import LARGEST, fetch, forget, park

DOCUMENT: dict[str, Any] = {
    "person": {"name": "Søren", "title": "Director", "organization": {"name": "Fjord"}}
}


def parked(world: World, document: Any = DOCUMENT) -> str:
    return park(world.services.store, world.clock, world.company_id, document)[0]


def test_a_parked_document_comes_back_until_it_expires(world: World) -> None:
    store, before = world.services.store, world.clock.now()
    key, expires = park(store, world.clock, world.company_id, DOCUMENT)
    assert fetch(store, world.company_id, key) == DOCUMENT
    assert timedelta(hours=24) <= expires - before < timedelta(hours=24, minutes=1)
    (place,) = store.redis.keys("enrichment:*")  # type: ignore[misc]  # the synchronous client
    assert 86_000 < int(store.redis.ttl(place)) <= 86_400  # type: ignore[arg-type]  # likewise
    store.redis.pexpire(place, 0)
    with pytest.raises(NotFound, match="unknown or has expired") as refused:
        fetch(store, world.company_id, key)
    assert set(refused.value.details) == {"redisKey"}


def test_B3_another_company_finds_nothing_under_the_key(world: World) -> None:
    key = parked(world)
    with pytest.raises(NotFound):
        fetch(world.services.store, world.other_id, key)


@pytest.mark.parametrize("key", ["", "nothing", "a\0b", "*", "x" * 5000])
def test_an_odd_key_is_unknown(world: World, key: str) -> None:
    parked(world)
    with pytest.raises(NotFound):
        fetch(world.services.store, world.company_id, key)


def test_each_document_has_a_key_of_its_own_and_can_be_forgotten(world: World) -> None:
    first, second = parked(world), parked(world)
    assert first != second
    forget(world.services.store, world.company_id, first)
    with pytest.raises(NotFound):
        fetch(world.services.store, world.company_id, first)
    assert fetch(world.services.store, world.company_id, second) == DOCUMENT


def nested(depth: int) -> dict[str, Any]:
    document: dict[str, Any] = dict(DOCUMENT)
    for _ in range(depth):
        document = {"name": "x", "more": document}
    return document


@pytest.mark.parametrize(
    ("document", "status", "reason"),
    [
        ({"error": "none"}, 422, "found nobody"),
        ({}, 422, "holds no person"),
        ([DOCUMENT], 422, "one JSON object"),
        ({"name": "a \ud800 broken sign"}, 422, "broken signs"),
        (nested(100_000), 422, "nested too deeply"),
        ({**DOCUMENT, "more": "x" * LARGEST}, 413, "larger than 1 MB"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(
    world: World, document: Any, status: int, reason: str
) -> None:
    with pytest.raises(DomainError, match=reason) as refused:
        parked(world, document)
    assert refused.value.status == status
    assert world.services.store.redis.keys("enrichment:*") == []


def test_without_the_queue_server_it_says_to_try_again(make_world: Callable[..., World]) -> None:
    world, away = make_world(), Store("unix:///nowhere/at/all.sock")
    with pytest.raises(Unavailable) as refused:
        park(away, world.clock, world.company_id, DOCUMENT)
    assert refused.value.retryable
    with pytest.raises(Unavailable):
        fetch(away, world.company_id, "key")
    forget(away, world.company_id, "key")
