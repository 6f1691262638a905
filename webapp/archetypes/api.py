"""The calls of the company's systems: what to offer a member, what came of it, what a member is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.accounts.context import in_company
from webapp.archetypes.detecting import is_fresh
from webapp.archetypes.members import member_of, recalculate_one
from webapp.archetypes.models import Member, Recommendation
from webapp.archetypes.overriding import Override, Overriding
from webapp.archetypes.recommending import (
    Ask,
    NightAsked,
    Outcome,
    freshly,
    recommend,
    record_outcome,
    replay,
)
from webapp.archetypes.rule_state import State, state_of
from webapp.archetypes.rules.answer import Answer
from webapp.archetypes.schemas import (
    ArchetypeOut,
    LogPath,
    OutcomeIn,
    OutcomeOut,
    OverrideIn,
    RecommendationIn,
    RecommendationOut,
    UserPath,
)
from webapp.archetypes.telling import tell
from webapp.archetypes.treatment import ARCHETYPE_DEFAULTS, deeds_of
from webapp.core.access import Actor, Permission, requires
from webapp.core.db import db, unit
from webapp.core.docs import RESPONSES, errors
from webapp.core.idempotency import IdempotencyHeader, answer_keyed
from webapp.core.money import Money
from webapp.core.services import services
from webapp.core.wire import CompanyQuery
from webapp.people.models import Person
from webapp.people.persons import find_person

Out = dict[str, Any]
common: dict[str, Any] = {
    "abp_responses": RESPONSES,
    "abp_tags": [Tag(name="archetypes", description="What members are, and what to offer them")],
    "abp_security": [{"token": []}],
}
recommendations_api = APIBlueprint(
    "recommendations_api", __name__, url_prefix="/api/transaction-recommendations", **common
)
archetypes_api = APIBlueprint("archetypes_api", __name__, url_prefix="/api/user-archetype", **common)


@recommendations_api.post(
    "", responses={200: RecommendationOut, **errors(422)}, summary="Price a night for a member"
)
@requires(Permission.ARCHETYPES_SERVE)
def transaction_recommendations(header: IdempotencyHeader, body: RecommendationIn) -> Response:
    """Price buyout, crash and swap and recommend one; each answer is logged under `logId`.

    A past date answers 422. What is recommended follows from the member's archetype and the days until
    check-in, counted in the company's time zone.
    """
    who = in_company(body.company_hq_id)
    session = db.session()
    if header.key is None:
        return _as_it_is(_recommended(session, who, body).body)
    kept = answer_keyed(header, lambda: (200, {"logId": _log_id(_recommended(session, who, body))}))[1]
    return _as_it_is(replay(session, UUID(kept["logId"]))[1])


@recommendations_api.post(
    "/<uuid:log_id>/outcome", responses={200: OutcomeOut, **errors(409, 422)}, summary="Tell what came of it"
)
@requires(Permission.ARCHETYPES_SERVE)
def recommendation_outcome(path: LogPath, body: OutcomeIn) -> Out:
    """Record what the member did, once; the same again answers the same, another outcome 409."""
    in_company(body.company_hq_id)
    session, made = db.session(), services()
    outcome = Outcome(body.selected, body.decided_after_seconds, body.revenue)
    with unit(session):
        row = record_outcome(session, path.log_id, outcome, made.clock)
        who = session.get_one(Person, row.person_id).identifier
        if not made.trials.watched(session, who):
            made.trials.observed(session, deeds_of(row))
    return _outcome(row)


@archetypes_api.get(
    "/<string:user_id>", responses={200: ArchetypeOut, **errors(422)}, summary="Read an archetype"
)
@requires(Permission.ARCHETYPES_READ)
def user_archetype(path: UserPath, query: CompanyQuery) -> Out:
    """Answer what the member is: the stored result while it is fresh, else detected now (`cached` false)."""
    in_company(query.company_hq_id)
    session, clock = db.session(), services().clock
    person, state = find_person(session, path.user_id), state_of(session)
    stored = member_of(session, person.id)
    cached = stored is not None and is_fresh(stored, state, clock.now())
    member = stored if stored is not None and cached else _current(session, person.id)
    return _told(session, path.user_id, member, state, cached=cached)


@archetypes_api.post(
    "/<string:user_id>", responses={200: ArchetypeOut, **errors(422)}, summary="Recalculate an archetype"
)
@requires(Permission.ARCHETYPES_MANAGE)
def recalculate_user_archetype(path: UserPath, query: CompanyQuery) -> Out:
    """Detect the archetype from the history as it is now; an override stays."""
    who = in_company(query.company_hq_id)
    session = db.session()
    person = find_person(session, path.user_id)
    made = services()
    member = recalculate_one(session, who, person.id, clock=made.clock, auditor=made.auditor)
    return _told(session, path.user_id, member, state_of(session), cached=False)


@archetypes_api.put(
    "/<string:user_id>", responses={200: ArchetypeOut, **errors(422)}, summary="Override an archetype"
)
@requires(Permission.ARCHETYPES_MANAGE)
def override_user_archetype(path: UserPath, body: OverrideIn) -> Out:
    """Say what the member is, and why; the next recommendation follows it."""
    who = in_company(body.company_hq_id)
    session = db.session()
    person = find_person(session, path.user_id)
    asked = Override(body.archetype, body.reason, _moment(body.expires_at, state_of(session).zone))
    _overriding().set_one(session, who, person.id, asked)
    return _told(session, path.user_id, _current(session, person.id), state_of(session), cached=False)


@archetypes_api.delete("/<string:user_id>", responses={200: ArchetypeOut}, summary="Revert an override")
@requires(Permission.ARCHETYPES_MANAGE)
def revert_user_archetype(path: UserPath, query: CompanyQuery) -> Out:
    """Take the override back; 404 when there is none."""
    who = in_company(query.company_hq_id)
    session = db.session()
    person = find_person(session, path.user_id)
    _overriding().revert(session, who, person.id)
    return _told(session, path.user_id, _current(session, person.id), state_of(session), cached=False)


def _recommended(session: Session, who: Actor, body: RecommendationIn) -> Answer:
    made, asked = services(), _ask(body)
    return recommend(
        session,
        asked,
        made.clock,
        lambda: made.trials.held_back(session, who, asked.user_id, ARCHETYPE_DEFAULTS),
    )


def _ask(body: RecommendationIn) -> Ask:
    night = NightAsked(body.lease_night_id, body.base_price, body.currency, body.checkin_date)
    return Ask(body.user_id, night, body.counterpart_id, body.swap_night_id)


def _as_it_is(body: bytes) -> Response:
    """The answer's own bytes, whose digest is logged."""
    return Response(body, mimetype="application/json")


def _log_id(answered: Answer) -> str:
    return answered.inputs.log_id


def _moment(given: datetime | None, zone: ZoneInfo) -> datetime | None:
    """A time with its zone; without one it is the company's."""
    return given.replace(tzinfo=zone) if given is not None and given.tzinfo is None else given


def _current(session: Session, person_id: UUID) -> Member:
    """The person as a member, detected anew where what is stored is not fresh."""
    return freshly(session, person_id, state_of(session), services().clock)


def _overriding() -> Overriding:
    return Overriding(services().clock, services().auditor)


def _outcome(row: Recommendation) -> Out:
    assert row.selected is not None
    out = OutcomeOut(
        log_id=str(row.id),
        selected=row.selected,
        recommended=row.recommended,
        followed=row.selected.value == row.recommended.value,
        decided_after_seconds=row.decided_seconds,
        revenue=None if row.revenue_minor is None else float(Money(row.revenue_minor, row.currency).amount),
    )
    return out.model_dump(mode="json", by_alias=True)


def _told(session: Session, user_id: str, member: Member, state: State, *, cached: bool) -> Out:
    told = tell(session, member, state, services().clock.now())
    out = ArchetypeOut(
        user_id=user_id,
        type=told.archetype,
        label=told.archetype.label,
        description=told.archetype.description,
        confidence=told.confidence,
        signals={part.signal.value: part.value for part in told.parts},
        reasoning=list(told.reasons),
        is_new_member=told.new,
        is_manual_override=told.manual,
        detected_type=told.detected,
        detected_confidence=told.detected_confidence,
        override_reason=member.override_reason if told.manual else None,
        override_by=member.override_by if told.manual else None,
        expires_at=member.override_expires_at if told.manual else None,
        updated_at=member.override_at if told.manual else member.detected_at,
        rule_set_version=told.number,
        cached=cached,
    )
    return out.model_dump(mode="json", by_alias=True)
