"""Overriding by list: what it would change, told before anything is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.archetypes.facts import Archetype
from webapp.archetypes.models import Member
from webapp.archetypes.overriding import MOST_AT_ONCE, SET, named
from webapp.core.errors import DomainError
from webapp.core.id_lists import Numbered
from webapp.core.tables import Listing
from webapp.people.models import Person


@dataclass(frozen=True)
class Preview:
    """What an override by list would do. `known` are user ids, `unknown` has the lines they stand on.

    `now` counts the known by the archetype they have, `overridden` those who have an override already.
    """

    archetype: Archetype
    known: tuple[str, ...]
    unknown: tuple[Numbered, ...]
    twice: int
    now: Mapping[Archetype, int]
    overridden: int

    @property
    def changing(self) -> int:
        """How many would have another archetype than now."""
        return sum(count for one, count in self.now.items() if one is not self.archetype)


def preview(session: Session, wanted: Sequence[Numbered], archetype: Archetype) -> Preview:
    """Look up who is named. Nothing is changed."""
    first = dict[str, int]()
    for line, user_id in wanted:
        first.setdefault(user_id, line)
    persons = named(session, list(first))
    now, overridden = _standing(session, list(persons.values()))
    return Preview(
        archetype=archetype,
        known=tuple(one for one in first if one in persons),
        unknown=tuple((line, one) for one, line in first.items() if one not in persons),
        twice=len(wanted) - len(first),
        now=now,
        overridden=overridden,
    )


def _standing(session: Session, persons: Sequence[UUID]) -> tuple[dict[Archetype, int], int]:
    """How many have which archetype in force, and how many an override; who is no member yet is average."""
    counts, overridden, members = dict.fromkeys(Archetype, 0), 0, 0
    for begin in range(0, len(persons), SET):
        some = Member.person_id.in_(persons[begin : begin + SET])
        for in_force, override in session.execute(select(Member.in_force, Member.override).where(some)):
            counts[in_force] += 1
            overridden += override is not None
            members += 1
    counts[Archetype.AVERAGE_USER] += len(persons) - members
    return counts, overridden


def users_matching(session: Session, listing: Listing[Person], args: Mapping[str, str]) -> list[str]:
    """The user ids of all members an address asks for. Raises DomainError for more than one go takes."""
    matching = listing.matching(args).with_only_columns(Person.identifier).limit(MOST_AT_ONCE + 1)
    found = list(session.scalars(matching))
    if len(found) > MOST_AT_ONCE:
        raise DomainError(
            f"More than {MOST_AT_ONCE:,} members match: narrow the list first.", code="too_many"
        )
    return found


def users_of(session: Session, ids: Sequence[UUID]) -> list[str]:
    """The user ids of these persons."""
    found = select(Person.identifier).where(Person.id.in_(ids)).order_by(Person.identifier)
    return list(session.scalars(found))
