"""The kinds of job that areas bring, each with the function that does one item."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from webapp.core.access import Permission

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from webapp.core.jobs.context import ItemContext
    from webapp.core.jobs.models import Job


class Queue(enum.Enum):
    """Three lines, so that a long batch does not hold up a draft someone waits for."""

    LLM = "llm"
    DEFAULT = "default"
    BATCH = "batch"


@dataclass(frozen=True)
class JobKind:
    """What a job of this kind is called, where it queues, who may ask for it, and its work.

    `work` does one item: it computes outside any transaction and writes inside `context.effect()`.
    `side_by_side` lets several items be done at once; they then must not build on each other.
    `limit` is how many seconds the job may work without finishing an item (the setting's when None);
    `where` answers the address of what the job made or belongs to, when there is one. `results` says in
    words what an outcome's `result` means, where it has no `note` of its own.
    """

    name: str
    label: str
    queue: Queue
    permission: Permission
    work: Callable[[ItemContext], None]
    limit: float | None = None
    side_by_side: bool = False
    where: Callable[[Session, Job], str | None] | None = None
    results: Mapping[str, str] = field(default_factory=dict)


class Kinds:
    """The kinds this process knows."""

    def __init__(self) -> None:
        self._kinds: dict[str, JobKind] = {}

    def add(self, kind: JobKind) -> None:
        """Make the kind known. Raises ValueError when the name is taken."""
        if kind.name in self._kinds:
            raise ValueError(f"two job kinds are called {kind.name}")
        self._kinds[kind.name] = kind

    def __getitem__(self, name: str) -> JobKind:
        """Answer the kind of that name. Raises KeyError."""
        return self._kinds[name]

    def __iter__(self) -> Iterator[JobKind]:
        """Go through all kinds."""
        return iter(self._kinds.values())

    def get(self, name: str) -> JobKind | None:
        """Answer the kind of that name, or None when this process does not know it."""
        return self._kinds.get(name)


@dataclass(frozen=True)
class Patience:
    """How many seconds a job may work without finishing an item: its kind's, else the setting's."""

    kinds: Kinds
    seconds: float

    def of(self, kind: str) -> float:
        """Answer the seconds of that kind."""
        known = self.kinds.get(kind)
        return known.limit if known and known.limit is not None else self.seconds

    def shortest(self) -> float:
        """Answer the seconds of the most impatient kind."""
        return min([self.seconds, *(kind.limit for kind in self.kinds if kind.limit is not None)])
