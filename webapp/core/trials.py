"""Where areas and experiments meet: what can be held back, who may be watched, what persons did.

Areas are strangers to each other. Each gives what it knows through its `Area`; here it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor

if TYPE_CHECKING:
    from webapp.core.area import Area


@dataclass(frozen=True)
class Measure:
    """What an experiment on a treatment would count: deeds of one kind, as a share of users or as a sum."""

    key: str
    name: str
    kind: str  # proportion, mean or revenue
    event: str  # of the deeds that are counted


@dataclass(frozen=True)
class Treatment:
    """Something personal that can be held back: its key, its name, what the control gets in its place.

    `measures` are those that an experiment begins with, the one that decides first.
    """

    key: str
    label: str
    control: str
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Deed:
    """Something a person did, as areas tell it; `identifier` makes telling it twice harmless."""

    person_id: UUID
    kind: str
    value: float | None
    at: datetime
    identifier: str


Watched = Callable[[Session, str], str]
Off = Callable[[Session], str]
Traits = Callable[[Session, "UUID | None", datetime, Collection[str]], Mapping[str, Sequence[str]]]
HeldBack = Callable[[Session, Actor, str, str], bool]
Observed = Callable[[Session, Sequence[Deed]], None]


@dataclass(frozen=True)
class Trials:
    """What all areas know of experiments."""

    areas: Sequence[Area]

    @property
    def treatments(self) -> dict[str, Treatment]:
        """All that can be held back, by key."""
        return {one.key: one for area in self.areas for one in area.treatments}

    def why_off(self, session: Session) -> str:
        """Why nobody of the session's company is in an experiment, for people; empty when they can be."""
        return next((why for area in self.areas if area.trials_off and (why := area.trials_off(session))), "")

    def watched(self, session: Session, identifier: str) -> str:
        """Why the person of this identifier may not be watched, as a code; empty when they may."""
        found = (area.watched(session, identifier) for area in self.areas if area.watched)
        return next((why for why in found if why), "")

    def traits(
        self, session: Session, person_id: UUID | None, now: datetime, wanted: Collection[str]
    ) -> dict[str, Sequence[str]]:
        """The person's words by fact, of those that are wanted; None is somebody unknown."""
        found = dict[str, Sequence[str]]()
        for area in self.areas:
            if area.traits:
                found |= area.traits(session, person_id, now, wanted)
        return found

    def held_back(self, session: Session, actor: Actor, identifier: str, treatment: str) -> bool:
        """Whether a running experiment gives this person the control of the treatment; being asked is noted.

        Costs one indexed statement while no experiment on it runs. Opens a unit when somebody is seen first.
        """
        asked = (area.held_back for area in self.areas if area.held_back)
        return any(one(session, actor, identifier, treatment) for one in asked)

    def observed(self, session: Session, deeds: Sequence[Deed]) -> None:
        """Tell experiments what persons did, in the caller's unit."""
        for area in self.areas:
            if area.observed:
                area.observed(session, deeds)
