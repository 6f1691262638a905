"""The audit row that stands in the same transaction as the deed it records."""

from __future__ import annotations

import enum
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Connection,
    Index,
    String,
    UniqueConstraint,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.access import Actor
from webapp.core.chain import FIRST, ChainKey
from webapp.core.db import Row, Tenant, company_of, lock_key, new_id
from webapp.core.db.base import ScopedSession
from webapp.core.db.scope import serving

WAITING = "audit.waiting"


class AuditAction(enum.Enum):
    """Every deed that leaves a trace."""

    COMPANY_CREATED = "company.created"
    COMPANY_CHANGED = "company.changed"
    STAFF_CREATED = "staff.created"
    STAFF_INVITED = "staff.invited"
    STAFF_JOINED = "staff.joined"
    INVITATION_REVOKED = "invitation.revoked"
    ROLE_CHANGED = "staff.role_changed"
    STAFF_DISABLED = "staff.disabled"
    STAFF_ENABLED = "staff.enabled"
    STAFF_REMOVED = "staff.removed"
    SESSION_ENDED = "session.ended"
    PASSWORD_CHANGED = "staff.password_changed"  # noqa: S105  # the name of a deed
    SIGNED_IN = "staff.signed_in"
    SIGNED_OUT = "staff.signed_out"
    TOKEN_CREATED = "token.created"  # noqa: S105  # the name of a deed
    TOKEN_REVOKED = "token.revoked"  # noqa: S105  # the name of a deed
    AUDIT_EXPORTED = "audit.exported"
    JOB_STARTED = "job.started"
    JOB_CANCELLED = "job.cancelled"
    JOB_RETRIED = "job.retried"
    PRODUCT_CREATED = "product.created"
    PRODUCT_CHANGED = "product.changed"
    PRODUCT_DELETED = "product.deleted"
    CONTACT_CREATED = "contact.created"
    CONTACT_CHANGED = "contact.changed"
    CONTACT_DELETED = "contact.deleted"
    DRAFT_STARTED = "draft.started"
    DRAFT_DISCARDED = "draft.discarded"
    PERSONA_CREATED = "persona.created"
    PERSONA_CHANGED = "persona.changed"
    PERSONA_DELETED = "persona.deleted"
    PERSONA_RESTORED = "persona.restored"
    PROMPT_DRAFTED = "prompt.drafted"
    PROMPT_DRAFT_DROPPED = "prompt.draft_dropped"
    PROMPT_PUBLISHED = "prompt.published"
    PROMPT_ROLLED_BACK = "prompt.rolled_back"
    LLM_LIMIT_CHANGED = "llm.limit_changed"
    FIT_ADDED = "product_fit.added"
    FIT_CHANGED = "product_fit.changed"
    FIT_REMOVED = "product_fit.removed"
    ANALYSIS_SAVED = "analysis.saved"
    ANALYSIS_RESTORED = "analysis.restored"
    ANALYSIS_REVIEWED = "analysis.reviewed"
    LEGACY_IMPORTED = "legacy_documents.imported"
    DEMO_LOADED = "demo.loaded"
    DEMO_CLEARED = "demo.cleared"

    @property
    def label(self) -> str:
        """Say the deed in words."""
        subject, _, deed = self.value.partition(".")
        return f"{subject.replace('_', ' ')} {deed.replace('_', ' ')}"


class AuditEntry(Tenant, Row, kw_only=True):
    """Who did what to which subject, when and from where; a link of the company's chain.

    `changes` maps a field's name to keyed hashes of its value before and after: it shows that and
    where something changed without keeping what a person may ask to have forgotten.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        UniqueConstraint("company_id", "seq"),
        Index("ix_audit_entries_company_at", "company_id", "at", "id"),
        Index("ix_audit_entries_company_subject", "company_id", "subject"),
    )

    at: Mapped[datetime]
    action: Mapped[AuditAction]
    subject: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID | None] = mapped_column(default=None, index=True)
    staff_id: Mapped[UUID | None] = mapped_column(default=None)
    token_id: Mapped[UUID | None] = mapped_column(default=None)
    address: Mapped[str] = mapped_column(String(45), default="")
    request_id: Mapped[str] = mapped_column(String(64), default="")
    changes: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    reason: Mapped[str] = mapped_column(String(500), default="")
    seq: Mapped[int] = mapped_column(BigInteger)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Tenant, Row, kw_only=True):
    """The end of a company's chain, sealed: a tail that was cut off is missed."""

    __tablename__ = "audit_heads"
    __table_args__ = (UniqueConstraint("company_id"),)

    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))


class PersonKey(Tenant, Row, kw_only=True):
    """The key under which one person's values are hashed in the trail. Without it they are nobody's."""

    __tablename__ = "audit_person_keys"
    __table_args__ = (UniqueConstraint("company_id", "person_id"),)

    person_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(String(64))


class Auditor:
    """Writes audit rows; built once with the clock and the secret that hashes and chain are keyed by."""

    def __init__(self, now: Any, key: bytes) -> None:
        self._now = now
        self._key = hashlib.sha256(b"audit" + key).digest()
        self.chain = ChainKey(key)

    def record(
        self,
        session: Session,
        actor: Actor,
        action: AuditAction,
        subject: object,
        *,
        changes: Mapping[str, tuple[object, object]] | None = None,
        reason: str = "",
        person: UUID | None = None,
    ) -> None:
        """Have the row written by the caller's unit, as the last thing before it commits.

        `changes` maps field names to (before, after); `person` says whose values they are, so that
        they are hashed under a key that can be destroyed. Raises NoCompany without a company.
        """
        company_id = actor.company_id or company_of(session)
        key = self._key if person is None else self._key + _key_of(session, company_id, person)
        values = {
            "id": new_id(),
            "company_id": company_id,
            "at": self._now(),
            "action": action.value,
            "subject": type(subject).__name__.lower(),
            "subject_id": getattr(subject, "id", None),
            "staff_id": actor.staff_id,
            "token_id": actor.token_id,
            "address": actor.address,
            "request_id": actor.request_id,
            "changes": {
                name: [_hash(key, old), _hash(key, new)] for name, (old, new) in (changes or {}).items()
            },
            "reason": reason,
        }
        waiting = session.info.setdefault(WAITING, [])
        waiting.append((self.chain, values))


def _key_of(session: Session, company_id: UUID, person: UUID) -> bytes:
    fresh = (one for one in session.new if isinstance(one, PersonKey) and one.person_id == person)
    with session.no_autoflush:
        row = next(fresh, None) or session.scalar(select(PersonKey).where(PersonKey.person_id == person))
    if row is None:
        row = PersonKey(person_id=person, key=secrets.token_hex(32))
        row.company_id = company_id
        session.add(row)
    return bytes.fromhex(row.key)


def _hash(key: bytes, value: object) -> str | None:
    if value is None:
        return None
    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


@event.listens_for(ScopedSession, "before_commit")
def _append(session: Session) -> None:
    """Chain what was recorded. Last in the unit, so that the chain's lock is held for a moment only."""
    waiting = session.info.pop(WAITING, ())
    if waiting:
        session.flush()
    for company_id in dict.fromkeys(values["company_id"] for _, values in waiting):
        mine = [(chain, values) for chain, values in waiting if values["company_id"] == company_id]
        lock_key(session, "audit", company_id)
        with serving(session, company_id) as connection:
            for chain, values in mine:
                _link(connection, chain, values)


def _link(connection: Connection, chain: ChainKey, values: dict[str, Any]) -> None:
    heads: Any = AuditHead.__table__
    entries: Any = AuditEntry.__table__
    company_id = values["company_id"]
    ours = heads.c.company_id == company_id
    head = connection.execute(select(heads.c.seq, heads.c.hash).where(ours)).first()
    seq, previous = (head[0] + 1, head[1]) if head else (1, FIRST)
    entry = {**values, "seq": seq, "previous": previous}
    entry["hash"] = chain.hash(entry)
    connection.execute(insert(entries).values({**entry, "action": AuditAction(entry["action"])}))
    end = {"seq": seq, "hash": entry["hash"], "seal": chain.seal(company_id, seq, entry["hash"])}
    if head:
        connection.execute(update(heads).where(ours).values(**end))
    else:
        connection.execute(insert(heads).values(id=new_id(), company_id=company_id, **end))


@event.listens_for(ScopedSession, "after_soft_rollback")
def _forget(session: Session, _transaction: object) -> None:
    session.info.pop(WAITING, None)
