"""Overrides: staff's word against the detection, with a reason, an expiry, and a way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.archetypes.detecting import change_of, held
from webapp.archetypes.facts import Archetype, Cause
from webapp.archetypes.models import ArchetypeChange, Member
from webapp.archetypes.touching import make_members
from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.people.models import Person

LONGEST_REASON = 500
MOST_AT_ONCE = 5_000  # members of a list that are overridden in one go
SET = 500
MOST_DAYS = 3650
FURTHEST = "An override ends within ten years, or stands until somebody reverts it."
HAPPENED = "Something else happened since: override this member again if it is still wanted."


@dataclass(frozen=True)
class Override:
    """What staff say: the archetype, why, and until when."""

    archetype: Archetype
    reason: str
    expires_at: datetime | None = None


class Overtaken(Conflict):
    """The override that the author looked at is not the one in force any more."""


@dataclass(frozen=True)
class Reverted:
    """An override that was taken back: the trace of it, and until when it would have held."""

    change_id: UUID
    expires_at: datetime | None


@dataclass(frozen=True)
class Overriding:
    """The deeds, with the clients they need."""

    clock: Clock
    auditor: Auditor

    def set_one(
        self, session: Session, actor: Actor, person_id: UUID, asked: Override, *, seen: str | None = None
    ) -> Member:
        """Override the person's archetype. Raises NotFound, or DomainError naming a field.

        With `seen`, the mark of what its author looked at, it raises Overtaken for another override.
        """
        told = self._checked(asked)
        with unit(session):
            if session.scalar(select(Person.id).where(Person.id == person_id)) is None:
                raise NotFound("There is no such person.")
            member = held(session, person_id)
            _same(member, seen)
            self._set(session, actor, member, told)
            return member

    def set_many(self, session: Session, actor: Actor, user_ids: Sequence[str], asked: Override) -> int:
        """Override all of these in one transaction, or none; answers how many there were.

        Raises DomainError naming ids that nobody has, in `details`.
        """
        told, wanted = self._checked(asked), list(dict.fromkeys(user_ids))
        if not wanted or len(wanted) > MOST_AT_ONCE:
            why = f"Name one member at least and {MOST_AT_ONCE:,} at most; these are {len(wanted):,}."
            raise DomainError(why, code="invalid", details={"user_ids": why})
        with unit(session):
            persons = named(session, wanted)
            missing = [one for one in wanted if one not in persons]
            if missing:
                shown = ", ".join(missing[:10]) + (" and more" if len(missing) > 10 else "")
                why = f"{len(missing):,} of {len(wanted):,} are not known here: {shown}."
                raise DomainError(why, code="unknown_members", details={"user_ids": why})
            ids = sorted(persons.values())  # one order for everybody who locks rows
            for begin in range(0, len(ids), SET):
                self._set_all(session, actor, held_all(session, ids[begin : begin + SET]), told)
        return len(wanted)

    def revert(self, session: Session, actor: Actor, person_id: UUID, *, seen: str | None = None) -> Reverted:
        """Take the override back; the detected archetype counts again. Raises NotFound without one.

        With `seen`, the mark of what its author looked at, it raises Overtaken for another override.
        """
        with unit(session):
            mine = select(Member).where(Member.person_id == person_id).with_for_update()
            member = session.scalar(mine.execution_options(populate_existing=True))
            if member is None or member.override is None:
                raise NotFound("This member has no override.")
            _same(member, seen)
            until = member.override_expires_at
            change = self._end(session, actor, member, Cause.REVERTED)
            return Reverted(change.id, until)

    def restore(self, session: Session, actor: Actor, person_id: UUID, undone: Reverted) -> Archetype:
        """Set what was reverted once more. Raises Conflict when anything happened since, or DomainError."""
        with unit(session):
            member, last = held(session, person_id), _last_change(session, person_id)
            if last is None or last.id != undone.change_id or member.override is not None:
                raise Conflict(HAPPENED)
            told = self._checked(Override(last.before, last.reason, undone.expires_at))
            self._set(session, actor, member, told)
            return told.archetype

    def expire(self, session: Session, actor: Actor) -> int:
        """End every override whose time is over, each audited; answers how many there were."""
        ended = 0
        while ids := self._over(session):
            with unit(session):
                for member in session.scalars(
                    select(Member).where(Member.id.in_(ids)).order_by(Member.person_id).with_for_update()
                ):
                    if member.override_expires_at and member.override_expires_at <= self.clock.now():
                        self._end(session, actor, member, Cause.EXPIRED)
                        ended += 1
        return ended

    def _over(self, session: Session) -> list[UUID]:
        over = select(Member.id).where(Member.override_expires_at <= self.clock.now())
        return list(session.scalars(over.limit(SET)))

    def _checked(self, asked: Override) -> Override:
        reason, problems = " ".join(asked.reason.split()), dict[str, str]()
        if not reason:
            problems["reason"] = "Say why: whoever looks at this member next will want to know."
        elif "\0" in reason:
            problems["reason"] = "This text holds a sign that cannot be stored (NUL). Remove it."
        elif len(reason) > LONGEST_REASON:
            problems["reason"] = f"Keep this under {LONGEST_REASON} characters; it has {len(reason):,}."
        if asked.expires_at is not None and (why := self._bad_end(asked.expires_at)):
            problems["expiresAt"] = why
        if problems:
            raise DomainError(" ".join(problems.values()), code="invalid", details=problems)
        return Override(asked.archetype, reason, asked.expires_at)

    def _bad_end(self, ends: datetime) -> str | None:
        now = self.clock.now()
        try:
            ends = ends.astimezone(UTC)
        except OverflowError:
            return FURTHEST
        if ends <= now:
            return "This time is past: an override cannot end before it begins."
        return FURTHEST if ends > now + timedelta(days=MOST_DAYS) else None

    def _set(self, session: Session, actor: Actor, member: Member, told: Override) -> None:
        was, change = _state(member), self._overridden(actor, member, told)
        session.add(change)
        self._record(session, actor, AuditAction.ARCHETYPE_OVERRIDDEN, member, was, told.reason)

    def _set_all(self, session: Session, actor: Actor, members: Sequence[Member], told: Override) -> None:
        """What `_set` does, in few statements for many."""
        was = {member.id: _state(member) for member in members}
        session.add_all([self._overridden(actor, member, told) for member in members])
        traces = [(member.id, _changes(was[member.id], member)) for member in members]
        persons = {member.id: member.person_id for member in members}
        action = AuditAction.ARCHETYPE_OVERRIDDEN
        self.auditor.record_many(
            session, actor, action, "member", traces, persons=persons, reason=told.reason
        )

    def _overridden(self, actor: Actor, member: Member, told: Override) -> ArchetypeChange:
        """Have the member count as told; answers the trace of it, to be added."""
        before, by, at = member.in_force, called(actor), self.clock.now()
        member.override, member.override_reason = told.archetype, told.reason
        member.override_by, member.override_at = by, at
        member.override_expires_at, member.in_force = told.expires_at, told.archetype
        return change_of(member, before, Cause.OVERRIDDEN, at, reason=told.reason, by=by)

    def _end(self, session: Session, actor: Actor, member: Member, cause: Cause) -> ArchetypeChange:
        before, was, reason = member.in_force, _state(member), member.override_reason
        member.override = member.override_at = member.override_expires_at = None
        member.override_reason = member.override_by = ""
        member.in_force = member.archetype
        change = change_of(member, before, cause, self.clock.now(), reason=reason, by=called(actor))
        session.add(change)
        action = {
            Cause.REVERTED: AuditAction.ARCHETYPE_REVERTED,
            Cause.EXPIRED: AuditAction.ARCHETYPE_EXPIRED,
        }[cause]
        self._record(session, actor, action, member, was, "")
        return change

    def _record(
        self,
        session: Session,
        actor: Actor,
        action: AuditAction,
        member: Member,
        was: dict[str, object],
        reason: str,
    ) -> None:
        changes = _changes(was, member)
        self.auditor.record(
            session, actor, action, member, changes=changes, reason=reason, person=member.person_id
        )


def called(actor: Actor) -> str:
    """Who did it, as the pages name them: a person, or a program by its token."""
    return f"{actor.name} (API token)"[:200] if actor.token_id and not actor.staff_id else actor.name


def held_all(session: Session, person_ids: Sequence[UUID]) -> list[Member]:
    """The rows of these persons as members, like `held`; the ids are a set, in their order."""
    mine = Member.person_id.in_(person_ids)
    known = set(session.scalars(select(Member.person_id).where(mine)))
    make_members(session, [one for one in person_ids if one not in known], touched=False)
    locked = select(Member).where(mine).order_by(Member.person_id).with_for_update()
    return list(session.scalars(locked.execution_options(populate_existing=True)))


def named(session: Session, user_ids: Sequence[str]) -> dict[str, UUID]:
    """The persons that have one of these user ids."""
    known = dict[str, UUID]()
    for begin in range(0, len(user_ids), SET):
        some = user_ids[begin : begin + SET]
        found = session.execute(select(Person.identifier, Person.id).where(Person.identifier.in_(some)))
        known.update((row.identifier, row.id) for row in found)
    return known


def mark_of(set_at: datetime | None) -> str:
    """Which override somebody looked at, told by when it was set; nothing for none."""
    return set_at.isoformat() if set_at else ""


def _same(member: Member, seen: str | None) -> None:
    """Raise Overtaken when the override is another one than was seen. The row is held already."""
    if seen is not None and seen != mark_of(member.override_at):
        raise Overtaken("Another override was saved, or this one taken back, meanwhile.")


def _last_change(session: Session, person_id: UUID) -> ArchetypeChange | None:
    mine = select(ArchetypeChange).where(ArchetypeChange.person_id == person_id)
    return session.scalar(mine.order_by(ArchetypeChange.at.desc(), ArchetypeChange.id.desc()).limit(1))


def _changes(was: dict[str, object], member: Member) -> dict[str, tuple[object, object]]:
    now = _state(member)
    return {name: (was[name], now[name]) for name in now if was[name] != now[name]}


def _state(member: Member) -> dict[str, object]:
    """What an audit row tells before and after."""
    return {
        "archetype": member.in_force.value,
        "override": member.override.value if member.override else None,
        "expires_at": member.override_expires_at,
    }
