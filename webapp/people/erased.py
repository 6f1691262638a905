"""Who was erased: known by a keyed digest alone, so that late records of them can be refused."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.db import company_of
from webapp.people.models import Tombstone

AT_ONCE = 500  # digests that one statement looks for


def digest_of(session: Session, key: bytes, identifier: str) -> str:
    """The digest (hex) of a person's identifier in the session's company, under the instance's key."""
    told = f"{company_of(session)}\x1f{identifier}".encode()
    return hmac.digest(hashlib.sha256(b"erased" + key).digest(), told, "sha256").hex()


def erased_of(session: Session, key: bytes, identifiers: Collection[str]) -> set[str]:
    """Those of the identifiers whose persons were erased."""
    digests = {digest_of(session, key, one): one for one in identifiers}
    listed, found = list(digests), set[str]()
    for begin in range(0, len(listed), AT_ONCE):
        some = Tombstone.digest.in_(listed[begin : begin + AT_ONCE])
        found.update(digests[one] for one in session.scalars(select(Tombstone.digest).where(some)))
    return found


def is_erased(session: Session, key: bytes, identifier: str) -> bool:
    """Whether the person of this identifier was erased."""
    return bool(erased_of(session, key, [identifier]))
