"""What an area says so that files can be imported: columns, how rows are found again, how written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.audit import Auditor

Values = Mapping[str, Any]
Problem = tuple[str, str]  # a column's label, and a sentence


@dataclass(frozen=True)
class ImportColumn:
    """One column. `read` answers the cell as it is stored, as JSON can hold it, or raises ValueError.

    Its sentence is for people. `also` are other headers it is known by. With `keeps` an empty
    cell leaves what is saved.
    """

    name: str
    label: str
    read: Callable[[str], Any]
    required: bool = False
    also: tuple[str, ...] = ()
    keeps: bool = False


FURTHER = "+"  # before the names of columns that are kept under names of the file's own


@dataclass(frozen=True)
class Further:
    """What becomes of a file's further columns: kept under the name that `named` makes of their header.

    `named` and `read` raise ValueError with a sentence. An empty cell leaves what is saved.
    """

    label: str
    named: Callable[[str], str]
    read: Callable[[str], Any]

    def column(self, name: str) -> ImportColumn:
        """The column that is kept under this name, which begins with the mark."""
        return ImportColumn(name, name.removeprefix(FURTHER), self.read, keeps=True)


@dataclass(frozen=True)
class Existing:
    """A saved row that a row of the file may mean."""

    id: UUID
    version: int
    values: Values


@dataclass(frozen=True)
class Change:
    """A row to be written: a new one (version 0), or a saved one as read at its version."""

    id: UUID
    version: int
    values: Values
    before: Values


@dataclass(frozen=True)
class Writing:
    """Who writes, when, and where its audit rows go."""

    company_id: UUID
    actor: Actor
    now: datetime
    auditor: Auditor


@dataclass(frozen=True)
class Left:
    """A row of a set that was not added: why it must not be, or None when it stands already."""

    place: int
    problem: Problem | None = None


class Adding(Protocol):
    """How rows come in that are only ever added, a million of them: a part at a time, each part for good.

    A row's id follows from its import and its place, so that a part which is written again, after its
    process was killed, adds nothing, and that all of an import can be taken back.
    """

    def refuses(self, session: Session, titles: Sequence[str]) -> bool:
        """Whether it is known now, of any of the rows of these titles, that it must not be added."""
        ...

    def add(self, session: Session, writing: Writing, first: int, rows: Sequence[Values]) -> list[Left]:
        """Add the rows under the ids from `first` on, inside the caller's unit, audit rows with them.

        Answers those that stand already under another id, saved meanwhile, and those that must not be added.
        """
        ...

    def take_back(self, session: Session, writing: Writing, first: int, end: int, most: int) -> int:
        """Remove up to `most` of the rows with these ids, inside the caller's unit; answers how many."""
        ...


@dataclass(frozen=True)
class ImportKind:
    """A kind of rows that can be imported, declared by its area.

    `key` answers what makes two rows of a file the same, `find` the saved rows that each given row may mean.
    `write` writes set by set inside the caller's unit, audit rows with it, and raises Conflict when a
    row is no longer as it was read. `endpoint` is the list's page. `complete` fills in, set by set, what
    readable rows leave to what is saved, and answers (column, sentence) for each that cannot be meant.

    With `adding` in place of `write`, rows are only ever added: one that stands already, saved or earlier in
    the file, is left as it is. `for_run` makes the kind for one run, with a memory of its own.
    """

    name: str
    noun: str
    permission: Permission
    columns: tuple[ImportColumn, ...]
    key: Callable[[Values], tuple[str, ...]]
    find: Callable[[Session, Sequence[Values]], list[list[Existing]]]
    endpoint: str
    write: Callable[[Session, Writing, Sequence[Change]], None] | None = None
    adding: Adding | None = None
    further: Further | None = None
    complete: Callable[[Session, Sequence[dict[str, Any]]], list[Problem | None]] | None = None
    for_run: Callable[[], ImportKind] | None = None

    @property
    def required(self) -> tuple[ImportColumn, ...]:
        """The columns no file can lack."""
        return tuple(column for column in self.columns if column.required)

    def read(self, cells: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
        """The values of the given cells, and a sentence for each column that cannot be stored."""
        values, problems = dict[str, Any](), dict[str, str]()
        for column in self.columns_of(cells):
            try:
                values[column.name] = column.read(cells[column.name])
            except ValueError as error:
                problems[column.name] = str(error)
        return values, problems

    def columns_of(self, names: Iterable[str]) -> list[ImportColumn]:
        """The columns of these names, ours first, then the further ones."""
        given = dict.fromkeys(names)
        ours = [column for column in self.columns if column.name in given]
        if self.further is None:
            return ours
        return ours + [self.further.column(name) for name in given if name.startswith(FURTHER)]

    def further_names(self, headers: Iterable[str]) -> dict[str, str]:
        """The further columns' names with their headers; a header that no name can be made of is left out."""
        found = dict[str, str]()
        for header in headers if self.further else ():
            try:
                name = self.further.named(header) if self.further else ""
            except ValueError:
                continue
            found.setdefault(f"{FURTHER}{name}", header)
        return found

    def differences(self, values: Values, saved: Values) -> dict[str, Any]:
        """What importing these values would change of what is saved."""
        keep = {column.name for column in self.columns_of(values) if column.keeps}
        return {
            name: value
            for name, value in values.items()
            if saved.get(name, "") != value and (value or name not in keep)
        }
