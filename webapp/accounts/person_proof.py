"""Whether the course site's server vouches for the learner that a browser asks for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import jwt

from webapp.core.errors import DomainError

LONGEST = timedelta(hours=1)
LEEWAY = timedelta(seconds=60)  # two servers' clocks are never quite the same
NEEDED = "The header X-Person-Token has to prove who the learner is: a token that the course site signed."


def check_proof(proof: str, key: str, user_id: str, now: datetime) -> None:
    """Raise DomainError (401) unless the proof is signed with the key, for this person, and in time.

    A proof is a JWT, HS256 and nothing else, with `sub` and an `exp` at most an hour ahead.
    """
    if not proof:
        raise _refused(NEEDED)
    try:
        told: dict[str, Any] = jwt.decode(
            proof,
            key,
            algorithms=["HS256"],
            leeway=LEEWAY,
            # The end is compared below: with this instance's clock, and on both sides.
            options={"require": ["sub", "exp"], "verify_exp": False, "verify_iat": False},
        )
    except (jwt.InvalidTokenError, ValueError) as error:
        raise _refused(f"The token in X-Person-Token is not accepted: {error}.") from None
    _check_end(told["exp"], now)
    if told["sub"] != user_id:
        raise _refused("The token in X-Person-Token is for another person.")


def _check_end(end: object, now: datetime) -> None:
    if isinstance(end, bool) or not isinstance(end, int | float):
        raise _refused("The token in X-Person-Token has no readable end (`exp`).")
    ahead = end - now.timestamp()
    if not ahead > 0:
        raise _refused("The token in X-Person-Token is over; have a new one signed.")
    if not ahead <= (LONGEST + LEEWAY).total_seconds():
        raise _refused("The token in X-Person-Token lasts too long: an hour at most.")


def _refused(why: str) -> DomainError:
    return DomainError(why, code="person_not_proven", status=401)
