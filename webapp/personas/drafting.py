"""Drafts: opened by the first request of a form, kept with each one, ended by saving or discarding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import lock_key, unit
from webapp.core.errors import Conflict, NotFound
from webapp.core.jobs.models import LIVE, Job, JobItem
from webapp.personas import merge
from webapp.personas.merge import Fields, State
from webapp.personas.models import Contact, Draft, Persona, Product, Source
from webapp.personas.rows import fields_of

ENDED = "This draft is over: it was saved or discarded."


class DraftEnded(Conflict):
    """The draft was saved or discarded before this request came."""

    code = "draft_ended"


@dataclass(frozen=True)
class Posted:
    """A builder form as it was posted: the ingredients, the fields, and how the form was drawn."""

    fields: Fields = field(default_factory=dict)
    base: str = ""
    window: str = ""
    product_id: UUID | None = None
    product_description: str = ""
    source: Source = Source.NOTHING
    contact_id: UUID | None = None
    enrichment_key: str = ""
    description: str = ""
    persona_id: UUID | None = None
    base_version: int = 0


def keep_draft(
    session: Session, actor: Actor, draft_id: UUID, posted: Posted, *, clock: Clock, auditor: Auditor
) -> Draft:
    """Take over what was typed, opening the draft at its first request. Raises DraftEnded, NotFound."""
    with unit(session):
        draft = _opened(session, actor, draft_id, posted, clock, auditor)
        _take_ingredients(session, draft, posted)
        state, now = state_of(draft), clock.now()
        put_state(
            draft, merge.typed(state, posted.fields, posted.base, actor.name, now, posted.window), clock
        )
    return draft


def change_draft(session: Session, draft_id: UUID, change: Callable[[State], State], clock: Clock) -> Draft:
    """Apply one change to the draft's contents. Raises DraftEnded, NotFound."""
    with unit(session):
        draft = live_draft(session, draft_id)
        put_state(draft, change(state_of(draft)), clock)
    return draft


def discard_draft(session: Session, actor: Actor, draft_id: UUID, *, clock: Clock, auditor: Auditor) -> None:
    """End the draft and forget its contents; one that is over already stays over."""
    with unit(session):
        draft = session.get(Draft, draft_id)
        if draft is None or draft.ended_at:
            return
        end_draft(session, draft, clock)
        auditor.record(session, actor, AuditAction.DRAFT_DISCARDED, draft)


def end_draft(session: Session, draft: Draft, clock: Clock) -> None:
    """Close the draft inside the caller's unit, stop its jobs and forget what they were given.

    The row stays, so that late requests find it over.
    """
    now = clock.now()
    draft.fields, draft.provenance, draft.proposals, draft.undo = {}, {}, {}, {}
    draft.warnings, draft.built_from = [], {}
    draft.description = draft.product_description = draft.enrichment_key = ""
    draft.ended_at = draft.updated_at = now
    jobs = or_(*(Job.idempotency_key.startswith(f"{deed}:{draft.id}:") for deed in ("generate", "redraft")))
    session.execute(
        update(Job)
        .where(jobs, Job.state.in_(LIVE), Job.cancel_asked_at.is_(None))
        .values(cancel_asked_at=now, cancel_asked_by="the end of its draft")
    )
    session.execute(
        update(JobItem).where(JobItem.job_id.in_(select(Job.id).where(jobs))).values(params={}, outcome={})
    )


def find_draft(session: Session, draft_id: UUID) -> Draft | None:
    """Answer the open draft of this id, or None."""
    draft = session.get(Draft, draft_id)
    return draft if draft and draft.ended_at is None else None


def live_draft(session: Session, draft_id: UUID) -> Draft:
    """Answer the draft, locked for the caller's unit. Raises NotFound, DraftEnded."""
    draft = session.scalar(select(Draft).where(Draft.id == draft_id).with_for_update())
    if draft is None:
        raise NotFound("There is no such draft.")
    if draft.ended_at is not None:
        raise DraftEnded(ENDED)
    return draft


def open_drafts(session: Session, limit: int = 20) -> list[Draft]:
    """Answer the company's unfinished drafts, the latest first."""
    return list(session.scalars(_open().order_by(Draft.updated_at.desc(), Draft.id).limit(limit)))


def count_open(session: Session) -> int:
    """Count the company's unfinished drafts."""
    return session.scalar(select(func.count()).select_from(_open().subquery())) or 0


def own_draft_of(session: Session, actor: Actor, persona_id: UUID) -> Draft | None:
    """Answer the actor's unfinished draft of a persona."""
    return session.scalar(
        _open()
        .where(Draft.persona_id == persona_id, Draft.staff_id == actor.staff_id)
        .order_by(Draft.id)
        .limit(1)
    )


def _open() -> Select[Draft]:
    return select(Draft).where(Draft.ended_at.is_(None))


def state_of(draft: Draft) -> State:
    """Read the draft's contents."""
    return State(dict(draft.fields), dict(draft.provenance), dict(draft.proposals), dict(draft.undo))


def put_state(draft: Draft, state: State, clock: Clock) -> None:
    """Write the draft's contents inside the caller's unit."""
    before = state_of(draft)
    if state != before:
        draft.fields, draft.provenance = dict(state.fields), state.provenance
        draft.proposals, draft.undo = state.proposals, state.undo
        draft.updated_at = clock.now()


def _opened(
    session: Session, actor: Actor, draft_id: UUID, posted: Posted, clock: Clock, auditor: Auditor
) -> Draft:
    lock_key(session, "draft", draft_id)
    known = session.scalar(select(Draft).where(Draft.id == draft_id).with_for_update())
    if known is not None:
        if known.ended_at is not None:
            raise DraftEnded(ENDED)
        return known
    draft = _new(session, actor, draft_id, posted, clock)
    session.add(draft)
    try:
        session.flush()
    except IntegrityError:  # the id is another company's: it is not to be had, nor told of
        raise NotFound("There is no such draft.") from None
    auditor.record(session, actor, AuditAction.DRAFT_STARTED, draft)
    return draft


def _new(session: Session, actor: Actor, draft_id: UUID, posted: Posted, clock: Clock) -> Draft:
    now = clock.now()
    draft = Draft(id=draft_id, staff_id=actor.staff_id, author=actor.name, created_at=now, updated_at=now)
    if posted.persona_id is not None:
        persona = session.get(Persona, posted.persona_id)
        if persona is None:
            raise NotFound("There is no such persona.")
        draft.persona_id, draft.base_version = persona.id, posted.base_version
        draft.fields, draft.provenance = dict(fields_of(persona)), dict(persona.provenance)
        draft.built_from = dict(persona.built_from)
    return draft


def _take_ingredients(session: Session, draft: Draft, posted: Posted) -> None:
    draft.product_id = _known(session, Product, posted.product_id, "product")
    draft.contact_id = _known(session, Contact, posted.contact_id, "contact")
    draft.product_description = posted.product_description
    draft.source, draft.description = posted.source, posted.description
    draft.enrichment_key = posted.enrichment_key or draft.enrichment_key


def _known(session: Session, model: type[Product | Contact], row_id: UUID | None, word: str) -> UUID | None:
    if row_id is not None and session.get(model, row_id) is None:
        raise NotFound(f"There is no such {word}.", details={f"{word}Id": "unknown"})
    return row_id
