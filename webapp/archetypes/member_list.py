"""The list of members: persons narrowed by what is known of them as members, and their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.archetypes.detecting import is_fresh, overridden
from webapp.archetypes.facts import Archetype
from webapp.archetypes.models import Member
from webapp.archetypes.rule_state import State, state_of
from webapp.core.access import Permission
from webapp.core.db import db
from webapp.core.folded import begins
from webapp.core.list_desk import ListDesk
from webapp.core.services import services
from webapp.core.tables import LONGEST_QUERY, MOST_COUNTED, Column, Listing, ListPage
from webapp.people.models import Person

LOW, HIGH = 0.5, 0.8
SOON_DAYS = 7
CONFIDENCES = {
    "low": (Member.confidence < LOW,),
    "medium": (Member.confidence >= LOW, Member.confidence < HIGH),
    "high": (Member.confidence >= HIGH,),
}
NARROWING = ("archetype", "confidence", "override", "fresh")
HEAD = (
    *("user_id", "name", "archetype", "detected", "confidence", "transactions", "detected_at"),
    *("override", "override_reason", "override_by", "override_at", "override_until"),
)
Args = Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """What the list tells of a member; `until` is when the override ends, `fresh` fresh, stale or never."""

    archetype: Archetype
    manual: bool
    until: datetime | None
    detected: Archetype
    confidence: float
    word: str
    transactions: int
    fresh: str


def word_of(confidence: float) -> str:
    """A confidence in a word."""
    if confidence < LOW:
        return "low"
    return "medium" if confidence < HIGH else "high"


def freshness_of(member: Member, state: State, now: datetime) -> str:
    """How the stored detection stands."""
    if member.detected_at is None:
        return "never"
    return "fresh" if is_fresh(member, state, now) else "stale"


def expiring(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Overrides in force that end within a week."""
    ends = Member.override_expires_at
    return (Member.override.is_not(None), ends > now, ends <= now + timedelta(days=SOON_DAYS))


def criteria_of(args: Args, state: State | None = None) -> tuple[ColumnElement[bool], ...]:
    """What an address's filters ask of members; what is no choice of theirs is passed over.

    The state of the rules is read when a filter needs it and nobody gave it.
    """
    wanted = next((one for one in Archetype if one.value == args.get("archetype")), None)
    by_archetype = () if wanted is None else (Member.in_force == wanted,)
    by_confidence = CONFIDENCES.get(args.get("confidence", ""), ())
    return (
        *by_archetype,
        *by_confidence,
        *_by_override(args.get("override", "")),
        *_by_freshness(args.get("fresh", ""), state),
    )


def _by_override(word: str) -> tuple[ColumnElement[bool], ...]:
    if word == "soon":
        return expiring(services().clock.now())
    return {"yes": (Member.override.is_not(None),), "no": (Member.override.is_(None),)}.get(word, ())


def _by_freshness(word: str, known: State | None) -> tuple[ColumnElement[bool], ...]:
    """Fresh by the version in force, or the one rolled out; who gets which is a hash no database knows."""
    if word not in {"fresh", "stale"}:
        return ()
    state = known or state_of(db.session())
    oldest = services().clock.now() - timedelta(hours=state.rules.detection.freshness_hours)
    if word == "fresh":
        return (
            Member.detected_at > oldest,
            Member.stale.is_(False),
            Member.rule_set.in_(state.numbers),
        )
    passed = or_(Member.detected_at.is_(None), Member.detected_at <= oldest)
    return (or_(passed, Member.stale.is_(True), Member.rule_set.not_in(state.numbers)),)


def _narrowed(args: Args) -> Sequence[ColumnElement[bool]]:
    """Persons that are members, and such as the filters ask for."""
    return _are(criteria_of(args))


def _are(wanted: Sequence[ColumnElement[bool]]) -> tuple[ColumnElement[bool], ...]:
    return (exists(select(Member.id).where(Member.person_id == Person.id, *wanted)),)


SEARCHED = (Person.name, Person.identifier)
LISTING = Listing(
    model=Person,
    columns=(Column("name", Person.name), Column("identifier", Person.identifier)),
    search=SEARCHED,
    narrow=_narrowed,
)


def members_page(session: Session, args: Args, state: State) -> ListPage[Person]:
    """One page of members, in at most seven statements.

    Members are counted by their own indexes. Few are gathered from there, and searched one by one; many are
    met along the persons' order or search.
    """
    wanted, q = criteria_of(args, state), args.get("q", "").strip()
    some = select(Member.person_id).where(*wanted)
    count = session.scalar(select(func.count()).select_from(some.limit(MOST_COUNTED + 1).subquery())) or 0
    if count > MOST_COUNTED or "\0" in q:
        listing = replace(LISTING, narrow=lambda _: _are(wanted))
        return listing.page(session, args, counted=None if q else (count, True))
    among = (Person.id.in_(some), *_named(q))
    listing = replace(LISTING, narrow=lambda _: among)
    return listing.page(session, {**args, "q": ""}, counted=None if q else (count, False))


def _named(q: str) -> tuple[ColumnElement[bool], ...]:
    """The search as a question about one row, that no planner begins with."""
    if not q:
        return ()
    hit = or_(*(begins(text, q[:LONGEST_QUERY]) for text in SEARCHED))
    return (case((hit, 1), else_=0) == 1,)


def is_narrowed(args: Args) -> bool:
    """Whether the address hides members."""
    return any(args.get(name, "").strip() for name in ("q", *NARROWING))


def lines_of(session: Session, ids: Sequence[UUID], state: State, now: datetime) -> dict[UUID, Line]:
    """What the list tells of these persons, in one statement."""
    members = session.scalars(select(Member).where(Member.person_id.in_(ids)))
    return {member.person_id: line_of(member, state, now) for member in members}


def line_of(member: Member, state: State, now: datetime) -> Line:
    """A member as a line of a list."""
    manual = overridden(member, now)
    return Line(
        archetype=member.override if manual and member.override else member.archetype,
        manual=manual,
        until=member.override_expires_at if manual else None,
        detected=member.archetype,
        confidence=member.confidence,
        word=word_of(member.confidence),
        transactions=member.transactions,
        fresh=freshness_of(member, state, now),
    )


def _texts(person: Person) -> Mapping[str, str]:
    return {"user_id": person.identifier, "name": person.name}


def _also(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    members = session.scalars(select(Member).where(Member.person_id.in_(ids)))
    return {member.person_id: _member_texts(member) for member in members}


def _member_texts(member: Member) -> Mapping[str, str]:
    return {
        "archetype": member.in_force.value,
        "detected": member.archetype.value,
        "confidence": f"{member.confidence:.4f}",
        "transactions": str(member.transactions),
        "detected_at": _moment(member.detected_at),
        "override": member.override.value if member.override else "",
        "override_reason": member.override_reason,
        "override_by": member.override_by,
        "override_at": _moment(member.override_at),
        "override_until": _moment(member.override_expires_at),
    }


def _moment(when: datetime | None) -> str:
    return when.isoformat() if when else ""


MEMBER_DESK = ListDesk(
    name="members",
    noun="member",
    listing=LISTING,
    read=Permission.ARCHETYPES_READ,
    write=Permission.ARCHETYPES_WRITE,
    columns=HEAD,
    texts=_texts,
    endpoint="archetypes.index",
    also=_also,
    whose=lambda person: person.id,
)
