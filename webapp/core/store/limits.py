"""Counters that all processes share; when Redis is away each process counts by itself."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import cached_property

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from webapp.core.errors import TooMany


@dataclass(frozen=True)
class Limit:
    """So many a minute for one key."""

    name: str
    a_minute: int

    @property
    def item(self) -> RateLimitItem:
        """The limit as the library counts it."""
        return RateLimitItemPerMinute(self.a_minute, namespace=self.name)


@dataclass(frozen=True)
class DailyLimit:
    """So many within 24 hours for one key."""

    name: str
    a_day: int

    @property
    def item(self) -> RateLimitItem:
        """The limit as the library counts it."""
        return RateLimitItemPerDay(self.a_day, namespace=self.name)


AnyLimit = Limit | DailyLimit


class Limits:
    """Counts deeds in a moving minute, or day."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._alone = MovingWindowRateLimiter(MemoryStorage())

    @cached_property
    def _shared(self) -> MovingWindowRateLimiter:
        url = "redis+" + self._url if self._url.startswith("unix://") else self._url
        return MovingWindowRateLimiter(
            RedisStorage(
                url,
                wrap_exceptions=True,
                socket_connect_timeout=1.0,
                socket_timeout=2.0,
                retry=Retry(NoBackoff(), 1),  # type: ignore[arg-type]  # handed on to redis as it is; the library's own ten tries would hold the request for 4 s
            )
        )

    def check(self, limit: AnyLimit, key: str) -> None:
        """Raise TooMany when the key's time is full; counts nothing."""
        try:
            self._check(self._shared, limit, key)
        except StorageError:
            self._check(self._alone, limit, key)

    def hit(self, limit: AnyLimit, key: str) -> None:
        """Count one deed of the key. Raises TooMany when its time was full already."""
        try:
            self._hit(self._shared, limit, key)
        except StorageError:
            self._hit(self._alone, limit, key)

    def forget(self, limit: AnyLimit, key: str) -> None:
        """Begin the key's time anew."""
        try:
            self._shared.clear(limit.item, key)
        except StorageError:
            self._alone.clear(limit.item, key)

    def _check(self, counter: MovingWindowRateLimiter, limit: AnyLimit, key: str) -> None:
        if not counter.test(limit.item, key):
            raise self._full(counter, limit, key)

    def _hit(self, counter: MovingWindowRateLimiter, limit: AnyLimit, key: str) -> None:
        if not counter.hit(limit.item, key):
            raise self._full(counter, limit, key)

    @staticmethod
    def _full(counter: MovingWindowRateLimiter, limit: AnyLimit, key: str) -> TooMany:
        free_at = counter.get_window_stats(limit.item, key).reset_time
        seconds = max(1, math.ceil(free_at - time.time()))
        return TooMany(f"Too many tries. Please wait {seconds} seconds and try again.", seconds)
