"""Passwords as Argon2id hashes, random secrets as SHA-256 hashes."""

from __future__ import annotations

import hashlib
import secrets as random
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
TOKEN_PREFIX = "atl_"  # noqa: S105  # a public mark, so that a leaked token is recognised


@cache
def _hasher(*, cheap: bool = False) -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if cheap else PasswordHasher()


class Passwords:
    """Hashes and checks passwords. `cheap` is for tests, whose passwords protect nothing."""

    def __init__(self, *, cheap: bool = False) -> None:
        self._hasher = _hasher(cheap=cheap)
        self._nobody = self._hasher.hash(random.token_urlsafe())

    def hash(self, password: str) -> str:
        """Answer the Argon2id hash."""
        return self._hasher.hash(password)

    def match(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; an unknown account (None) takes as long as a wrong password."""
        try:
            self._hasher.verify(password_hash or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None


def new_secret() -> str:
    """Make a secret of 256 random bits."""
    return random.token_urlsafe(32)


def new_password() -> str:
    """Make a password that can be read out: 20 letters and digits in groups."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(random.choice(alphabet) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


def digest(secret: str) -> str:
    """Answer the hash a random secret is found by. Not for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()
