"""What is held of a person by name, and in the survey."""

from __future__ import annotations

from webapp.core.privacy import Holding, nothing_personal
from webapp.people.models import Person, Survey, Tombstone

HOLDINGS = (
    Holding(
        Person,
        by=(Person.id,),
        title="Person",
        personal=("identifier", "name", "email", "language", "timezone"),
    ),
    Holding(Survey, by=(Survey.person_id,), title="Survey", personal=("answers",), plain=("hash",)),
    nothing_personal(
        Tombstone, "digest", why="A keyed digest: it says that somebody was erased, and to nobody who."
    ),
)
