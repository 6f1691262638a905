"""What several requests of a process bring at the same moment, done in one go by one of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy.exc import DataError, IntegrityError

from webapp.core.errors import DomainError

OF_ONE = (DomainError, DataError, IntegrityError)
T = TypeVar("T")
A = TypeVar("A")


@dataclass
class _Brought(Generic[T, A]):
    thing: T
    done: bool = False
    answer: A | None = None
    error: Exception | None = None


class _Line(Generic[T, A]):
    """Those of one key, whose turn comes one after the other."""

    def __init__(self) -> None:
        self.turn = Lock()
        self.waiting: deque[_Brought[T, A]] = deque()  # appending and taking are atomic

    def taken(self) -> list[_Brought[T, A]]:
        """All that wait now, taken out of the line."""
        return [self.waiting.popleft() for _ in range(len(self.waiting))]


class Together(Generic[T, A]):
    """One at a time does all that waits under its key, its own and the others', who find their answers.

    A unit of work costs nearly the same for one row and for ten, and SQLite has one writer at a time. (Flat
    combining: Hendler, Incze, Shavit, Tzafrir, 2010, SPAA.)
    """

    def __init__(self) -> None:
        self._lines: dict[Hashable, _Line[T, A]] = {}

    def do(self, key: Hashable, thing: T, deed: Callable[[Sequence[T]], Sequence[A]]) -> A:
        """Answer what `deed` answers for the thing, possibly with others' of the same key beside it.

        Not to be called within a unit of work, nor may `deed` fail once it has written. What is refused to
        several, by a rule or by the database, says nothing of each: then it is done for the one thing alone.
        """
        mine, line = _Brought[T, A](thing), self._lines.setdefault(key, _Line())
        line.waiting.append(mine)
        with line.turn:
            if not mine.done:
                self._do(line.taken(), deed)
        if mine.error is not None:
            raise mine.error
        return deed([thing])[0] if mine.answer is None else mine.answer

    def __len__(self) -> int:
        """How many wait for their turn."""
        return sum(len(line.waiting) for line in self._lines.values())

    @staticmethod
    def _do(some: Sequence[_Brought[T, A]], deed: Callable[[Sequence[T]], Sequence[A]]) -> None:
        for one in some:
            one.done = True
        try:
            for one, answer in zip(some, deed([one.thing for one in some]), strict=True):
                one.answer = answer
        except Exception as error:  # noqa: BLE001  # each caller raises it, not the one whose turn it was
            if len(some) == 1 or not isinstance(error, OF_ONE):
                for one in some:
                    one.error = error
