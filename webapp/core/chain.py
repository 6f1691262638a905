"""The links of the audit chain: keyed hashes, so that only the application can continue or rewrite it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

FIRST = "0" * 64
FIELDS = (
    "company_id",
    "seq",
    "id",
    "at",
    "action",
    "subject",
    "subject_id",
    "staff_id",
    "token_id",
    "address",
    "request_id",
    "changes",
    "reason",
    "previous",
)


class ChainKey:
    """Makes hashes (HMAC-SHA-256, RFC 2104) that nobody makes who has only the database."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.new(secret, b"audit chain", hashlib.sha256).digest()

    def hash(self, entry: Mapping[str, Any]) -> str:
        """Answer the hash over all columns of an entry, the previous entry's hash among them."""
        return self._sign("entry", [_plain(entry[name]) for name in FIELDS])

    def seal(self, company_id: UUID, seq: int, last: str) -> str:
        """Answer the seal of a chain's end."""
        return self._sign("head", [company_id.hex, seq, last])

    def _sign(self, kind: str, values: list[Any]) -> str:
        # The form is part of the stored data: a change of it breaks every chain there is.
        text = json.dumps([kind, *values], sort_keys=True, separators=(",", ":"))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
