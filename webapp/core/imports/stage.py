"""What was read of a file, beside the database: rows, what each would do, what is wrong with it.

A small SQLite file of one import. Reading and comparing a large file writes here, so that the
application's own database is locked only while it takes over what is ready.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic_core import from_json, to_json

BATCH = 500
TABLES = """
CREATE TABLE rows (number INTEGER PRIMARY KEY, deed TEXT NOT NULL, title TEXT NOT NULL, vals TEXT NOT NULL,
    target TEXT NOT NULL DEFAULT '', version INTEGER NOT NULL DEFAULT 0, before TEXT NOT NULL DEFAULT '{}');
CREATE INDEX rows_by_deed ON rows (deed, number);
CREATE TABLE problems (number INTEGER NOT NULL, place TEXT NOT NULL, sentence TEXT NOT NULL,
    compared INTEGER NOT NULL);
CREATE INDEX problems_by_number ON problems (number);
CREATE TABLE keys (key TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
"""
READY, CREATE, UPDATE, UNCHANGED, BAD = "ready", "create", "update", "unchanged", "bad"
NOTHING = "{}"
SPLIT = "\x1f"  # between the parts of a key
DEEDS = (CREATE, UPDATE, UNCHANGED, BAD)


@dataclass
class Staged:
    """One row of the file: what it would do, and (column, sentence) for all that is wrong with it."""

    number: int
    deed: str
    title: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    target: str = ""
    version: int = 0
    before: dict[str, Any] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)


class Stage:
    """The file, open. Leaving the body keeps what was written."""

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        self._path = path
        if fresh:
            path.unlink(missing_ok=True)
        elif not path.exists():
            raise FileNotFoundError(path)
        self._fresh = fresh

    def __enter__(self) -> Self:
        """Open it, with its tables."""
        self._path.touch(mode=0o600)
        self._file = sqlite3.connect(self._path)
        # It can be made again from the uploaded file: a crash may cost it.
        self._file.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-32000;")
        if self._fresh:
            self._file.executescript(TABLES)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._file.commit()
        self._file.close()

    def add(self, rows: Iterable[Staged]) -> None:
        """Put rows that were read, or settled at once."""
        kept = list(rows)
        self._file.executemany(
            "INSERT INTO rows (number, deed, title, vals) VALUES (?, ?, ?, ?)",
            [(row.number, row.deed, row.title, _written(row.values)) for row in kept],
        )
        self._problems(kept, compared=False)
        self._file.commit()

    def begin_comparing(self) -> None:
        """Forget every comparison made so far, not what was read."""
        self._file.execute("DELETE FROM keys")
        self._file.execute("DELETE FROM problems WHERE compared")
        unread = "SELECT number FROM problems"
        again = f"UPDATE rows SET deed = ? WHERE deed <> ? AND number NOT IN ({unread})"  # noqa: S608  # ours
        self._file.execute(again, (READY, READY))
        self._file.commit()

    def settle(self, rows: Sequence[Staged]) -> None:
        """Note what comparing found of these rows."""
        self._file.executemany(
            "UPDATE rows SET deed = ?, target = ?, version = ?, before = ? WHERE number = ?",
            [(row.deed, row.target, row.version, _written(row.before), row.number) for row in rows],
        )
        self._problems(rows, compared=True)
        self._file.commit()

    def first_with(self, key: Sequence[str], number: int) -> int:
        """The row in which this key stands first; this one when it is new."""
        word = json.dumps(key)
        self._file.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (word, number))
        found: int = self._file.execute("SELECT number FROM keys WHERE key = ?", (word,)).fetchone()[0]
        return found

    def first_of_each(self, keys: Sequence[tuple[Sequence[str], int]]) -> list[int]:
        """The same for many rows in their order."""
        words = [(SPLIT.join(key), number) for key, number in keys]
        put = self._file.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?)", words)
        if put.rowcount == len(words):
            return [number for _, number in words]
        asked = "SELECT number FROM keys WHERE key = ?"
        return [self._file.execute(asked, (word,)).fetchone()[0] for word, _ in words]

    def batches(self, *deeds: str, size: int = BATCH) -> Iterator[list[Staged]]:
        """The rows of these deeds in the file's order, some at a time, without their problems."""
        after = 0
        while batch := self._some(deeds, after, size):
            yield batch
            after = batch[-1].number

    def titles(self, deed: str, size: int) -> Iterator[list[str]]:
        """The titles of the rows of a deed, each once, some at a time."""
        found = self._file.execute("SELECT DISTINCT title FROM rows WHERE deed = ?", (deed,))
        while some := found.fetchmany(size):
            yield [title for (title,) in some]

    def by_title(self, deed: str, size: int) -> Iterator[list[tuple[int, dict[str, Any]]]]:
        """The rows of a deed with their values, some at a time, those of one title together, in its order.

        What is settled meanwhile does not change what comes.
        """
        asked = "SELECT number, vals FROM rows WHERE deed = ? ORDER BY title, number"
        found = self._file.cursor().execute(asked, (deed,))
        while some := found.fetchmany(size):
            yield [(number, _read(values)) for number, values in some]

    def leave(self, left: Sequence[tuple[int, tuple[str, str] | None]]) -> None:
        """Note of rows, by number, that they stood already, or what forbids them."""
        deeds = [(BAD if why else UNCHANGED, number) for number, why in left]
        self._file.executemany("UPDATE rows SET deed = ? WHERE number = ?", deeds)
        told = [(number, *why) for number, why in left if why]
        self._file.executemany("INSERT INTO problems VALUES (?, ?, ?, TRUE)", told)

    def page(self, deeds: Sequence[str], after: int, size: int) -> list[Staged]:
        """Some rows of these deeds behind a row, with their problems."""
        rows = {row.number: row for row in self._some(deeds, after, size)}
        if rows:
            marks = ",".join("?" * len(rows))
            asked = f"SELECT number, place, sentence FROM problems WHERE number IN ({marks}) ORDER BY rowid"  # noqa: S608  # marks
            for number, place, sentence in self._file.execute(asked, list(rows)):
                rows[number].problems.append((place, sentence))
        return list(rows.values())

    def counts(self) -> dict[str, int]:
        """How many rows there are of each deed."""
        found = dict(self._file.execute("SELECT deed, count(*) FROM rows GROUP BY deed"))
        return {deed: found.get(deed, 0) for deed in DEEDS}

    def _some(self, deeds: Sequence[str], after: int, size: int) -> list[Staged]:
        marks = ",".join("?" * len(deeds))
        asked = (
            "SELECT number, deed, title, vals, target, version, before FROM rows "  # noqa: S608  # marks alone
            f"WHERE deed IN ({marks}) AND number > ? ORDER BY number LIMIT ?"
        )
        return [
            Staged(number, deed, title, _read(values), target, version, _read(before))
            for number, deed, title, values, target, version, before in self._file.execute(
                asked, [*deeds, after, size]
            )
        ]

    def _problems(self, rows: Iterable[Staged], *, compared: bool) -> None:
        self._file.executemany(
            "INSERT INTO problems VALUES (?, ?, ?, ?)",
            [(row.number, place, why, compared) for row in rows for place, why in row.problems],
        )


def _written(values: dict[str, Any]) -> str:
    return to_json(values).decode() if values else NOTHING


def _read(written: str) -> dict[str, Any]:
    found: dict[str, Any] = {} if written == NOTHING else from_json(written)
    return found
