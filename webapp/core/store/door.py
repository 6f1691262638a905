"""The connection to Redis, made when it is first needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar
from uuid import uuid4

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

T = TypeVar("T")


class StoreAway(Exception):
    """Redis cannot be reached, or refused; the caller decides what that means."""


class Store:
    """Small documents with an age limit, and the connection that the queue shares."""

    def __init__(self, url: str) -> None:
        self.url = url

    @cached_property
    def redis(self) -> Redis:
        """The client; it connects at its first command and reconnects by itself."""
        return Redis.from_url(
            self.url, socket_connect_timeout=1.0, socket_timeout=5.0, retry=Retry(NoBackoff(), 1)
        )

    def alive(self) -> bool:
        """Whether the server answers."""
        try:
            return bool(self.redis.ping())
        except (RedisError, OSError):
            return False

    def put(self, key: str, document: object, seconds: int) -> None:
        """Keep a JSON document for so many seconds. Raises StoreAway."""
        self._do(lambda: self.redis.set(key, json.dumps(document, ensure_ascii=False), ex=seconds))

    def get(self, key: str) -> Any | None:
        """Answer the document, or None when it is unknown or expired. Raises StoreAway."""
        kept = self._do(lambda: self.redis.get(key))
        return None if kept is None else json.loads(kept)

    def delete(self, key: str) -> None:
        """Forget the document. Raises StoreAway."""
        self._do(lambda: self.redis.delete(key))

    def many(self, keys: list[str]) -> list[Any | None]:
        """Answer these documents in one go; None for what is unknown or expired. Raises StoreAway."""
        return _documents(self._do(lambda: self.redis.mget(keys)))

    def put_and_read(self, key: str, document: object, seconds: int, keys: list[str]) -> list[Any | None]:
        """Keep a document, then answer these, in one go. Raises StoreAway."""

        def kept() -> Sequence[bytes | str | None]:
            with self.redis.pipeline(transaction=False) as pipe:
                pipe.set(key, json.dumps(document, ensure_ascii=False), ex=seconds)
                pipe.mget(keys)
                found: Sequence[bytes | str | None] = pipe.execute()[-1]
            return found

        return _documents(self._do(kept))

    def renew(self, keys: list[str], seconds: int) -> None:
        """Put another word under each key, for so many seconds from now. Raises StoreAway."""
        word = json.dumps(uuid4().hex)
        if len(keys) == 1:
            self._do(lambda: self.redis.set(keys[0], word, ex=seconds))
            return

        def renewed() -> None:
            with self.redis.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.set(key, word, ex=seconds)
                pipe.execute()

        self._do(renewed)

    @staticmethod
    def _do(deed: Callable[[], T]) -> T:
        try:
            return deed()
        except (RedisError, OSError) as error:
            raise StoreAway(str(error)) from error


def _documents(found: Sequence[bytes | str | None]) -> list[Any | None]:
    return [None if one is None else json.loads(one) for one in found]
