"""The models of the privacy calls."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from webapp.core.wire import SnakeWire
from webapp.privacy.models import PrivacyRequest, RequestKind, RequestState


class PrivacyUserPath(SnakeWire):
    """Whose data: the company's own id of the person."""

    user_id: str = Field(max_length=254)


class PrivacyRequestPath(SnakeWire):
    """A request."""

    request_id: UUID


class PrivacyRequestOut(SnakeWire):
    """A request, and what came of it. `user_id` is null once the person is erased."""

    id: UUID
    kind: RequestKind
    state: RequestState
    user_id: str | None
    asked_at: datetime
    due_at: datetime
    done_at: datetime | None
    problem: str | None
    report: dict[str, int] = Field(description="Counts by what they are")
    download: str | None = Field(description="The address of the file, while there is one")
    expires_at: datetime | None
    job_id: UUID | None

    @staticmethod
    def of(row: PrivacyRequest, state: RequestState, *, ready: bool) -> PrivacyRequestOut:
        """Write a request down."""
        return PrivacyRequestOut(
            id=row.id,
            kind=row.kind,
            state=state,
            user_id=row.known_as or None,
            asked_at=row.asked_at,
            due_at=row.due_at,
            done_at=row.done_at,
            problem=row.problem or None,
            report=row.report,
            download=f"/api/v1/privacy/requests/{row.id}/download" if ready else None,
            expires_at=row.expires_at if ready else None,
            job_id=row.job_id,
        )
