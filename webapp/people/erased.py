"""Who was erased: known by a keyed digest alone, so that late records of them can be refused."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from webapp.core.db import company_of, lock_key, read
from webapp.core.errors import DomainError
from webapp.core.folded import fold
from webapp.core.services import services
from webapp.people.models import Tombstone

ADDRESS = "\x1fe-mail\x1f"  # before an address in a digest, so that no user id is taken for one
AT_ONCE = 500  # digests that one statement looks for
AMONG = select(Tombstone.digest).where(Tombstone.digest.in_(bindparam("digests", expanding=True)))


GONE = "This person was erased: nothing of them may be written any more."
GONE_ADDRESS = "Whoever has this address was erased: only by hand may they be entered anew."


class ErasedMeanwhile(Exception):
    """Somebody was erased while something was learned that may know them."""


def digest_of(session: Session, key: bytes, identifier: str) -> str:
    """The digest (hex) of a person's identifier in the session's company, under the instance's key."""
    told = f"{company_of(session)}\x1f{identifier}".encode()
    return hmac.digest(hashlib.sha256(b"erased" + key).digest(), told, "sha256").hex()


def erased_of(session: Session, key: bytes, identifiers: Collection[str]) -> set[str]:
    """Those of the identifiers whose persons were erased."""
    digests = {digest_of(session, key, one): one for one in identifiers}
    listed, found = list(digests), set[str]()
    for begin in range(0, len(listed), AT_ONCE):
        rows = read(session, AMONG, {"digests": listed[begin : begin + AT_ONCE]})
        found.update(digests[row.digest] for row in rows)
    return found


def is_erased(session: Session, key: bytes, identifier: str) -> bool:
    """Whether the person of this identifier was erased."""
    return bool(erased_of(session, key, [identifier]))


def erasures(session: Session) -> int:
    """How many persons of the company were erased so far."""
    return session.scalar(select(func.count(Tombstone.id))) or 0


def need_same_people(session: Session, before: int) -> None:
    """Raise ErasedMeanwhile, inside the caller's unit, when there were fewer erasures before.

    Until the unit ends nobody is erased.
    """
    lock_key(session, "persons", company_of(session))
    if erasures(session) != before:
        raise ErasedMeanwhile


def gone_among(session: Session, identifiers: Collection[str]) -> set[str]:
    """Those of the identifiers that no person may have any more, under the instance's key."""
    return erased_of(session, services().settings.audit_secret(), identifiers)


def gone_addresses(session: Session, addresses: Collection[str]) -> set[str]:
    """Those of the e-mail addresses whose owners were erased, however they are written."""
    told = {ADDRESS + fold(one): one for one in addresses if one}
    gone = gone_among(session, told)
    return {one for one in addresses if ADDRESS + fold(one) in gone}


def refuse_gone(session: Session, identifiers: Collection[str]) -> None:
    """Raise DomainError (`erased`, 410) when one of them is an erased person's: a late record."""
    if gone_among(session, identifiers):
        raise DomainError(GONE, code="erased", status=410, details={"user_id": GONE})
