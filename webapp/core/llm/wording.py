"""A company's own wording of a prompt: drafted, tried, published, rolled back; the file stays underneath."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Index, Select, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import Row, Tenant, lock_key, unit
from webapp.core.db.scope import company_of
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.llm.prompt import PromptFile

LONGEST_WORDING = 20_000


class Wording(Tenant, Row, kw_only=True):
    """One wording. `number` 0 is the draft that is being written; published ones count from 1.

    `base_version` is the version of the file it was made from.
    """

    __tablename__ = "llm_wordings"
    __table_args__ = (
        UniqueConstraint("company_id", "prompt", "number"),
        Index("ix_llm_wordings_in_force", "company_id", "prompt", "in_force"),
    )

    prompt: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    base_version: Mapped[int]
    system: Mapped[str] = mapped_column(Text)
    user: Mapped[str] = mapped_column(Text)
    in_force: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(500), default="")
    author: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


def in_force(session: Session, file: PromptFile) -> PromptFile:
    """Answer the prompt in the company's published wording, or the file as it is.

    A wording whose variables a newer file no longer gives is passed over; the prompts page says so.
    """
    row = session.scalar(_of(file.name).where(Wording.in_force))
    worded = worded_by(file, row) if row else file
    return worded if worded.variables == file.variables else file


def worded_by(file: PromptFile, row: Wording) -> PromptFile:
    """Answer the prompt as the wording has it."""
    return replace(file, system=row.system, user=row.user, wording=row.number)


def wordings(session: Session, name: str) -> list[Wording]:
    """Answer the company's published wordings of the prompt, the latest first."""
    return list(session.scalars(_of(name).where(Wording.number > 0).order_by(Wording.number.desc())))


def draft_of(session: Session, name: str) -> Wording | None:
    """Answer the wording that is being written."""
    return session.scalar(_of(name).where(Wording.number == 0))


def check_wording(file: PromptFile, system: str, user: str) -> None:
    """Raise DomainError, naming the part, for a wording that cannot serve."""
    for name, text in (("system", system), ("user", user)):
        if not text.strip():
            raise DomainError("This part cannot be empty.", details={name: "is empty"})
        if len(text) > LONGEST_WORDING:
            raise DomainError(f"At most {LONGEST_WORDING:,} characters.", details={name: "is too long"})
    told = replace(file, system=system, user=user).variables
    missing, unknown = sorted(file.variables - told), sorted(told - file.variables)
    if missing:
        raise DomainError(f"The wording must use {_braced(missing)}.", details={"user": "lacks a variable"})
    if unknown:
        raise DomainError(f"There is no {_braced(unknown)}.", details={"user": "has an unknown variable"})


def keep_draft(
    session: Session,
    actor: Actor,
    file: PromptFile,
    texts: tuple[str, str],
    read_version: int,
    *,
    clock: Clock,
    auditor: Auditor,
) -> Wording:
    """Keep the draft. Raises DomainError, and Conflict when somebody kept another since it was read."""
    system, user = (text.replace("\r\n", "\n") for text in texts)
    check_wording(file, system, user)
    with unit(session):
        lock_key(session, company_of(session), f"wording:{file.name}")
        row = draft_of(session, file.name)
        if (row.version if row else 0) != read_version:
            raise Conflict("Somebody else changed this draft meanwhile. Yours is in the form, not saved.")
        row = row or _new(session, file, clock)
        row.system, row.user, row.author = system, user, actor.name
        row.version, row.changed_at = read_version + 1, clock.now()
        auditor.record(session, actor, AuditAction.PROMPT_DRAFTED, row)
    return row


def drop_draft(session: Session, actor: Actor, name: str, read_version: int, *, auditor: Auditor) -> None:
    """Forget the draft as it was read; nothing that is in force changes. Raises Conflict."""
    with unit(session):
        lock_key(session, company_of(session), f"wording:{name}")
        row = draft_of(session, name)
        if row is not None:
            _check_read(row, read_version)
            auditor.record(session, actor, AuditAction.PROMPT_DRAFT_DROPPED, row)
            session.delete(row)


def publish(
    session: Session,
    actor: Actor,
    file: PromptFile,
    reason: str,
    read_version: int,
    *,
    clock: Clock,
    auditor: Auditor,
) -> Wording:
    """Put the draft, as it was read, in force as the next number. Raises NotFound, Conflict, DomainError."""
    with unit(session):
        lock_key(session, company_of(session), f"wording:{file.name}")
        row = draft_of(session, file.name)
        if row is None:
            raise Conflict("There is no draft to publish any more: it was published or dropped elsewhere.")
        _check_read(row, read_version)
        check_wording(file, row.system, row.user)
        latest = session.scalar(select(func.max(Wording.number)).where(Wording.prompt == file.name)) or 0
        _lay_off(session, file.name)
        row.number, row.in_force, row.base_version = latest + 1, True, file.version
        row.reason, row.author, row.changed_at = reason[:500], actor.name, clock.now()
        auditor.record(session, actor, AuditAction.PROMPT_PUBLISHED, row, reason=reason)
    return row


def roll_back(
    session: Session, actor: Actor, file: PromptFile, number: int, *, clock: Clock, auditor: Auditor
) -> None:
    """Put an earlier wording in force again; 0 is the file's own. Raises NotFound."""
    with unit(session):
        lock_key(session, company_of(session), f"wording:{file.name}")
        row = session.scalar(_of(file.name).where(Wording.number == number)) if number else None
        if number and row is None:
            raise NotFound("There is no such wording.")
        now_in_force = session.scalar(_of(file.name).where(Wording.in_force))
        _lay_off(session, file.name)
        if row is not None:
            row.in_force, row.changed_at = True, clock.now()
        subject = row or now_in_force
        if subject is not None:
            auditor.record(session, actor, AuditAction.PROMPT_ROLLED_BACK, subject, reason=f"to {number}")


def _check_read(row: Wording, read_version: int) -> None:
    if row.version != read_version:
        raise Conflict("Somebody else changed this draft since you read it. Look at it again first.")


def _lay_off(session: Session, name: str) -> None:
    for row in session.scalars(_of(name).where(Wording.in_force)):
        row.in_force = False


def _of(name: str) -> Select[Wording]:
    return select(Wording).where(Wording.prompt == name)


def _new(session: Session, file: PromptFile, clock: Clock) -> Wording:
    now = clock.now()
    row = Wording(
        prompt=file.name,
        number=0,
        base_version=file.version,
        system="",
        user="",
        version=0,
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    return row


def _braced(names: list[str]) -> str:
    return ", ".join(f"{{{{{name}}}}}" for name in names)
