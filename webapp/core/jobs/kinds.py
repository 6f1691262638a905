"""The kinds of job that areas bring, each with the function that does one item."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp.core.access import Permission

if TYPE_CHECKING:
    from webapp.core.jobs.context import ItemContext


class Queue(enum.Enum):
    """Three lines, so that a long batch does not hold up a draft someone waits for."""

    LLM = "llm"
    DEFAULT = "default"
    BATCH = "batch"


@dataclass(frozen=True)
class JobKind:
    """What a job of this kind is called, where it queues, who may ask for it, and its work.

    `work` does one item: it computes outside any transaction and writes inside `context.effect()`.
    """

    name: str
    label: str
    queue: Queue
    permission: Permission
    work: Callable[[ItemContext], None]


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
