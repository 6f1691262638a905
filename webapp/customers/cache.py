"""Answers kept in Redis for a while, and dropped at once when the customer or the company moves on.

A kept answer says under which two marks it was made, the company's and the customer's; whoever changes
something renews a mark, so that nothing kept before counts any more. Without Redis nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.db import after_commit, company_of
from webapp.core.services import Services
from webapp.core.store import Store, StoreAway

SHAPE = 2  # one more with each change of what kept documents hold: older ones are not found then
EVERYBODY = ""  # what is kept for the company as such
MOST_AT_ONCE = 1_000  # customers whose marks are renewed one by one; beyond, the company's is


@dataclass(frozen=True)
class Cache:
    """Keeps documents for `seconds`; 0 keeps none."""

    store: Store
    seconds: int

    def kept(
        self,
        session: Session,
        user_id: str,
        name: str,
        make: Callable[[], Any],
        keep: Callable[[Any], bool] = lambda _: True,
    ) -> Any:
        """The document of this name for the customer: the kept one, else made now, and kept if it may be."""
        if not self.seconds:
            return make()
        company = company_of(session)
        asked = [_mark(company), _mark(company, user_id)]
        key = f"customers:{company}:kept:{SHAPE}:{_veiled(user_id)}:{name}"
        try:
            *marks, found = self.store.many([*asked, key])
        except StoreAway:
            return make()
        if found is not None and found["marks"] == marks:
            return found["document"]
        document = make()
        if keep(document):
            self._keep(key, {"marks": marks, "document": document}, asked)
        return document

    def _keep(self, key: str, told: dict[str, Any], asked: list[str]) -> None:
        with suppress(StoreAway):
            if self.store.put_and_read(key, told, self.seconds, asked) != told["marks"]:
                self.store.delete(key)  # of somebody who may be erased by now

    def drop(self, session: Session, *user_ids: str) -> None:
        """Forget, after the unit's commit, what is kept for these customers; for all when none is named."""
        company = company_of(session)
        if user_ids and len(user_ids) <= MOST_AT_ONCE:
            keys = [_mark(company, one) for one in user_ids]
        else:
            keys = [_mark(company)]
        after_commit(session, lambda: self._renew(keys))

    def clear(self, company: UUID) -> int:
        """Remove all that is kept for the company, and have nothing made before this moment found again.

        Answers how many answers were kept. Raises what Redis raises.
        """
        redis = self.store.redis
        self.store.renew([_mark(company)], max(2 * self.seconds, 60))
        marks = _mark(company).encode()
        kept = [key for key in redis.scan_iter(f"customers:{company}:*", 500) if not key.startswith(marks)]
        return sum(int(redis.delete(key)) for key in kept)

    def _renew(self, keys: list[str]) -> None:
        try:
            # Twice as long as anything kept: when a mark is forgotten, so is all that was kept under it.
            self.store.renew(keys, max(2 * self.seconds, 60))
        except StoreAway:
            return  # then nothing kept is found either


def cache_of(made: Services) -> Cache:
    """What keeps the application's answers, for as long as `CACHE_TTL` says."""
    return Cache(made.store, made.settings.cache_ttl)


def _mark(company: UUID, user_id: str = "") -> str:
    return f"customers:{company}:mark:{_veiled(user_id)}"


def _veiled(user_id: str) -> str:
    """Who it is for, told to nobody who reads the keys."""
    return blake2b(user_id.encode(), digest_size=16).hexdigest() if user_id else ""
