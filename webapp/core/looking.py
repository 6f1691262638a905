"""Notes whom a page is about, where its address does not say it; who looked is written down elsewhere."""

from __future__ import annotations

from uuid import UUID

from flask import g


def looked_at(person_id: UUID) -> None:
    """Note that this answer shows this person."""
    g.looked_at = {*looked_upon(), person_id}


def looked_upon() -> set[UUID]:
    """The persons that were noted in this request."""
    found: set[UUID] = g.get("looked_at", set())
    return found
