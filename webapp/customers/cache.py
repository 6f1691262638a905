"""Answers kept in Redis for a while, and dropped at once when the customer or the company moves on.

A kept answer is found under two counts, the company's and the customer's; whoever changes something counts
up, so that nothing kept before is found again. Without Redis nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.db import after_commit, company_of
from webapp.core.services import Services
from webapp.core.store import Store, StoreAway

MOST_AT_ONCE = 1_000  # customers whose counts are raised one by one; beyond, the company's is


@dataclass(frozen=True)
class Cache:
    """Keeps documents for `seconds`; 0 keeps none."""

    store: Store
    seconds: int

    def kept(self, session: Session, user_id: str, name: str, make: Callable[[], Any]) -> Any:
        """The document of this name for the customer: the kept one, else made now and kept."""
        if not self.seconds:
            return make()
        company = company_of(session)
        try:
            counts = self.store.counts([_count(company), _count(company, user_id)])
            key = f"customers:{company}:{counts[0]}:{counts[1]}:{user_id}:{name}"
            found = self.store.get(key)
            if found is None:
                found = make()
                self.store.put(key, found, self.seconds)
        except StoreAway:
            return make()
        return found

    def drop(self, session: Session, *user_ids: str) -> None:
        """Forget, after the unit's commit, what is kept for these customers; for all when none is named."""
        company = company_of(session)
        if user_ids and len(user_ids) <= MOST_AT_ONCE:
            keys = [_count(company, one) for one in user_ids]
        else:
            keys = [_count(company)]
        after_commit(session, lambda: self._raise(keys))

    def _raise(self, keys: list[str]) -> None:
        try:
            # Twice as long as anything kept: when a count is forgotten, so is all that was kept under it.
            self.store.count_up(keys, max(2 * self.seconds, 60))
        except StoreAway:
            return  # then nothing kept is found either


def cache_of(made: Services) -> Cache:
    """What keeps the application's answers, for as long as `CACHE_TTL` says."""
    return Cache(made.store, made.settings.cache_ttl)


def _count(company: UUID, user_id: str = "") -> str:
    return f"customers:{company}:count:{user_id}"
