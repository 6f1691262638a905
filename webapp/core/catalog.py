"""Rows of texts that people write: created, changed as read at a version, deleted, traced."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import Row, company_of, lock_key, unit
from webapp.core.errors import Conflict, DomainError, NotFound

LONGEST_TEXT = 20_000  # characters of a column that names no length
M = TypeVar("M", bound=Row)
Check = Callable[[str], str]  # answers the text as it is stored; raises ValueError with a sentence


@dataclass(frozen=True)
class Catalog(Generic[M]):
    """The deeds on one table. `fields` are the texts that people write, `checks` what some must be.

    The text `unique` stands once in a company. With `personal` each row is a person: what the trail
    keeps of its texts is hashed under that person's own key. `words` names fields for people. `barred`
    says why the unique text must not stand, although it is free; "" when it may.
    """

    model: type[M]
    noun: str
    fields: tuple[str, ...]
    required: tuple[str, ...]
    created: AuditAction
    changed: AuditAction
    deleted: AuditAction
    checks: Mapping[str, Check] = field(default_factory=dict)
    unique: str = ""
    personal: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    barred: Callable[[Session, str], str] | None = None

    def find(self, session: Session, row_id: UUID) -> M:
        """Answer the row. Raises NotFound when the company has none of this id."""
        row = session.scalar(select(self.model).where(self.model.id == row_id))
        if row is None:
            raise self._missing()
        return row

    def create(
        self, session: Session, actor: Actor, values: Mapping[str, str], *, clock: Clock, auditor: Auditor
    ) -> M:
        """Save a new row. Raises DomainError naming the fields that cannot be stored."""
        texts, now = self.clean(values), clock.now()
        with unit(session):
            self._free(session, texts, None)
            made: Any = self.model
            row: M = made(**texts, created_at=now, updated_at=now)
            session.add(row)
            session.flush()
            changes = {name: (None, text) for name, text in texts.items() if text}
            auditor.record(session, actor, self.created, row, changes=changes, person=self._person(row))
        return row

    def change(
        self,
        session: Session,
        actor: Actor,
        row_id: UUID,
        values: Mapping[str, str],
        read_version: int,
        *,
        clock: Clock,
        auditor: Auditor,
    ) -> M:
        """Save the texts as read at a version; unchanged ones make no version.

        Raises Conflict when somebody saved in between, NotFound, or DomainError naming fields.
        """
        texts = self.clean(values)
        with unit(session):
            row: Any = self._held(session, row_id)
            if row.version != read_version:
                message = f"Somebody else saved this {self.noun} while you were editing it."
                raise Conflict(message, details={"version": f"is {row.version} now"})
            self._free(session, texts, row_id)
            changes = self.differences(row, texts)
            for name, (_, text) in changes.items():
                setattr(row, name, text)
            if changes:
                row.version, row.updated_at = row.version + 1, clock.now()
                auditor.record(session, actor, self.changed, row, changes=changes, person=self._person(row))
        saved: M = row
        return saved

    def delete(self, session: Session, actor: Actor, row_id: UUID, *, auditor: Auditor) -> None:
        """Delete the row. Drafts and personas made with it stay. Raises NotFound."""
        with unit(session):
            row = self._held(session, row_id)
            changes = {name: (text, None) for name, text in self.texts(row).items() if text}
            auditor.record(session, actor, self.deleted, row, changes=changes, person=self._person(row))
            session.delete(row)

    def texts(self, row: M) -> dict[str, str]:
        """The row's texts by field."""
        return {name: getattr(row, name) for name in self.fields}

    def differences(self, row: M, texts: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        """What is saved and what would be, for each field where they differ."""
        saved = self.texts(row)
        return {name: (saved[name], text) for name, text in texts.items() if saved[name] != text}

    def longest(self, name: str) -> int:
        """How many characters the field holds."""
        kind: Any = self.model.__table__.c[name].type
        return kind.length or LONGEST_TEXT

    def clean(self, values: Mapping[str, str]) -> dict[str, str]:
        """The texts as they are stored, every field there. Raises DomainError naming those that cannot be."""
        texts, details = dict[str, str](), dict[str, str]()
        for name in self.fields:
            try:
                texts[name] = self.read(name, values.get(name) or "")
            except ValueError as error:
                details[name] = str(error)
        if details:
            raise DomainError(" ".join(details.values()), code="invalid", details=details)
        return texts

    def read(self, name: str, given: str) -> str:
        """One text as it is stored. Raises ValueError with a sentence when it cannot be."""
        text = given.replace("\r\n", "\n").strip()
        if "\0" in text:
            raise ValueError("This text holds a sign that cannot be stored (NUL). Remove it.")
        if len(text) > self.longest(name):
            raise ValueError(f"Keep this under {self.longest(name):,} characters; it has {len(text):,}.")
        if name in self.required and not text:
            raise ValueError(f"A {self.noun} needs a {self.words.get(name, name)}.")
        return self.checks[name](text) if text and name in self.checks else text

    def _person(self, row: M) -> UUID | None:
        return row.id if self.personal else None

    def _free(self, session: Session, texts: Mapping[str, str], row_id: UUID | None) -> None:
        """Refuse a text that another row of the company has and that stands once."""
        if not self.unique:
            return
        column, text = getattr(self.model, self.unique), texts[self.unique]
        lock_key(session, self.model.__tablename__, company_of(session), text)
        taken = session.scalar(select(self.model.id).where(column == text))
        if taken and taken != row_id:
            word = self.words.get(self.unique, self.unique)
            why = f"Another {self.noun} has this {word}."
            raise DomainError(why, code="taken", details={self.unique: why})
        if not taken and self.barred and (why := self.barred(session, text)):
            raise DomainError(why, code="erased", details={self.unique: why})

    def _held(self, session: Session, row_id: UUID) -> M:
        row = session.scalar(select(self.model).where(self.model.id == row_id).with_for_update())
        if row is None:
            raise self._missing()
        return row

    def _missing(self) -> NotFound:
        return NotFound(f"There is no such {self.noun}.")
