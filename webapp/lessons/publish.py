"""What jobs and calls put in place: published, waiting beside, removed; each one unit with its audit row."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction
from webapp.core.db import unit
from webapp.core.errors import NotFound
from webapp.lessons.content import Content
from webapp.lessons.models import (
    ProposalKind,
)
from webapp.lessons.shelf import Review, Shelf, drop_waiting
from webapp.lessons.turns import Pair, lock_pair


class Put(enum.Enum):
    """Where a new text went."""

    PUBLISHED = "published"
    CANDIDATE = "candidate"


@dataclass(frozen=True)
class Publishing(Shelf):
    """The deeds of jobs and calls."""

    def put(self, session: Session, actor: Actor, pair: Pair, content: Content, job_id: UUID | None) -> Put:
        """Publish a text that passed its checks, or let it wait where a person holds the published one.

        Whatever waited for this pair is replaced.
        """
        with unit(session):
            row = self.held(session, pair)
            drop_waiting(session, pair)
            if row is not None and row.state.held:
                self.propose(session, actor, pair, content, ProposalKind.CANDIDATE, job_id)
                return Put.CANDIDATE
            row = self.store(session, actor, row, pair, content, Review(), "personalized", job_id)
            self.trace(session, actor, AuditAction.LESSON_PERSONALIZED, row)
        return Put.PUBLISHED

    def keep_blocked(
        self, session: Session, actor: Actor, pair: Pair, content: Content, job_id: UUID | None
    ) -> None:
        """Keep a text that failed a hard check for a person to look at; nothing published changes."""
        with unit(session):
            lock_pair(session, pair)
            drop_waiting(session, pair)
            self.propose(session, actor, pair, content, ProposalKind.BLOCKED, job_id)

    def remove(self, session: Session, actor: Actor, pair: Pair) -> None:
        """Delete the published lesson with its versions and what waits beside it. Raises NotFound."""
        with unit(session):
            row = self.held(session, pair)
            if row is None:
                raise NotFound("This lesson is not personalized for this person.")
            drop_waiting(session, pair)
            self.trace(session, actor, AuditAction.LESSON_REMOVED, row)
            session.delete(row)
