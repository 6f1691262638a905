"""The deeds on what staff keep for customers: saved as read at a version, an id once in a company, traced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.companies import current_company
from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import Row, company_of, lock_key, new_id, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.reading import Texts, Values
from webapp.customers.picture import WORDS
from webapp.customers.reading import Around

M = TypeVar("M", bound=Row)


def around_of(session: Session) -> Around:
    """What reading needs of the session's company."""
    company = current_company(session)
    return Around(ZoneInfo(company.timezone or "UTC"), company.currency, WORDS)


@dataclass(frozen=True)
class Records(Generic[M]):
    """The deeds on one table. `clean` makes columns of texts, `told` texts of columns.

    `key` is the wire's name of the company's own id; without one, rows are known by ours alone.
    `fresh` are columns of new rows that no text says.
    """

    model: type[M]
    noun: str
    key: str
    names: tuple[str, ...]
    clean: Callable[[Texts, Around], Values]
    told: Callable[[Mapping[str, Any]], dict[str, str]]
    created: AuditAction
    changed: AuditAction
    deleted: AuditAction
    fresh: Mapping[str, Any] = field(default_factory=dict)

    def find(self, session: Session, row_id: UUID) -> M:
        """The company's row of this id. Raises NotFound."""
        return self._known(session.scalar(select(self.model).where(self.model.id == row_id)))

    def named(self, session: Session, identifier: str) -> M:
        """The company's row of its own id. Raises NotFound."""
        model: Any = self.model
        known = "\0" not in identifier  # no column holds one, and PostgreSQL refuses to look for it
        found = session.scalar(select(model).where(model.identifier == identifier)) if known else None
        return self._known(found)

    def texts(self, row: M) -> dict[str, str]:
        """The row as files and programs write it, by the wire's names."""
        return self.told(self.columns(row))

    def columns(self, row: M) -> Values:
        """What people decide of the row."""
        return {name: getattr(row, name) for name in self.names}

    def differences(self, row: M, given: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        """What is saved and what would be, for each text where they differ."""
        saved, wanted = self.texts(row), self.told(given)
        names = list(dict.fromkeys((*saved, *wanted)))
        pairs = {name: (saved.get(name, ""), wanted.get(name, "")) for name in names}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    def identified(self, texts: Texts) -> Texts:
        """The same, with an id that was made up where none is said."""
        if not self.key or (texts.get(self.key) or "").strip():
            return texts
        return {**texts, self.key: f"{self.key[0].upper()}-{new_id().hex[-12:]}"}

    def create(self, session: Session, actor: Actor, texts: Texts, *, clock: Clock, auditor: Auditor) -> M:
        """Save a new row; without an id it gets one. Raises DomainError naming what cannot be stored."""
        given, now = self.clean(self.identified(texts), around_of(session)), clock.now()
        made: Any = self.model
        with unit(session):
            self._free(session, given, None)
            row: M = made(**given, created_at=now, updated_at=now)
            session.add(row)
            session.flush()
            changes = {name: (None, text) for name, text in self.told(given).items() if text}
            auditor.record(session, actor, self.created, row, changes=changes)
        return row

    def change(
        self,
        session: Session,
        actor: Actor,
        row_id: UUID,
        texts: Texts,
        read_version: int,
        *,
        clock: Clock,
        auditor: Auditor,
    ) -> M:
        """Save all of the row as read at a version; an unchanged one makes no version.

        Raises Conflict when somebody saved in between, NotFound, or DomainError naming fields.
        """
        given = self.clean(texts, around_of(session))
        with unit(session):
            row: Any = self._held(session, row_id)
            if row.version != read_version:
                message = f"Somebody else saved this {self.noun} while you were editing it."
                raise Conflict(message, details={"version": f"is {row.version} now"})
            self._free(session, given, row_id)
            changes = self.differences(row, given)
            if changes:
                for name, value in given.items():
                    setattr(row, name, value)
                row.version, row.updated_at = row.version + 1, clock.now()
                auditor.record(session, actor, self.changed, row, changes=changes)
        saved: M = row
        return saved

    def delete(self, session: Session, actor: Actor, row_id: UUID, *, auditor: Auditor) -> None:
        """Delete the row. Raises NotFound."""
        with unit(session):
            row = self._held(session, row_id)
            changes = {name: (text, None) for name, text in self.texts(row).items() if text}
            auditor.record(session, actor, self.deleted, row, changes=changes)
            session.delete(row)

    def _free(self, session: Session, given: Values, row_id: UUID | None) -> None:
        if not self.key:
            return
        model: Any = self.model
        lock_key(session, model.__tablename__, company_of(session), given["identifier"])
        taken = session.scalar(select(model.id).where(model.identifier == given["identifier"]))
        if taken and taken != row_id:
            why = f"Another {self.noun} has this id."
            raise DomainError(why, code="taken", details={self.key: why})

    def _held(self, session: Session, row_id: UUID) -> M:
        return self._known(
            session.scalar(select(self.model).where(self.model.id == row_id).with_for_update())
        )

    def _known(self, row: M | None) -> M:
        if row is None:
            raise NotFound(f"There is no such {self.noun}.", details={self.key or "id": "unknown"})
        return row
