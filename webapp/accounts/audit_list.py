"""The audit log as people read it: filtered entries with names and links, and the same as CSV lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.accounts.models import ApiToken, Staff
from webapp.core.audit import AuditEntry, reasons_of
from webapp.core.csv_files import safe_cell
from webapp.core.jobs.models import Job
from webapp.core.tables import Column, Filter, Listing

AT_ONCE = 500
HEAD = (
    "number",
    "at",
    "who",
    "address",
    "action",
    "subject",
    "subject_id",
    "changed",
    "reason",
    "job",
    "request_id",
    "hash",
)
ENTRIES = Listing(
    AuditEntry,
    columns=(Column("at", AuditEntry.at), Column("seq", AuditEntry.seq)),
    filters=(
        Filter("action", AuditEntry.action, "Action"),
        Filter("subject", AuditEntry.subject, "Subject"),
    ),
    default_sort="-at",
)


@dataclass(frozen=True)
class Line:
    """An entry in words. `changed` names the fields, `reason` says why."""

    entry: AuditEntry
    who: str
    job_id: UUID | None
    reason: str

    @property
    def changed(self) -> str:
        """The names of the fields that changed."""
        return ", ".join(self.entry.changes)


def narrowing(args: Mapping[str, str], zone: ZoneInfo) -> tuple[ColumnElement[bool], ...]:
    """The criteria of who, from and to (days of the company's zone, both inclusive); nonsense is ignored."""
    found: list[ColumnElement[bool]] = []
    who = args.get("who", "")
    if who == "system":
        found += [AuditEntry.staff_id.is_(None), AuditEntry.token_id.is_(None)]
    elif known := _uuid(who):
        found.append((AuditEntry.staff_id == known) | (AuditEntry.token_id == known))
    if begin := _day(args.get("from", ""), zone):
        found.append(AuditEntry.at >= begin)
    if end := _day(args.get("to", ""), zone, days=1):
        found.append(AuditEntry.at < end)
    return tuple(found)


def lines(session: Session, entries: tuple[AuditEntry, ...] | list[AuditEntry]) -> list[Line]:
    """Name who acted and the job of each entry: four statements, however many entries."""
    people = _names(session, Staff, {one.staff_id for one in entries if one.staff_id})
    tokens = _names(session, ApiToken, {one.token_id for one in entries if one.token_id})
    asked = {one.request_id for one in entries if one.request_id}
    jobs: dict[str, UUID] = {}
    if asked:
        found = session.execute(select(Job.request_id, Job.id).where(Job.request_id.in_(asked)))
        jobs = {request_id: job_id for request_id, job_id in found}  # noqa: C416  # rows are no pairs to mypy
    reasons = reasons_of(session, entries)
    return [_line(one, people, tokens, jobs, reasons[one.id]) for one in entries]


def actors(session: Session) -> list[tuple[str, str]]:
    """Who may be chosen as the one who acted: (value, name)."""
    people = session.execute(
        select(Staff.id, Staff.name)
        .where(Staff.id.in_(select(AuditEntry.staff_id).distinct()))
        .order_by(Staff.name)
        .limit(200)
    )
    tokens = session.execute(select(ApiToken.id, ApiToken.name).order_by(ApiToken.name).limit(200))
    found = [(str(row_id), name) for row_id, name in people]
    found += [(str(row_id), f"token {name}") for row_id, name in tokens]
    return [*found, ("system", "the command line or the schedule")]


def csv_lines(session: Session, criteria: tuple[ColumnElement[bool], ...]) -> Iterator[str]:
    """Write all matching entries as CSV, oldest first, some hundred in memory at a time."""
    yield _row(HEAD)
    at = 0
    while True:
        statement = select(AuditEntry).where(AuditEntry.seq > at, *criteria).order_by(AuditEntry.seq)
        entries = list(session.scalars(statement.limit(AT_ONCE)))
        for line in lines(session, entries):
            yield _row(_cells(line))
        if len(entries) < AT_ONCE:
            return
        at = entries[-1].seq
        session.expunge_all()


def _cells(line: Line) -> tuple[object, ...]:
    one = line.entry
    return (
        one.seq,
        one.at.isoformat(),
        line.who,
        one.address,
        one.action.label,
        one.subject,
        one.subject_id or "",
        line.changed,
        line.reason,
        line.job_id or "",
        one.request_id,
        one.hash,
    )


def _row(cells: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([safe_cell(str(cell)) for cell in cells])
    return out.getvalue()


def _names(session: Session, kind: type[Staff | ApiToken], ids: set[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    found = session.execute(select(kind.id, kind.name).where(kind.id.in_(ids)))
    return {row_id: name for row_id, name in found}  # noqa: C416  # see above


def _line(
    one: AuditEntry,
    people: dict[UUID, str],
    tokens: dict[UUID, str],
    jobs: dict[str, UUID],
    reason: str,
) -> Line:
    names = []
    if one.staff_id:
        names.append(people.get(one.staff_id, "a former account"))
    if one.token_id:
        names.append(f"token {tokens.get(one.token_id, one.token_id)}")
    return Line(one, " with ".join(names) or "the system", jobs.get(one.request_id), reason)


def _uuid(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None


def _day(word: str, zone: ZoneInfo, days: int = 0) -> datetime | None:
    try:
        day = date.fromisoformat(word) + timedelta(days=days)
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
