"""The audit row that stands in the same transaction as the deed it records."""

from __future__ import annotations

import enum
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.access import Actor
from webapp.core.db import Row, Tenant


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
    SCHEDULE_PAUSED = "schedule.paused"
    SCHEDULE_RESUMED = "schedule.resumed"
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
            changes={
                name: [self._hash(old), self._hash(new)] for name, (old, new) in (changes or {}).items()
            },
            reason=reason,
        )
        if actor.company_id is not None:
            entry.company_id = actor.company_id
        session.add(entry)

    def _hash(self, value: object) -> str | None:
        if value is None:
            return None
        text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:32]
