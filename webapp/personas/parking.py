"""Enrichment documents parked in Redis for a day, each in its company's own place."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from redis import Redis

from webapp.core.clock import Clock
from webapp.core.errors import DomainError, NotFound, Unavailable
from webapp.core.store import Store, StoreAway
from webapp.personas.enrichment import EnrichmentUnreadable, read_enrichment

HOURS = 24
LARGEST = 1024 * 1024  # bytes of a document written as JSON
AWAY = "Enrichment documents cannot be kept at the moment: the queue server is away. Try again in a moment."


def park(store: Store, clock: Clock, company_id: UUID, document: Mapping[str, Any]) -> tuple[str, datetime]:
    """Keep the document for a day; answers its key and when it expires.

    Raises DomainError for a document that is too large or describes nobody, Unavailable.
    """
    check_document(document)
    key = secrets.token_urlsafe(24)
    try:
        store.put(place_of(company_id, key), dict(document), HOURS * 3600)
    except StoreAway:
        raise Unavailable(AWAY) from None
    return key, clock.now() + timedelta(hours=HOURS)


def check_document(document: Mapping[str, Any]) -> None:
    """Raise DomainError, with a sentence, for a document that cannot be kept or describes nobody."""
    if not isinstance(document, Mapping):
        message = "An enrichment document is one JSON object, from { to }; this is something else."
        raise DomainError(message, code="unreadable_document", details={"document": message})
    try:
        size = len(json.dumps(document, ensure_ascii=False).encode())
        read_enrichment(document)
    except (EnrichmentUnreadable, UnicodeEncodeError, RecursionError) as error:
        known = isinstance(error, EnrichmentUnreadable)
        message = str(error) if known else "The document holds broken signs or is nested too deeply."
        raise DomainError(message, code="unreadable_document", details={"document": message}) from None
    if size > LARGEST:
        message = "The document is larger than 1 MB."
        raise DomainError(message, code="too_large", status=413, details={"document": message})


def forget(store: Store, company_id: UUID, key: str) -> None:
    """Drop the parked document; when the store is away it expires by itself."""
    with suppress(StoreAway):
        store.delete(place_of(company_id, key))


def fetch(store: Store, company_id: UUID, key: str) -> dict[str, Any]:
    """Answer the parked document. Raises NotFound when it expired or never was, Unavailable."""
    try:
        document = store.get(place_of(company_id, key))
    except StoreAway:
        raise Unavailable(AWAY) from None
    if not isinstance(document, dict):
        raise NotFound(
            "The redisKey is unknown or has expired.",
            details={"redisKey": "This document is unknown or has expired."},
        )
    return document


def parked(redis: Redis, company_id: UUID) -> Iterator[str]:
    """The keys of all documents that the company has parked."""
    for place in redis.scan_iter(match=place_of(company_id, "*"), count=500):
        yield place.decode().rpartition(":")[2]


def place_of(company_id: UUID, key: str) -> str:
    """Where the document of this key stands."""
    return f"enrichment:{company_id}:{key}"
