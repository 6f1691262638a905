"""The audit row that stands in the same transaction as the deed it records."""

from __future__ import annotations

import enum
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
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
from webapp.core.audit_reasons import key_ids, seal, unseal
from webapp.core.audit_waiting import Waiting
from webapp.core.chain import FIRST, ChainKey
from webapp.core.db import Row, Tenant, company_of, lock_key, new_id
from webapp.core.db.base import ScopedSession
from webapp.core.db.scope import serving

WRITE = json.JSONEncoder(sort_keys=True, default=str, ensure_ascii=False).encode
WAITING = "audit.waiting"
AT_ONCE = 1_000  # persons whose keys are looked up by one statement


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
    IMPORT_UPLOADED = "import.uploaded"
    IMPORT_WRITTEN = "import.written"
    LIST_EXPORTED = "list.exported"
    VIEW_SAVED = "view.saved"
    VIEW_RENAMED = "view.renamed"
    VIEW_DELETED = "view.deleted"
    PERSON_CREATED = "person.created"
    PERSON_CHANGED = "person.changed"
    PERSON_DELETED = "person.deleted"
    SURVEY_CHANGED = "survey.changed"
    COURSE_CREATED = "course.created"
    COURSE_CHANGED = "course.changed"
    COURSE_DELETED = "course.deleted"
    LESSON_CREATED = "lesson.created"
    LESSON_CHANGED = "lesson.changed"
    LESSON_DELETED = "lesson.deleted"
    TEMPLATE_CHANGED = "template.changed"
    TEMPLATE_RESTORED = "template.restored"
    TEMPLATES_EXPORTED = "templates.exported"
    LESSON_PERSONALIZED = "personal_lesson.written"
    LESSON_PROPOSED = "personal_lesson.proposed"
    LESSON_APPROVED = "personal_lesson.approved"
    LESSON_EDITED = "personal_lesson.edited"
    LESSON_RESTORED = "personal_lesson.restored"
    LESSON_REMOVED = "personal_lesson.removed"
    PROPOSAL_TAKEN = "lesson_proposal.taken"
    PROPOSAL_DISMISSED = "lesson_proposal.dismissed"
    NIGHT_CREATED = "night.created"
    NIGHT_CHANGED = "night.changed"
    NIGHT_DELETED = "night.deleted"
    REQUEST_CREATED = "request.created"
    REQUEST_CHANGED = "request.changed"
    REQUEST_DELETED = "request.deleted"
    ARCHETYPE_OVERRIDDEN = "archetype.overridden"
    ARCHETYPE_REVERTED = "archetype.override_reverted"
    ARCHETYPE_EXPIRED = "archetype.override_expired"
    ARCHETYPE_RECALCULATED = "archetype.recalculated"
    RULES_DRAFTED = "rules.drafted"
    RULES_CHANGED = "rules.changed"
    RULES_DISCARDED = "rules.discarded"
    RULES_PUBLISHED = "rules.published"
    RULES_ROLLED_OUT = "rules.rolled_out"
    RULES_WITHDRAWN = "rules.withdrawn"
    RULES_ROLLED_BACK = "rules.rolled_back"
    PREFERENCES_CHANGED = "preferences.changed"
    MODEL_TRAINED = "scoring_model.trained"
    MODEL_CHOSEN = "scoring_model.chosen"
    LEAD_CREATED = "lead.created"
    LEAD_CHANGED = "lead.changed"
    LEAD_DELETED = "lead.deleted"
    ACTIVITY_RECORDED = "activity.recorded"
    STAGES_IMPORTED = "lead.stages_imported"
    PREFERENCES_RESET = "preferences.reset"
    DISLIKED = "dislike.said"
    LIKED_AGAIN = "dislike.taken_back"
    CONSENTS_IMPORTED = "consents.imported"
    EVENTS_IMPORTED = "events.imported"
    EVENTS_TAKEN_BACK = "events.taken_back"
    CUSTOMER_SETTINGS_CHANGED = "customer_settings.changed"
    FEATURE_SWITCHED = "feature.switched"
    ITEM_CREATED = "catalog_item.created"
    ITEM_CHANGED = "catalog_item.changed"
    ITEM_DELETED = "catalog_item.deleted"
    OFFER_CREATED = "offer.created"
    OFFER_CHANGED = "offer.changed"
    OFFER_DELETED = "offer.deleted"
    BLOCK_CREATED = "content_block.created"
    BLOCK_CHANGED = "content_block.changed"
    BLOCK_DELETED = "content_block.deleted"
    RECOMMENDER_TRAINED = "recommender.trained"
    RECOMMENDER_CHOSEN = "recommender.chosen"
    PRICES_SAVED = "prices.saved"
    PRICES_PUBLISHED = "prices.published"
    EXPERIMENT_CREATED = "experiment.created"
    EXPERIMENT_CHANGED = "experiment.changed"
    EXPERIMENT_STARTED = "experiment.started"
    EXPERIMENT_PAUSED = "experiment.paused"
    EXPERIMENT_STOPPED = "experiment.stopped"
    EXPERIMENT_DELETED = "experiment.deleted"
    VARIANT_OVERRIDDEN = "experiment.variant_overridden"
    VARIANT_RELEASED = "experiment.variant_released"
    PRIVACY_REQUESTED = "privacy.requested"
    PERSON_EXPORTED = "person.exported"
    PERSON_ERASED = "person.erased"
    RETENTION_CHANGED = "retention.changed"
    RETENTION_PURGED = "retention.purged"
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
        key = self._key
        if person is not None:
            key_id, own = _key_of(session, company_id, person)
            key, reason = self._key + own, seal(own, key_id, reason)
        common = self._common(actor, company_id, action, type(subject).__name__.lower(), reason)
        row_id, hashes = getattr(subject, "id", None), _hashes(key, changes or {})
        self._waiting(session, company_id).put(
            {**common, "id": new_id(), "subject_id": row_id, "changes": hashes}
        )

    def record_many(
        self,
        session: Session,
        actor: Actor,
        action: AuditAction,
        subject: str,
        rows: Iterable[tuple[UUID, Mapping[str, tuple[object, object]]]],
        *,
        persons: Mapping[UUID, UUID] | None = None,
        reason: str = "",
    ) -> None:
        """Have a row written for each of many subjects, like `record`, in the session's company.

        `persons` says by subject whose values they are; the reason is the same for all.
        """
        company_id = company_of(session)
        keys = _keys_of(session, company_id, set(persons.values())) if persons else {}
        common, waiting = (
            self._common(actor, company_id, action, subject, reason),
            self._waiting(session, company_id),
        )
        for row_id, changes in rows:
            key_id, own = keys[persons[row_id]] if persons else (None, b"")
            why = {"reason": seal(own, key_id, reason)} if key_id else {}
            hashes = _hashes(self._key + own, changes)
            waiting.put({**common, **why, "id": new_id(), "subject_id": row_id, "changes": hashes})

    def _common(
        self, actor: Actor, company_id: UUID, action: AuditAction, subject: str, reason: str
    ) -> dict[str, Any]:
        return {
            "company_id": company_id,
            "at": self._now(),
            "action": action.value,
            "subject": subject,
            "staff_id": actor.staff_id,
            "token_id": actor.token_id,
            "address": actor.address,
            "request_id": actor.request_id,
            "reason": reason,
        }

    def _waiting(self, session: Session, company_id: UUID) -> Waiting:
        known: dict[UUID, Waiting] = session.info.setdefault(WAITING, {})
        return known.setdefault(company_id, Waiting(self.chain, company_id))


def reasons_of(session: Session, entries: Iterable[AuditEntry]) -> dict[UUID, str]:
    """Why each was done, as it was written; what was told of an erased person is gone. One statement."""
    listed = list(entries)
    wanted = key_ids(one.reason for one in listed)
    keys = dict[UUID, str]()
    if wanted:
        rows = session.execute(select(PersonKey.id, PersonKey.key).where(PersonKey.id.in_(wanted)))
        keys = {row.id: row.key for row in rows}
    return {one.id: unseal(keys, one.reason) for one in listed}


def _key_of(session: Session, company_id: UUID, person: UUID) -> tuple[UUID, bytes]:
    fresh = (one for one in session.new if isinstance(one, PersonKey) and one.person_id == person)
    with session.no_autoflush:
        row = next(fresh, None) or session.scalar(select(PersonKey).where(PersonKey.person_id == person))
    if row is None:
        row = PersonKey(person_id=person, key=secrets.token_hex(32))
        row.company_id = company_id
        session.add(row)
    return row.id, bytes.fromhex(row.key)


def _keys_of(session: Session, company_id: UUID, persons: set[UUID]) -> dict[UUID, tuple[UUID, bytes]]:
    """The keys of many, made where there is none yet."""
    session.flush()
    known, wanted = dict[UUID, tuple[UUID, str]](), sorted(persons)
    for start in range(0, len(wanted), AT_ONCE):
        some = PersonKey.person_id.in_(wanted[start : start + AT_ONCE])
        rows = session.execute(select(PersonKey.person_id, PersonKey.id, PersonKey.key).where(some))
        known |= {row.person_id: (row.id, row.key) for row in rows}
    fresh = {person: (new_id(), secrets.token_hex(32)) for person in wanted if person not in known}
    if fresh:
        made = [
            {"id": key_id, "company_id": company_id, "person_id": person, "key": key}
            for person, (key_id, key) in fresh.items()
        ]
        session.connection().execute(insert(PersonKey.__table__), made)  # type: ignore[arg-type]  # a table
    return {person: (key_id, bytes.fromhex(key)) for person, (key_id, key) in (known | fresh).items()}


def _hashes(key: bytes, changes: Mapping[str, tuple[object, object]]) -> dict[str, list[str | None]]:
    return {name: [_hash(key, old), _hash(key, new)] for name, (old, new) in changes.items()}


def _hash(key: bytes, value: object) -> str | None:
    if value is None:
        return None
    return hmac.digest(key, WRITE(value).encode(), "sha256").hex()[:32]


@event.listens_for(ScopedSession, "before_commit")
def _append(session: Session) -> None:
    """Chain what was recorded. Last in the unit, so that the chain's lock is held for a moment only."""
    known: dict[UUID, Waiting] = session.info.pop(WAITING, {})
    if known:
        session.flush()
    for company_id, waiting in known.items():
        lock_key(session, "audit", company_id)
        with serving(session, company_id) as connection:
            _link(connection, waiting)
        waiting.close()


def _link(connection: Connection, waiting: Waiting) -> None:
    """Give each entry its number and hash after the chain's end, and seal the new end."""
    heads: Any = AuditHead.__table__
    ours = heads.c.company_id == waiting.company_id
    head = connection.execute(select(heads.c.seq, heads.c.hash).where(ours)).first()
    seq, last = (head[0], head[1]) if head else (0, FIRST)
    for entries in waiting.sets():
        seq, last = _write(connection, waiting.chain, entries, seq, last)
    end = {"seq": seq, "hash": last, "seal": waiting.chain.seal(waiting.company_id, seq, last)}
    if head:
        connection.execute(update(heads).where(ours).values(**end))
    else:
        connection.execute(insert(heads).values(id=new_id(), company_id=waiting.company_id, **end))


def _write(
    connection: Connection, chain: ChainKey, entries: list[dict[str, Any]], seq: int, last: str
) -> tuple[int, str]:
    rows = []
    for seq, values in enumerate(entries, start=seq + 1):  # noqa: B020, PLR1704  # the number goes on
        entry = {**values, "seq": seq, "previous": last}
        last = entry["hash"] = chain.hash(entry)
        rows.append({**entry, "action": AuditAction(entry["action"])})
    connection.execute(insert(AuditEntry.__table__), rows)  # type: ignore[arg-type]  # a table
    return seq, last


@event.listens_for(ScopedSession, "after_soft_rollback")
def _forget(session: Session, _transaction: object) -> None:
    for waiting in session.info.pop(WAITING, {}).values():
        waiting.close()
