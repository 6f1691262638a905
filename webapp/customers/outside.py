"""An external recommender that answers the same call: asked first of who shares data, given up in time."""

from __future__ import annotations

import json
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from webapp.core.store import Store
from webapp.core.store.breaker import Breaker
from webapp.customers.facts import Feature
from webapp.customers.preferences import effective
from webapp.customers.recommending import (
    Context,
    Recommender,
    Shelf,
    Suggestion,
    Suggestions,
    allowed,
    suggest,
)
from webapp.customers.service import Service
from webapp.customers.tracking import known_of, refusal
from webapp.people.erased import is_erased

AT_ONCE = 8  # questions that one process asks at the same time
LARGEST = 1_000_000  # bytes of an answer
FAILURES, PAUSE = 5, 30
NO_NUL = r"^[^\x00]*$"  # no item's id holds one, and no database looks for it

_askers = ThreadPoolExecutor(AT_ONCE, "recommender")


class Item(BaseModel):
    """One item as the service answers it."""

    model_config = ConfigDict(extra="ignore")

    product_id: str = Field(min_length=1, max_length=200, pattern=NO_NUL)
    score: float = Field(allow_inf_nan=False)
    reason: str = Field("", max_length=500)


class Told(BaseModel):
    """The service's answer; what else it says is not read."""

    model_config = ConfigDict(extra="ignore")

    items: list[Item] = Field(max_length=1_000)
    model: str = Field("external", max_length=100)


@dataclass(frozen=True)
class Outside:
    """The service at `url`, given `seconds` in all; after five failures in a row it is left alone."""

    url: str
    seconds: float
    store: Store

    def ask(self, user_id: str, body: dict[str, Any]) -> Told | None:
        """Its answer, or None when it is late, fails or says what cannot be read."""
        breaker = Breaker(self.store, "recommender", FAILURES, PAUSE)
        if breaker.seconds() is not None:
            return None
        asked: Future[Told] = _askers.submit(_ask, self.url, user_id, body, self.seconds)
        try:
            found = asked.result(timeout=self.seconds)
        except Exception as error:  # noqa: BLE001  # whatever it makes go wrong is its failure, not the caller's
            asked.cancel()
            breaker.failed()
            structlog.get_logger().warning("recommender away", problem=type(error).__name__)
            return None
        breaker.succeeded()
        return found


def _ask(url: str, user_id: str, body: dict[str, Any], seconds: float) -> Told:
    import httpx2  # noqa: PLC0415  # heavy, and only where there is such a service

    address = f"{url.rstrip('/')}/{quote(user_id, safe='')}"
    try:
        with httpx2.stream("POST", address, json=body, timeout=seconds) as answer:
            answer.raise_for_status()
            read = bytearray()
            for part in answer.iter_bytes():
                read += part
                if len(read) > LARGEST:
                    raise ValueError("the answer is too large")
        return Told.model_validate(json.loads(read))
    except (httpx2.HTTPError, ValidationError) as error:
        raise ValueError(type(error).__name__) from None


def shares(session: Session, service: Service, key: bytes, user_id: str) -> bool:
    """Whether another service may be told of this customer: known, sharing data, tracking not refused.

    `key` is the one that erased persons are known by; of them, and of strangers, nothing is told.
    """
    known = known_of(session, {user_id}).get(user_id)
    if known is None or is_erased(session, key, user_id):
        return False
    person_id, said = known
    return refusal(service, said) is None and effective(session, service, person_id).data_sharing


@dataclass(frozen=True)
class Adviser:
    """Answers what a customer is recommended; `there` is asked first, where there is one.

    `key` is the one that erased persons are known by.
    """

    recommender: Recommender
    there: Outside | None
    key: bytes

    def advise(
        self,
        session: Session,
        service: Service,
        user_id: str,
        limit: int,
        context: Context | None = None,
        exclude: Collection[str] = (),
    ) -> tuple[Suggestions, Shelf]:
        """Up to `limit` items, and the shelf they were chosen from. Holds nothing open while it waits."""
        context, asks = context or Context(), self._asks(session, service, user_id)
        told = self._told(session, user_id, _asked(limit, context, exclude)) if asks else None
        shelf = self.recommender.shelf(session, service, user_id)
        if told is not None:
            return with_ours(told, shelf, limit, context, exclude), shelf
        return replace(suggest(shelf, limit, context, exclude), instead=asks), shelf

    def _asks(self, session: Session, service: Service, user_id: str) -> bool:
        if self.there is None or not service.on(Feature.RECOMMENDATIONS):
            return False
        return shares(session, service, self.key, user_id)

    def _told(self, session: Session, user_id: str, body: dict[str, Any]) -> Told | None:
        assert self.there is not None
        session.rollback()
        return self.there.ask(user_id, body)


def _asked(limit: int, context: Context, exclude: Collection[str]) -> dict[str, Any]:
    here = {"product_id": context.item, "category": context.category, "basket": list(context.basket)}
    return {"limit": limit, "context": here, "exclude": sorted(exclude)}


def with_ours(
    told: Told, shelf: Shelf, limit: int, context: Context, exclude: Collection[str]
) -> Suggestions:
    """What the service told, as far as it may be shown, filled up to `limit` with the built-in answer.

    Where nothing of it may be shown the built-in answer stands alone.
    """
    here = {one for one in (context.item, *context.basket) if one}
    hidden = {*exclude, *shelf.taste.known, *shelf.taste.disliked, *here}
    may = allowed(shelf, [one.product_id for one in told.items], context.category) - hidden
    first = dict[str, Suggestion]()
    for one in told.items:
        if one.product_id in may:
            first.setdefault(one.product_id, Suggestion(one.product_id, one.score, one.reason))
    theirs = tuple(first.values())[:limit]
    if len(theirs) == limit:
        return Suggestions(theirs, told.model, personalized=True)
    ours = suggest(shelf, limit - len(theirs), context, {*exclude, *first})
    return replace(ours, items=theirs + ours.items, model=told.model, personalized=True) if theirs else ours
