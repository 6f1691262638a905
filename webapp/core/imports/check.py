"""The dry run: says of each row what it would do and what is wrong with it; changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

from sqlalchemy.orm import Session

from webapp.core.imports.kind import Existing, ImportKind
from webapp.core.imports.reading import Record
from webapp.core.imports.stage import BAD, BATCH, CREATE, READY, UNCHANGED, UPDATE, Stage, Staged

MANY = 5_000  # rows of a kind that only adds, looked at together
Tell = Callable[[int], None]  # hears how many rows are behind; raises when the work is to stop
Cells = Callable[[Record], Staged]


def read_into(stage: Stage, rows: Iterator[Staged], tell: Tell) -> None:
    """Put all rows into the stage. Raises Unreadable when the file breaks off."""
    done = 0
    while batch := list(islice(rows, BATCH)):
        stage.add(batch)
        done += len(batch)
        tell(done)


def read_and_settle(
    stage: Stage, kind: ImportKind, session: Session, rows: Iterator[Staged], tell: Tell
) -> None:
    """The same for a kind that only adds, with what each row would do: the file is gone through once.

    The caller's transaction is ended between sets.
    """
    done = 0
    while batch := list(islice(rows, MANY)):
        _settle_added(stage, kind, _meant(kind, session, [row for row in batch if row.deed == READY]))
        stage.add(batch)
        done += len(batch)
        tell(done)


def reader_of(kind: ImportKind, mapping: Mapping[str, str]) -> Cells:
    """What makes a row to be compared of a record, with all that is wrong with its cells."""
    reads = [(column.name, mapping[column.name], column.read) for column in kind.columns_of(mapping)]
    title = kind.columns[0].name
    if any(column.name not in mapping for column in kind.required):
        return partial(_faulty, kind, mapping)

    def staged(record: Record) -> Staged:
        cells = record.cells
        try:
            # Nearly every row is right and whole; another is read once more, for a sentence on each fault.
            values = {name: read(cells[header]) for name, header, read in reads}
        except (KeyError, ValueError):
            return _faulty(kind, mapping, record)
        named = values.get(title) or (cells[mapping[title]] if title in mapping else "")
        return Staged(record.number, READY, str(named or "")[:200], values)

    return staged


def _faulty(kind: ImportKind, mapping: Mapping[str, str], record: Record) -> Staged:
    if record.problem:
        return Staged(record.number, BAD, problems=[("", record.problem)])
    given = {name: record.cells[header] for name, header in mapping.items() if header in record.cells}
    values, wrong = kind.read(given)
    for column in kind.required:
        if column.name not in given:
            wrong[column.name] = f"This row has no {column.label.lower()}."
    problems = _labelled(kind, given, wrong) if wrong else []
    title = str(values.get(kind.columns[0].name) or given.get(kind.columns[0].name) or "")[:200]
    return Staged(record.number, BAD if problems else READY, title, values, problems=problems)


def _labelled(kind: ImportKind, given: Mapping[str, str], wrong: Mapping[str, str]) -> list[tuple[str, str]]:
    labels = {column.name: column.label for column in kind.columns_of(given)}
    labels |= {column.name: column.label for column in kind.columns}
    return [(labels[name], why) for name, why in wrong.items()]


def compare(stage: Stage, kind: ImportKind, session: Session, tell: Tell) -> None:
    """Settle for each readable row whether it would create, update or leave a saved row.

    Reads set by set; the caller's transaction is ended between sets, nothing is held open.
    """
    stage.begin_comparing()
    done = 0
    for batch in stage.batches(READY):
        for row, candidates in _meant(kind, session, batch):
            _settle(stage, kind, row, candidates)
        stage.settle(batch)
        done += len(batch)
        tell(done)


def _meant(kind: ImportKind, session: Session, rows: Sequence[Staged]) -> list[tuple[Staged, list[Existing]]]:
    """The rows that can be meant, each with the saved rows that it may mean; the others are marked."""
    values = [row.values for row in rows]
    against = kind.complete(session, values) if kind.complete else [None] * len(rows)
    found = kind.find(session, values)
    session.commit()
    good = list[tuple[Staged, list[Existing]]]()
    for row, candidates, problem in zip(rows, found, against, strict=True):
        if problem:
            row.deed, row.problems = BAD, [problem]
        else:
            good.append((row, candidates))
    return good


def _settle_added(stage: Stage, kind: ImportKind, rows: Sequence[tuple[Staged, Sequence[Existing]]]) -> None:
    first = stage.first_of_each([(kind.key(row.values), row.number) for row, _ in rows])
    for (row, candidates), number in zip(rows, first, strict=True):
        row.deed = UNCHANGED if candidates or number != row.number else CREATE


def _settle(stage: Stage, kind: ImportKind, row: Staged, candidates: Sequence[Existing]) -> None:
    first = stage.first_with(kind.key(row.values), row.number)
    if any(not kind.differences(row.values, one.values) for one in candidates):
        row.deed = UNCHANGED
    elif first != row.number:
        _refuse(row, f"Row {first:,} is about the same {kind.noun}.")
    elif len(candidates) > 1:
        _refuse(row, f"{len(candidates)} saved {kind.name} could be meant; change them by hand.")
    elif candidates:
        target = candidates[0].id.hex
        first = stage.first_with(("target", target), row.number)
        if first != row.number:
            _refuse(row, f"Row {first:,} changes the same {kind.noun}.")
            return
        row.deed, row.target, row.version = UPDATE, target, candidates[0].version
        row.before = {
            name: candidates[0].values.get(name, "")
            for name in kind.differences(row.values, candidates[0].values)
        }
    else:
        row.deed = CREATE


def _refuse(row: Staged, why: str) -> None:
    row.deed = BAD
    row.problems.append(("", why))
