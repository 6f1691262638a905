"""An external recommender that answers the same call: asked first, given up within its time."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from webapp.core.store import Store
from webapp.core.store.breaker import Breaker

AT_ONCE = 8  # questions that one process asks at the same time
LARGEST = 1_000_000  # bytes of an answer
FAILURES, PAUSE = 5, 30

_askers = ThreadPoolExecutor(AT_ONCE, "recommender")


class Item(BaseModel):
    """One item as the service answers it."""

    model_config = ConfigDict(extra="ignore")

    product_id: str = Field(min_length=1, max_length=200)
    score: float
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
        except (Late, OSError, ValueError) as error:
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
