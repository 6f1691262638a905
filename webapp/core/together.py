"""What several requests of a process bring at the same moment, done in one go by one of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from webapp.core.errors import DomainError

T = TypeVar("T")
A = TypeVar("A")


@dataclass
class _Brought(Generic[T, A]):
    key: Hashable
    thing: T
    done: bool = False
    answer: A | None = None
    error: Exception | None = None


class Together(Generic[T, A]):
    """One at a time does all that waits under its key, its own and the others', who find their answers.

    A unit of work costs nearly the same for one row and for ten, and SQLite has one writer at a time. (Flat
    combining: Hendler, Incze, Shavit, Tzafrir, 2010, SPAA.)
    """

    def __init__(self) -> None:
        self._turn, self._list = Lock(), Lock()
        self._waiting: list[_Brought[T, A]] = []

    def do(self, key: Hashable, thing: T, deed: Callable[[Sequence[T]], Sequence[A]]) -> A:
        """Answer what `deed` answers for the thing, possibly with others' of the same key beside it.

        Not to be called within a unit of work, nor may `deed` fail once it has written. A DomainError for
        several says nothing of each: then it is done for the one thing alone.
        """
        mine = _Brought[T, A](key, thing)
        with self._list:
            self._waiting.append(mine)
        with self._turn:
            if not mine.done:
                self._do(self._taken(key), deed)
        if mine.error is not None:
            raise mine.error
        return deed([thing])[0] if mine.answer is None else mine.answer

    def __len__(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    def _taken(self, key: Hashable) -> list[_Brought[T, A]]:
        with self._list:
            some = [one for one in self._waiting if one.key == key]
            self._waiting = [one for one in self._waiting if one.key != key]
        return some

    @staticmethod
    def _do(some: Sequence[_Brought[T, A]], deed: Callable[[Sequence[T]], Sequence[A]]) -> None:
        for one in some:
            one.done = True
        try:
            for one, answer in zip(some, deed([one.thing for one in some]), strict=True):
                one.answer = answer
        except Exception as error:  # noqa: BLE001  # each caller raises it, not the one whose turn it was
            if len(some) == 1 or not isinstance(error, DomainError):
                for one in some:
                    one.error = error
