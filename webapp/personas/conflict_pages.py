"""Two people edited one persona: what only one of them changed is settled, the rest is asked for."""

from __future__ import annotations

from uuid import UUID

from flask import flash, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db, unit
from webapp.core.errors import NotFound
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.services import services
from webapp.personas.blueprint import pages
from webapp.personas.drafting import find_draft, live_draft, put_state, state_of
from webapp.personas.merge import Collision, State, collide, take_theirs
from webapp.personas.models import Draft, PersonaVersion
from webapp.personas.pages import number_of, saver
from webapp.personas.saving import StalePersona


def conflict(draft_id: UUID, error: StalePersona) -> Response:
    """Show both texts of what both changed; nothing of the draft is lost."""
    draft = find_draft(db.session(), draft_id)
    assert draft is not None
    rows = _collisions(db.session(), draft, error.version)
    return render(
        "personas/conflict.html",
        None,
        409,
        draft=draft,
        message=error.message,
        version=error.version,
        rows=rows,
    )


@pages.post("/builder/<uuid:draft_id>/resolve")
@requires(Permission.PERSONAS_WRITE)
def resolve(draft_id: UUID) -> Response:
    session = db.session()
    seen = number_of(request.form.get("version", ""))
    draft = find_draft(session, draft_id)
    if draft is None or draft.persona_id is None:
        return go("personas.resume", draft_id=draft_id)
    try:
        with unit(session):  # the choice and the save stand together: a newer save undoes both
            _settle(session, draft_id, seen)
            persona_id = saver().save_draft(session, actor(), draft_id, seen)
    except StalePersona as error:
        return conflict(draft_id, error)
    flash("The persona is saved.")
    return go("personas.show", persona_id=persona_id)


def _settle(session: Session, draft_id: UUID, seen: int) -> None:
    """Take over, of the version that was shown, what only they changed and what was chosen."""
    draft = live_draft(session, draft_id)
    theirs = _version(session, draft, seen)
    chosen = {
        row.spec.wire
        for row in _collisions(session, draft, seen)
        if request.form.get(f"choose-{row.spec.wire}", row.default) == "theirs"
    }
    put_state(draft, take_theirs(state_of(draft), theirs, chosen), services().clock)


def _collisions(session: Session, draft: Draft, seen: int) -> list[Collision]:
    base = _version(session, draft, draft.base_version)
    return collide(state_of(draft).fields, base.fields, _version(session, draft, seen).fields)


def _version(session: Session, draft: Draft, number: int) -> State:
    row = session.scalar(
        select(PersonaVersion).where(
            PersonaVersion.persona_id == draft.persona_id, PersonaVersion.number == number
        )
    )
    if row is None:
        raise NotFound("There is no such version.")
    return State(dict(row.fields), dict(row.provenance))
