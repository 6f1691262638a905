"""Whose model, preferences and notices are meant: the caller's own."""

from __future__ import annotations

from uuid import UUID

from webapp.core.access import Actor
from webapp.core.errors import Forbidden


def caller_staff(actor: Actor) -> UUID:
    """The staff account that asks. Raises Forbidden (`staff_needed`) for a token that is nobody's."""
    if actor.staff_id is None:
        raise Forbidden(
            "This is about a person’s own model and preferences, and this token is nobody’s: "
            "make one that is bound to a staff account.",
            code="staff_needed",
        )
    return actor.staff_id
