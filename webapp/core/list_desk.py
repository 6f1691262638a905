"""What any list offers beside its page: files with the same filter, deeds on many rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.audit import AuditAction, Auditor
from webapp.core.csv_files import csv_parts
from webapp.core.db import scope_to, unit
from webapp.core.db.base import EngineSession
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import Job
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.tables import Listing

MOST_AT_ONCE = 200  # rows deleted while somebody waits; more are a job
SET = 200
READ = 500  # rows of a file read at once
Args = Mapping[str, str]
Texts = Callable[[Any], Mapping[str, str]]
Also = Callable[[Session, Sequence[UUID]], Mapping[UUID, Mapping[str, str]]]


@dataclass(frozen=True)
class ListDesk:
    """One list's further offers, declared by its area.

    `columns` and `texts` make its files: what they hold can be imported again. `deleted` is the audit
    action of one deleted row; without it no rows are deleted here. `endpoint` is the list's page.
    `also` brings texts of many rows from other tables, `further` names the columns that rows bring
    themselves. `whose` answers the person whose values a row holds; `deleting` does what else follows
    from deleting rows, in the same unit, before they go.
    """

    name: str
    noun: str
    listing: Listing[Any]
    read: Permission
    write: Permission
    columns: tuple[str, ...]
    texts: Texts
    endpoint: str
    deleted: AuditAction | None = None
    also: Also | None = None
    further: Callable[[Session], Sequence[str]] | None = None
    whose: Callable[[Any], UUID] | None = None
    deleting: Callable[[Session, Sequence[Any]], None] | None = None

    @property
    def job(self) -> JobKind:
        """The kind of job that deletes many rows of this list."""
        name, label = f"{self.name}.delete", f"Delete {self.name}"
        return JobKind(name, label, Queue.BATCH, self.write, self.work)

    def delete(self, session: Session, actor: Actor, ids: Sequence[UUID], auditor: Auditor) -> int:
        """Delete these rows in one unit, an audit row for each; answers how many there were."""
        with unit(session):
            return self._delete(session, actor, ids, auditor)

    def start_deleting(self, session: Session, actor: Actor, args: Args, starter: Starter) -> Job:
        """Have a job delete all rows that the address asks for, but none made after this moment."""
        with unit(session):
            params = {"args": dict(args), "until": starter.clock.now().isoformat()}
            item = NewItem(f"All {self.name} that match")
            return starter.start(session, actor, self.job, f"Delete {self.name}", [item], params=params)

    def work(self, context: ItemContext) -> None:
        """Delete set by set, each in a unit of its own; what is deleted stays so when it is stopped."""
        model, until = self.listing.model, datetime.fromisoformat(context.job_params["until"])
        matching = self.listing.matching(context.job_params["args"]).with_only_columns(model.id)
        matching = matching.where(model.created_at <= until).order_by(None).order_by(model.id).limit(SET)
        gone, last = 0, UUID(int=0)
        while ids := list(context.session.scalars(matching.where(model.id > last))):
            last = ids[-1]
            context.session.commit()
            context.stop_if_asked()
            with context.lease.unit(context.session) as session:
                gone += self._delete(session, context.actor, ids, context.auditor)
        context.session.commit()
        with context.effect({"deleted": gone}):
            pass

    def _delete(self, session: Session, actor: Actor, ids: Sequence[UUID], auditor: Auditor) -> int:
        assert self.deleted is not None
        model = self.listing.model
        rows = list(session.scalars(select(model).where(model.id.in_(ids))))
        traces = [
            (row.id, {name: (text, None) for name, text in self.texts(row).items() if text}) for row in rows
        ]
        persons = {row.id: self.whose(row) for row in rows} if self.whose else None
        auditor.record_many(session, actor, self.deleted, model.__name__.lower(), traces, persons=persons)
        if self.deleting:
            self.deleting(session, rows)
        session.execute(delete(model).where(model.id.in_([row.id for row in rows])))
        return len(rows)

    def rows(
        self, engine: Engine, company_id: UUID, args: Args, ids: Sequence[UUID] = ()
    ) -> Iterator[list[str]]:
        """The columns' names, then the texts of all rows that the address asks for, or of these.

        They are read as they are sent.
        """
        statement = self.listing.matching(args)
        if ids:
            statement = statement.where(self.listing.model.id.in_(ids))
        with EngineSession(engine) as session:
            scope_to(session, company_id)
            columns = [*self.columns, *(self.further(session) if self.further else ())]
            yield columns
            for some in session.scalars(statement.execution_options(yield_per=READ)).partitions():
                more = self.also(session, [row.id for row in some]) if self.also else {}
                for row in some:
                    texts = {**more.get(row.id, {}), **self.texts(row)}
                    yield [texts.get(name, "") for name in columns]

    def as_csv(self, rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
        """The rows, the columns' names first, as CSV that no spreadsheet calculates."""
        found = iter(rows)
        return csv_parts(next(found), found)

    def as_json(self, rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
        """The rows, the columns' names first, as `{"items": […]}`, one a line."""
        found = iter(rows)
        return _json_parts(next(found), found)


def _json_parts(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    comma = "\n"
    yield b'{"items": ['
    for row in rows:
        item = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False)
        yield f"{comma}{item}".encode()
        comma = ",\n"
    yield b"\n]}\n"
