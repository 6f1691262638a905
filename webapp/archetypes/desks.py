"""What the lists of nights and requests offer beside their pages: files to import again, deeds on many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.archetypes.models import MemberRequest
from webapp.archetypes.nights import NIGHT_COLUMNS, NIGHTS, night_texts
from webapp.archetypes.requests import (
    REQUEST_COLUMNS,
    REQUESTS,
    columns_of,
    members_of,
    names_of,
    texts_of,
)
from webapp.archetypes.touching import touch_members
from webapp.core.access import Permission
from webapp.core.audit import AuditAction
from webapp.core.list_desk import ListDesk


def _own(request: MemberRequest) -> dict[str, str]:
    return texts_of(columns_of(request), {})


def _linked(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    return names_of(session, session.scalars(select(MemberRequest).where(MemberRequest.id.in_(ids))).all())


def _touch(session: Session, rows: Sequence[Any]) -> None:
    touch_members(session, members_of(columns_of(row) for row in rows))


NIGHT_DESK = ListDesk(
    name="nights",
    noun="night",
    listing=NIGHTS,
    read=Permission.ARCHETYPES_READ,
    write=Permission.ARCHETYPES_WRITE,
    columns=NIGHT_COLUMNS,
    texts=night_texts,
    endpoint="nights.index",
    deleted=AuditAction.NIGHT_DELETED,
)
REQUEST_DESK = ListDesk(
    name="requests",
    noun="request",
    listing=REQUESTS,
    read=Permission.ARCHETYPES_READ,
    write=Permission.ARCHETYPES_WRITE,
    columns=REQUEST_COLUMNS,
    texts=_own,
    endpoint="requests.index",
    deleted=AuditAction.REQUEST_DELETED,
    also=_linked,
    whose=lambda request: request.requester_id,
    deleting=_touch,
)
