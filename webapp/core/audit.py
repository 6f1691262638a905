"""The audit row that stands in the same transaction as the deed it records."""

from __future__ import annotations

import enum
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.access import Actor
from webapp.core.db import Row, Tenant, company_of, new_id

WRITE = json.JSONEncoder(sort_keys=True, default=str, ensure_ascii=False).encode


class AuditAction(enum.Enum):
    """Every deed that leaves a trace."""

    COMPANY_CREATED = "company.created"
    COMPANY_CHANGED = "company.changed"
    STAFF_CREATED = "staff.created"
    PASSWORD_CHANGED = "staff.password_changed"  # noqa: S105  # the name of a deed
    SIGNED_IN = "staff.signed_in"
    SIGNED_OUT = "staff.signed_out"
    TOKEN_CREATED = "token.created"  # noqa: S105  # the name of a deed
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
    IMPORT_UPLOADED = "import.uploaded"
    IMPORT_WRITTEN = "import.written"
    LIST_EXPORTED = "list.exported"
    VIEW_SAVED = "view.saved"
    VIEW_RENAMED = "view.renamed"
    VIEW_DELETED = "view.deleted"
    DEMO_LOADED = "demo.loaded"
    DEMO_CLEARED = "demo.cleared"

    @property
    def label(self) -> str:
        """Say the deed in words."""
        subject, _, deed = self.value.partition(".")
        return f"{subject.replace('_', ' ')} {deed.replace('_', ' ')}"


class AuditEntry(Tenant, Row, kw_only=True):
    """Who did what to which subject, when and from where.

    `changes` maps a field's name to keyed hashes of its value before and after: it shows that and
    where something changed without keeping what a person may ask to have forgotten.
    """

    __tablename__ = "audit_entries"

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


class Auditor:
    """Writes audit rows; built once with the clock and the key of the hashes."""

    def __init__(self, now: Any, key: bytes) -> None:
        self._now = now
        self._key = hashlib.sha256(b"audit" + key).digest()

    def record(
        self,
        session: Session,
        actor: Actor,
        action: AuditAction,
        subject: object,
        *,
        changes: Mapping[str, tuple[object, object]] | None = None,
        reason: str = "",
    ) -> None:
        """Add the row to the caller's unit. `changes` maps field names to (before, after)."""
        entry = AuditEntry(
            at=self._now(),
            action=action,
            subject=type(subject).__name__.lower(),
            subject_id=getattr(subject, "id", None),
            staff_id=actor.staff_id,
            token_id=actor.token_id,
            address=actor.address,
            request_id=actor.request_id,
            changes=dict(self._hashes(changes or {})),
            reason=reason,
        )
        if actor.company_id is not None:
            entry.company_id = actor.company_id
        session.add(entry)

    def record_many(
        self,
        session: Session,
        actor: Actor,
        action: AuditAction,
        subject: str,
        rows: Iterable[tuple[UUID, Mapping[str, tuple[object, object]]]],
    ) -> None:
        """Add a row for each of many subjects to the caller's unit, set by set, in the session's company."""
        common = {
            "company_id": company_of(session),
            "at": self._now(),
            "action": action,
            "subject": subject,
            "staff_id": actor.staff_id,
            "token_id": actor.token_id,
            "address": actor.address,
            "request_id": actor.request_id,
            "reason": "",
        }
        entries = [
            {**common, "id": new_id(), "subject_id": row_id, "changes": self._hashes(changes)}
            for row_id, changes in rows
        ]
        if entries:
            session.connection().execute(insert(AuditEntry.__table__), entries)  # type: ignore[arg-type]

    def _hashes(self, changes: Mapping[str, tuple[object, object]]) -> dict[str, list[str | None]]:
        return {name: [self._hash(old), self._hash(new)] for name, (old, new) in changes.items()}

    def _hash(self, value: object) -> str | None:
        if value is None:
            return None
        return hmac.digest(self._key, WRITE(value).encode(), "sha256").hex()[:32]
