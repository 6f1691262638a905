"""Creating calls that may be sent twice: the same key brings the first answer, and no second row.

The key's row stands in the transaction of what it answers for, so there is never one without the
other. It is forgotten after a day, and with it the copy of the answer.
"""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import jsonify, make_response, request
from pydantic import BaseModel, Field
from sqlalchemy import Index, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.wrappers import Response

from webapp.core.db import Row, Tenant, company_of, db, lock_key, scope_to, unit
from webapp.core.errors import DomainError
from webapp.core.services import services

KEPT = timedelta(hours=24)
View = TypeVar("View", bound=Callable[..., Any])


class IdempotencyKey(Tenant, Row, kw_only=True):
    """A key that was answered: by which call with which body, and how."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        UniqueConstraint("company_id", "key"),
        Index("ix_idempotency_keys_age", "company_id", "created_at"),
    )

    key: Mapped[str] = mapped_column(String(200))
    call: Mapped[str] = mapped_column(String(300))
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


_SCHEMAS: dict[str, dict[str, Any]] = {}


class IdempotencyHeader(BaseModel):
    """The header of a call that may be sent again."""

    key: str | None = Field(
        None,
        alias="Idempotency-Key",
        max_length=200,
        pattern=r"^[!-~]+$",
        description="Made up by the caller; the same key within 24 hours brings the same answer.",
    )

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Answer the schema: the framework asks for it on each request, and it never changes."""
        asked = repr((args, kwargs))
        if asked not in _SCHEMAS:
            _SCHEMAS[asked] = super().model_json_schema(*args, **kwargs)
        return _SCHEMAS[asked]


@dataclass(frozen=True)
class Sent:
    """A creating call: its key, its method and address, and a digest of what it carries."""

    key: str
    call: str
    fingerprint: str


Answer = tuple[int, dict[str, Any]]


def answer_once(session: Session, sent: Sent, now: datetime, work: Callable[[], Answer]) -> Answer:
    """Answer what the first call with this key got, else what `work` gives now.

    `work` may use services: their units join this one. What it raises leaves no key behind, so that
    the call can be mended and sent again. Raises DomainError when the key belongs to another call.
    """
    home = company_of(session)
    with unit(session):
        lock_key(session, home, "idempotency", sent.key)
        known = session.scalar(select(IdempotencyKey).where(IdempotencyKey.key == sent.key))
        if known and now - known.created_at < KEPT:
            return _repeated(known, sent)
        status, body = work()
        session.flush()
        scope_to(session, home)  # the work may have turned to another company of the caller
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at <= now - KEPT))
        session.add(
            IdempotencyKey(
                key=sent.key,
                call=sent.call,
                fingerprint=sent.fingerprint,
                status=status,
                body=body,
                created_at=now,
            )
        )
    return status, body


def _repeated(known: IdempotencyKey, sent: Sent) -> Answer:
    if (known.call, known.fingerprint) != (sent.call, sent.fingerprint):
        raise DomainError(
            "This Idempotency-Key was used for another call. Send a new one with a new key.",
            code="idempotency_key_reused",
        )
    return known.status, dict(known.body)


def answer_keyed(header: IdempotencyHeader, work: Callable[[], Answer]) -> Answer:
    """Answer this request once for its key; without one `work` simply answers."""
    if header.key is None:
        return work()
    sent = Sent(header.key, f"{request.method} {request.path}"[:300], digest(request.get_data()))
    return answer_once(db.session(), sent, services().clock.now(), work)


def once(view: View) -> View:
    """Make a creating JSON view honour `Idempotency-Key`; stands between `requires` and the view.

    The whole view runs inside the key's unit: one that does anything slow uses `answer_keyed`.
    """

    @functools.wraps(view)
    def answer(*args: Any, header: IdempotencyHeader, **kwargs: Any) -> Response:
        def work() -> Answer:
            response = make_response(view(*args, **kwargs))
            return response.status_code, response.get_json()

        status, body = answer_keyed(header, work)
        return make_response(jsonify(body), status)

    # The framework reads the header, checks and documents it because it finds it annotated.
    answer.__annotations__ = {**view.__annotations__, "header": IdempotencyHeader}
    return answer  # type: ignore[return-value]  # functools.wraps keeps the rest of the signature


def digest(sent: bytes) -> str:
    """The fingerprint of what a call carries."""
    return hashlib.sha256(sent).hexdigest()
