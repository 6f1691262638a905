"""A circuit breaker that all processes share; when Redis is away the circuit counts as closed."""

from __future__ import annotations

from dataclasses import dataclass

from redis.exceptions import RedisError

from webapp.core.store.door import Store

REMEMBERED = 600  # seconds; failures further apart are not "in a row"


@dataclass(frozen=True)
class Breaker:
    """Counts failures in a row.

    At `failures` it opens for `pause` seconds; after them a single failure opens it anew.

    See Nygard, Release It!, 2nd edition, chapter 5, "Circuit Breaker".
    """

    store: Store
    name: str
    failures: int = 5
    pause: int = 30

    def seconds(self) -> float | None:
        """Answer for how many seconds the circuit stays open, or None when calls may go."""
        try:
            left = self.store.redis.pttl(self._key("open"))
        except (RedisError, OSError):
            return None
        return left / 1000 if left > 0 else None

    def failed(self) -> None:
        """Count a failure; the last of the row opens the circuit."""
        try:
            count = self.store.redis.incr(self._key("failures"))
            self.store.redis.expire(self._key("failures"), REMEMBERED)
            if count >= self.failures:
                self.store.redis.set(self._key("open"), count, ex=self.pause)
        except (RedisError, OSError):
            return

    def succeeded(self) -> None:
        """Forget the failures: the row is broken."""
        try:
            self.store.redis.delete(self._key("failures"), self._key("open"))
        except (RedisError, OSError):
            return

    def _key(self, what: str) -> str:
        return f"breaker:{self.name}:{what}"
