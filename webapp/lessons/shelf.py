"""The served lesson of a (person, lesson), its versions, and what waits beside it: reading and storing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.errors import Conflict
from webapp.lessons.content import Content
from webapp.lessons.models import (
    WAITING,
    LessonState,
    PersonalLesson,
    PersonalLessonVersion,
    Proposal,
    ProposalKind,
)
from webapp.lessons.turns import Pair, lock_pair


@dataclass(frozen=True)
class Review:
    """What a person, or nobody yet, says of a text: its state, who, and why red findings were accepted."""

    state: LessonState = LessonState.UNREVIEWED
    by: str = ""
    accepted: str = ""


@dataclass(frozen=True)
class Shelf:
    """Where personalized lessons stand; the deeds on them are in `publish` and `review`."""

    clock: Clock
    auditor: Auditor

    def held(self, session: Session, pair: Pair) -> PersonalLesson | None:
        """The published row as it is now, kept from others until the unit ends."""
        lock_pair(session, pair)
        mine = (PersonalLesson.person_id == pair[0], PersonalLesson.lesson_id == pair[1])
        return session.scalar(select(PersonalLesson).where(*mine).with_for_update())

    def read(self, session: Session, pair: Pair, read_version: int) -> PersonalLesson | None:
        """The row as it was read; version 0 means that there was none. Raises Conflict."""
        row = self.held(session, pair)
        if (row.version if row else 0) != read_version:
            now = f"is {row.version} now" if row else "is gone"
            message = "Somebody else, or a job, changed this lesson since you read it."
            raise Conflict(message, details={"version": now})
        return row

    def store(
        self,
        session: Session,
        actor: Actor,
        row: PersonalLesson | None,
        pair: Pair,
        content: Content,
        review: Review,
        reason: str,
        job_id: UUID | None,
    ) -> PersonalLesson:
        """Set the row, or make it, and keep what it says now as its newest version."""
        now = self.clock.now()
        row = row or _blank(pair, content, now)
        content.put(row)
        row.version, row.updated_at, row.job_id = row.version + 1, now, job_id
        row.state, row.reviewed_by, row.accepted = review.state, review.by, review.accepted
        row.reviewed_at = now if review.state.held else None
        session.add(row)
        session.flush()
        session.add(_version(actor, row, content, reason))
        return row

    def propose(
        self,
        session: Session,
        actor: Actor,
        pair: Pair,
        content: Content,
        kind: ProposalKind,
        job_id: UUID | None,
    ) -> None:
        """Let a text wait beside the published one, inside the caller’s unit."""
        row = Proposal(
            person_id=pair[0],
            lesson_id=pair[1],
            kind=kind,
            content=content.stored(),
            job_id=job_id,
            created_at=self.clock.now(),
        )
        session.add(row)
        session.flush()
        self.auditor.record(session, actor, AuditAction.LESSON_PROPOSED, row, person=pair[0])

    def trace(
        self, session: Session, actor: Actor, action: AuditAction, row: PersonalLesson, reason: str = ""
    ) -> None:
        """Leave the audit row, its values under the learner’s own key."""
        changes: dict[str, tuple[object, object]] = {
            "version": (row.version - 1 or None, row.version),
            "sections": (None, row.sections),
        }
        who = row.person_id
        self.auditor.record(session, actor, action, row, changes=changes, reason=reason, person=who)


def _blank(pair: Pair, content: Content, now: datetime) -> PersonalLesson:
    """A row without a text yet, so that it is filled in one way only."""
    return PersonalLesson(
        person_id=pair[0],
        lesson_id=pair[1],
        sections={},
        strategy=content.strategy,
        template_number=0,
        survey_hash="",
        voice_hash="",
        prompt_version="",
        model="",
        version=0,
        written_at=now,
        updated_at=now,
    )


def _version(actor: Actor, row: PersonalLesson, content: Content, reason: str) -> PersonalLessonVersion:
    why = f"{reason}: {row.accepted}" if row.accepted else reason
    return PersonalLessonVersion(
        personal_lesson_id=row.id,
        number=row.version,
        content=content.stored(),
        state=row.state,
        saved_at=row.updated_at,
        saved_by=actor.name,
        staff_id=actor.staff_id,
        job_id=row.job_id,
        reason=why[:300],
    )


def drop_waiting(session: Session, pair: Pair) -> None:
    """Forget the candidate or blocked text of the pair inside the caller's unit; trials stay."""
    session.execute(
        delete(Proposal).where(
            Proposal.person_id == pair[0], Proposal.lesson_id == pair[1], Proposal.kind.in_(WAITING)
        )
    )


def version_of(session: Session, row: PersonalLesson, number: int) -> PersonalLessonVersion | None:
    """The version of that number."""
    mine = (
        PersonalLessonVersion.personal_lesson_id == row.id,
        PersonalLessonVersion.number == number,
    )
    return session.scalar(select(PersonalLessonVersion).where(*mine))
