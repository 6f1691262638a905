"""Enrichment documents parked in Redis for a day, each in its company's own place."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from webapp.core.clock import Clock
from webapp.core.errors import NotFound, Unavailable
from webapp.core.store import Store, StoreAway

HOURS = 24
AWAY = "Enrichment documents cannot be kept at the moment: the queue server is away. Try again in a moment."


def park(store: Store, clock: Clock, company_id: UUID, document: Mapping[str, Any]) -> tuple[str, datetime]:
    """Keep the document for a day; answers its key and when it expires. Raises Unavailable."""
    key = secrets.token_urlsafe(24)
    try:
        store.put(_place(company_id, key), dict(document), HOURS * 3600)
    except StoreAway:
        raise Unavailable(AWAY) from None
    return key, clock.now() + timedelta(hours=HOURS)


def fetch(store: Store, company_id: UUID, key: str) -> dict[str, Any]:
    """Answer the parked document. Raises NotFound when it expired or never was, Unavailable."""
    try:
        document = store.get(_place(company_id, key))
    except StoreAway:
        raise Unavailable(AWAY) from None
    if not isinstance(document, dict):
        raise NotFound(
            "The redisKey is unknown or has expired.",
            details={"redisKey": "This document is unknown or has expired."},
        )
    return document


def _place(company_id: UUID, key: str) -> str:
    return f"enrichment:{company_id}:{key}"
