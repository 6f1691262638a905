"""Why something was done to a person, readable only as long as the person's key stands.

The trail cannot be changed, and a reason is text that staff typed: it is sealed under the key that an
erasure destroys. What is too long for the column is cut; the whole text stands at what was changed.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import zlib
from collections.abc import Iterable
from uuid import UUID

MARK = "sealed:"
GONE = "(gone with the person)"
MOST = 350  # bytes that the column holds beside the mark, the key's id and the nonce
NONCE = 8


def seal(key: bytes, key_id: UUID, reason: str) -> str:
    """The reason as the trail keeps it: compressed and enciphered with an HMAC-SHA-256 key stream."""
    if not reason:
        return ""
    kept, packed = reason, zlib.compress(reason.encode(), 9)
    while len(packed) > MOST:
        kept = kept[:-20]
        packed = zlib.compress(f"{kept}…".encode(), 9)
    nonce = secrets.token_bytes(NONCE)
    told = base64.b85encode(nonce + _crossed(key, nonce, packed)).decode()
    return f"{MARK}{key_id.hex}:{told}"


def key_ids(reasons: Iterable[str]) -> set[UUID]:
    """The keys under which these reasons are sealed; those that are not name none."""
    return {UUID(hex=one.split(":")[1]) for one in reasons if one.startswith(MARK)}


def unseal(keys: dict[UUID, str], reason: str) -> str:
    """The reason as it was written, or that it is gone; `keys` by id, as hex."""
    if not reason.startswith(MARK):
        return reason
    _, key_id, told = reason.split(":", 2)
    key = keys.get(UUID(hex=key_id))
    if key is None:
        return GONE
    raw = base64.b85decode(told)
    return zlib.decompress(_crossed(bytes.fromhex(key), raw[:NONCE], raw[NONCE:])).decode()


def _crossed(key: bytes, nonce: bytes, data: bytes) -> bytes:
    blocks = range(-(-len(data) // 32))
    stream = b"".join(hmac.digest(key, b"reason" + nonce + bytes([one]), "sha256") for one in blocks)
    return bytes(a ^ b for a, b in zip(data, stream, strict=False))
