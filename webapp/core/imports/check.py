"""The dry run: says of each row what it would do and what is wrong with it; changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from webapp.core.imports.kind import Existing, ImportColumn, ImportKind
from webapp.core.imports.reading import Record, records
from webapp.core.imports.sniff import Shape
from webapp.core.imports.stage import BAD, BATCH, CREATE, READY, UNCHANGED, UPDATE, Stage, Staged

Tell = Callable[[int], None]  # hears how many rows are behind; raises when the work is to stop


def read_into(
    stage: Stage,
    kind: ImportKind,
    path: Path,
    shape: Shape,
    headers: Sequence[str],
    mapping: Mapping[str, str],
    tell: Tell,
) -> None:
    """Read the whole file into the stage. Raises Unreadable when the file breaks off."""
    staged = partial(_staged, kind, mapping, kind.required)
    rows = map(staged, records(path, shape, headers))
    done = 0
    while batch := list(islice(rows, BATCH)):
        stage.add(batch)
        done += len(batch)
        tell(done)


def _staged(
    kind: ImportKind, mapping: Mapping[str, str], required: Sequence[ImportColumn], record: Record
) -> Staged:
    if record.problem:
        return Staged(record.number, BAD, problems=[("", record.problem)])
    given = {name: record.cells[header] for name, header in mapping.items() if header in record.cells}
    values, wrong = kind.read(given)
    for column in required:
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
        against = (
            kind.complete(session, [row.values for row in batch]) if kind.complete else [None] * len(batch)
        )
        found = kind.find(session, [row.values for row in batch])
        session.commit()
        good = list[tuple[Staged, list[Existing]]]()
        for row, candidates, problem in zip(batch, found, against, strict=True):
            if problem:
                row.deed, row.problems = BAD, [problem]
            else:
                good.append((row, candidates))
        if kind.adds:
            _settle_added(stage, kind, good)
        else:
            for row, candidates in good:
                _settle(stage, kind, row, candidates)
        stage.settle(batch)
        done += len(batch)
        tell(done)


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
