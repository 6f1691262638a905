"""API tokens: made once, shown once, found by their hash."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Row, Text, bindparam, cast, or_, select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import ApiToken, Membership, Staff
from webapp.accounts.secrets import TOKEN_PREFIX, digest, new_secret
from webapp.core.access import Actor, Permission, permissions_of, scopes_of
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import every_company, read, unit
from webapp.core.errors import DomainError, NotFound

USED_STEP = timedelta(seconds=60)
OF_BROWSERS = frozenset({Permission.PUBLIC, Permission.LESSONS_SERVE})

LIVE = select(  # built once: every call asks it
    ApiToken.id,
    ApiToken.company_id,
    ApiToken.name,
    ApiToken.scopes,
    ApiToken.staff_id,
    ApiToken.publishable,
    ApiToken.origins,
    ApiToken.used_at,
).where(
    ApiToken.token_hash == bindparam("token_hash"),
    ApiToken.revoked_at.is_(None),
    or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > bindparam("now")),
)


@dataclass(frozen=True)
class MadeToken:
    """A new token: what the caller sends, and the row's id."""

    secret: str
    id: UUID


def create_token(  # noqa: PLR0913  # each is a column of the token
    session: Session,
    actor: Actor,
    name: str,
    scopes: tuple[str, ...],
    *,
    clock: Clock,
    auditor: Auditor,
    staff_id: UUID | None = None,
    expires_at: datetime | None = None,
    publishable: bool = False,
    origins: tuple[str, ...] = (),
) -> MadeToken:
    """Make a token for the session's company and answer it, for the only time. Raises DomainError.

    A publishable one opens the serving call alone, whatever its scopes, from the sites in `origins`.
    """
    try:
        spelled = sorted({full for word in scopes for full in scopes_of(word)})
    except ValueError as error:
        raise DomainError(str(error), details={"scope": str(error)}) from None
    secret = TOKEN_PREFIX + new_secret()
    with unit(session):
        row = ApiToken(
            name=name,
            token_hash=digest(secret),
            scopes=list(spelled),
            staff_id=staff_id,
            created_by=actor.staff_id,
            publishable=publishable,
            origins=list(origins),
            created_at=clock.now(),
            expires_at=expires_at,
        )
        session.add(row)
        session.flush()
        auditor.record(session, actor, AuditAction.TOKEN_CREATED, row)
    return MadeToken(secret, row.id)


def revoke_token(
    session: Session, actor: Actor, token_id: UUID, *, clock: Clock, auditor: Auditor
) -> ApiToken:
    """End the token: its next call is refused. Raises NotFound."""
    with unit(session):
        row = session.scalar(select(ApiToken).where(ApiToken.id == token_id))
        if row is None:
            raise NotFound("There is no such token.")
        if row.revoked_at is None:
            row.revoked_at = clock.now()
            auditor.record(session, actor, AuditAction.TOKEN_REVOKED, row)
    return row


def token_actor(session: Session, secret: str, now: datetime) -> Actor | None:
    """Answer the actor a token stands for; None when it is unknown, over or revoked, or its person gone."""
    with every_company(session):  # the token tells which company it is for
        token = read(session, LIVE, {"token_hash": digest(secret), "now": now}).first()
        found = None if token is None else actor_of_token(session, token)
        if token is not None and (token.used_at is None or now - token.used_at > USED_STEP):
            with unit(session):
                session.execute(update(ApiToken).where(ApiToken.id == token.id).values(used_at=now))
        return found


def actor_of_token(session: Session, token: ApiToken | Row[*tuple[Any, ...]]) -> Actor | None:
    """Answer what the token may do now; one bound to a person may never do more than they."""
    # One that browsers carry may be read by anybody: it opens the one call that is made for them.
    permissions = OF_BROWSERS if token.publishable else permissions_of(token.scopes)
    if token.staff_id is not None:
        role = session.scalar(
            select(Membership.role)
            .join(Staff, Staff.id == Membership.staff_id)
            .where(
                Membership.staff_id == token.staff_id,
                Membership.company_id == token.company_id,
                Membership.disabled.is_(False),
                Staff.disabled.is_(False),
            )
        )
        if role is None:
            return None
        permissions = permissions & role.permissions
    return Actor(
        company_id=token.company_id,
        permissions=permissions,
        staff_id=token.staff_id,
        token_id=token.id,
        name=token.name,
        origins=frozenset(map(str, token.origins)) if token.publishable else None,
    )


def lists_origin(session: Session, origin: str, now: datetime) -> bool:
    """Whether some live publishable token, of whichever company, names this site."""
    mention = cast(ApiToken.origins, Text).contains(json.dumps(origin), autoescape=True)
    live = (
        ApiToken.publishable,
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
    )
    with every_company(session):  # a browser asks before it sends its token
        return bool(session.scalar(select(ApiToken.id).where(*live, mention).limit(1)))


def is_origin(text: str) -> bool:
    """Whether it is a scheme and a host and nothing more."""
    parts = urlsplit(text)
    plain = f"{parts.scheme}://{parts.netloc}"
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and text == plain


def signing_key(instance_secret: str, token_id: UUID) -> str:
    """The key that proves persons to this token's calls; whoever has it may name any learner.

    It is derived, so that it is stored nowhere: a new instance secret ends it.
    """
    return hmac.new(instance_secret.encode(), f"person-proof:{token_id}".encode(), "sha256").hexdigest()
