"""What people decide of a lesson: approved, edited, restored, taken, dismissed; each one unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction
from webapp.core.db import unit
from webapp.core.errors import DomainError, NotFound
from webapp.lessons.basis import Basis, read_basis
from webapp.lessons.content import Content, content_of, content_of_row
from webapp.lessons.facts import LONGEST_SECTION, SECTIONS, LessonTexts
from webapp.lessons.models import (
    WAITING,
    LessonState,
    PersonalLesson,
    Proposal,
    ProposalKind,
    Strategy,
)
from webapp.lessons.rules.checks import check_lesson
from webapp.lessons.rules.taking import taken_up_of
from webapp.lessons.shelf import Review, Shelf, drop_waiting, version_of
from webapp.lessons.turns import Pair, lock_pair

Seen = tuple[int, str, str]  # the template's mark, the survey's and the voice's hash


@dataclass(frozen=True)
class Read:
    """What a person had before them when they began to write.

    `version` 0 says that nothing was published; `waiting` is the text they saw waiting beside it.
    """

    version: int
    marks: Seen | None = None
    waiting: UUID | None = None


@dataclass(frozen=True)
class Reviewing(Shelf):
    """The deeds of people."""

    def approve(
        self, session: Session, actor: Actor, pair: Pair, read_version: int, reason: str = ""
    ) -> PersonalLesson:
        """Vouch for the published text. Raises DomainError for a red finding without a reason, Conflict."""
        with unit(session):
            row = self.read(session, pair, read_version)
            if row is None:
                raise NotFound("This lesson is not personalized for this person.")
            content = content_of_row(row)
            _check_red(content, reason)
            review = Review(LessonState.APPROVED, actor.name, reason)
            self.store(session, actor, row, pair, content, review, "approved", row.job_id)
            self.trace(session, actor, AuditAction.LESSON_APPROVED, row, reason)
        return row

    def edit(
        self,
        session: Session,
        actor: Actor,
        basis: Basis,
        texts: LessonTexts,
        read: Read,
        *,
        reason: str = "",
    ) -> PersonalLesson:
        """Save a text that a person wrote; it counts as made from what they saw.

        Raises Conflict, and DomainError naming fields, or for a red finding without a reason.
        """
        _check_texts(texts)
        taken_up = tuple(taken_up_of(basis.brief, texts))
        findings = check_lesson(basis.brief, texts, taken_up)  # before the unit: it takes its time
        pair = (basis.person_id, basis.lesson_id)
        with unit(session):
            row = self.read(session, pair, read.version)
            content = self._by_hand(basis, texts, row, read.marks)
            content = replace(content, taken_up=taken_up, findings=findings)
            _check_red(content, reason)
            accepted = reason if content.red else ""
            _drop_seen(session, pair, read.waiting)
            review = Review(LessonState.EDITED, actor.name, accepted)
            why = "edited by hand" if accepted else reason or "edited by hand"
            row = self.store(session, actor, row, pair, content, review, why, None)
            self.trace(session, actor, AuditAction.LESSON_EDITED, row, accepted)
        return row

    def restore(
        self, session: Session, actor: Actor, pair: Pair, number: int, read_version: int
    ) -> PersonalLesson:
        """Put an earlier version in place as a new one that a person vouches for.

        Raises NotFound, Conflict.
        """
        with unit(session):
            row = self.read(session, pair, read_version)
            old = version_of(session, row, number) if row else None
            if old is None:
                raise NotFound("There is no such version.")
            content, review = content_of(old.content), Review(LessonState.EDITED, actor.name)
            if not old.state.held:  # nobody has answered for its red findings yet
                _check_red(content, "")
            why = f"restored version {number}"
            row = self.store(session, actor, row, pair, content, review, why, old.job_id)
            self.trace(session, actor, AuditAction.LESSON_RESTORED, row)
        return row

    def take(
        self,
        session: Session,
        actor: Actor,
        proposal_id: UUID,
        read_version: int,
        *,
        approve: bool,
        reason: str = "",
    ) -> PersonalLesson:
        """Put a waiting text or a trial in place of the published one, approved or still to be reviewed.

        Raises NotFound, Conflict, and DomainError for a red finding without a reason.
        """
        with unit(session):
            proposal = _locked(session, proposal_id)
            if proposal is None or not proposal.content:
                raise NotFound("This text is not there any more: it was taken, dismissed or replaced.")
            pair, content = (proposal.person_id, proposal.lesson_id), content_of(proposal.content)
            _check_red(content, reason)
            row = self.read(session, pair, read_version)
            if proposal.kind is ProposalKind.TRIAL:
                content = _as_chosen(content, read_basis(session, *pair))
            # A red text that somebody lets pass is vouched for by them, whichever button they pressed.
            held = approve or bool(content.red)
            review = Review(LessonState.APPROVED, actor.name, reason) if held else Review()
            why = f"taken: {proposal.kind.value}"
            row = self.store(session, actor, row, pair, content, review, why, proposal.job_id)
            session.delete(proposal)
            drop_waiting(session, pair)
            self.trace(session, actor, AuditAction.PROPOSAL_TAKEN, row, reason)
        return row

    def dismiss(self, session: Session, actor: Actor, proposal_id: UUID) -> None:
        """Drop a waiting text or a trial; one that is gone already is fine.

        Who dismisses a candidate says that the text a person held still fits: it is stale no more.
        """
        with unit(session):
            proposal = _locked(session, proposal_id)
            if proposal is None:
                return
            pair = (proposal.person_id, proposal.lesson_id)
            if proposal.kind is ProposalKind.CANDIDATE:
                self._keep(session, actor, pair, content_of(proposal.content))
            self.auditor.record(session, actor, AuditAction.PROPOSAL_DISMISSED, proposal, person=pair[0])
            session.delete(proposal)

    def _keep(self, session: Session, actor: Actor, pair: Pair, newer: Content) -> None:
        """Let the held text count as made from what the newer one was made from."""
        row = self.held(session, pair)
        if row is None or not row.state.held:
            return
        now = content_of_row(row)
        content = replace(
            now,
            template_number=newer.template_number,
            survey_hash=newer.survey_hash,
            voice_hash=newer.voice_hash,
            prompt_version=newer.prompt_version if newer.strategy is now.strategy else now.prompt_version,
        )
        review = Review(row.state, row.reviewed_by, row.accepted)
        self.store(session, actor, row, pair, content, review, "kept: a newer text was dismissed", row.job_id)

    def _by_hand(
        self, basis: Basis, texts: LessonTexts, row: PersonalLesson | None, seen: Seen | None
    ) -> Content:
        strategy = row.strategy if row else Strategy.TEMPLATE
        template, survey, voice = seen or (basis.template_number, basis.survey_hash, basis.voice_hash)
        return Content(
            texts=texts,
            strategy=strategy,
            template_number=template,
            survey_hash=survey,
            voice_hash=voice,
            prompt_version=basis.prompts[strategy],
            model=row.model if row else "",
            findings=(),
            taken_up=(),
            call_id=row.call_id if row else None,
            written_at=self.clock.now(),
        )


def _locked(session: Session, proposal_id: UUID) -> Proposal | None:
    """The proposal, with its pair kept from others: first the pair, then the row, as everybody does."""
    mine = Proposal.id == proposal_id
    pair = session.execute(select(Proposal.person_id, Proposal.lesson_id).where(mine)).first()
    if pair is None:
        return None
    lock_pair(session, (pair[0], pair[1]))
    return session.scalar(select(Proposal).where(mine).with_for_update())


def _as_chosen(content: Content, basis: Basis) -> Content:
    """A trial's text as it is once a person has chosen it: it fits what is in force, whatever was tried."""
    return replace(
        content,
        template_number=basis.template_number,
        survey_hash=basis.survey_hash,
        voice_hash=basis.voice_hash,
        prompt_version=basis.prompts[content.strategy],
    )


def _drop_seen(session: Session, pair: Pair, seen: UUID | None) -> None:
    """Forget what waited when the person began to write; what came meanwhile stays."""
    if seen is not None:
        mine = (Proposal.person_id == pair[0], Proposal.lesson_id == pair[1])
        session.execute(delete(Proposal).where(*mine, Proposal.id == seen, Proposal.kind.in_(WAITING)))


def _check_red(content: Content, reason: str) -> None:
    if content.red and not reason.strip():
        red = "; ".join(one.text for one in content.red)
        raise DomainError(
            f"A red finding stands against this text: {red} Mend it, or say why it may stand.",
            code="red_findings",
            details={"reason": "Say why this may stand."},
        )


def _check_texts(texts: LessonTexts) -> None:
    told = texts.as_dict()
    details = {
        name: f"Keep this under {LONGEST_SECTION:,} characters."
        for name, text in told.items()
        if len(text) > LONGEST_SECTION
    }
    details |= {
        name: "This text holds a sign that cannot be stored (NUL). Remove it."
        for name, text in told.items()
        if "\0" in text
    }
    if not any(text.strip() for text in told.values()):
        details[SECTIONS[0]] = "A lesson needs at least one section."
    if details:
        raise DomainError(" ".join(details.values()), code="invalid", details=details)
