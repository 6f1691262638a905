"""Versions of the rules: drafted, changed, published, given to a share of members, put in force again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.archetypes.facts import RuleDeed
from webapp.archetypes.models import RuleEvent, RuleSet, RulesInForce
from webapp.archetypes.recalculating import start_recalculation
from webapp.archetypes.rule_state import rules_numbered, settle, state_of
from webapp.archetypes.rules.parameters import differences
from webapp.archetypes.rules.ruleset import Rules
from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.jobs.start import Starter

LONGEST = 500  # signs of a note or a reason
FIRST_SHARE = 10  # percent of members who get a version first
NUL = "This text holds a sign that cannot be stored (NUL). Remove it."
ACTIONS = {
    RuleDeed.PUBLISHED: AuditAction.RULES_PUBLISHED,
    RuleDeed.ROLLED_OUT: AuditAction.RULES_ROLLED_OUT,
    RuleDeed.WITHDRAWN: AuditAction.RULES_WITHDRAWN,
    RuleDeed.ROLLED_BACK: AuditAction.RULES_ROLLED_BACK,
}


@dataclass(frozen=True)
class Read:
    """What somebody saw when they decided: the version's own count and the one of what is in force."""

    version: int
    in_force: int


@dataclass(frozen=True)
class RuleDeeds:
    """The deeds, with the clients they need. Each is one unit with its audit row.

    `set_size` is how many members a recalculation takes at a time.
    """

    clock: Clock
    auditor: Auditor
    starter: Starter
    set_size: int

    def draft(self, session: Session, actor: Actor, note: str = "", rules: Rules | None = None) -> RuleSet:
        """A new draft with these values, or those in force, numbered after the highest number."""
        told, now = _text("note", note), self.clock.now()
        with unit(session):
            settle(session, self.clock)  # and nobody else numbers a draft until the unit ends
            values = rules or state_of(session).rules
            highest = session.scalar(select(func.max(RuleSet.number))) or 0
            draft = RuleSet(
                number=highest + 1,
                rules=values.as_json(),
                note=told,
                by=actor.name,
                created_at=now,
                updated_at=now,
            )
            session.add(draft)
            session.flush()
            changes = {"number": (None, draft.number), "rules": (None, values.digest)}
            self.auditor.record(session, actor, AuditAction.RULES_DRAFTED, draft, changes=changes)
            return draft

    def change(
        self, session: Session, actor: Actor, set_id: UUID, rules: Rules, note: str, read_version: int
    ) -> RuleSet:
        """Save a draft as read at a version; an unchanged one makes no new version of it.

        Raises Conflict when somebody saved in between or published it, NotFound, DomainError.
        """
        told = _text("note", note)
        with unit(session):
            draft = self._draft(session, set_id, read_version)
            before = Rules.model_validate(draft.rules)
            changes: dict[str, tuple[object, object]] = {
                one.parameter.name: (one.before, one.after) for one in differences(before, rules)
            }
            if draft.note != told:
                changes["note"] = (draft.note, told)
            if changes:
                draft.rules, draft.note, draft.by = rules.as_json(), told, actor.name
                draft.version, draft.updated_at = draft.version + 1, self.clock.now()
                self.auditor.record(session, actor, AuditAction.RULES_CHANGED, draft, changes=changes)
            return draft

    def discard(self, session: Session, actor: Actor, set_id: UUID, read_version: int) -> None:
        """Delete a draft with its simulations. Raises Conflict or NotFound."""
        with unit(session):
            draft = self._draft(session, set_id, read_version)
            changes = {"number": (draft.number, None), "rules": (draft.rules, None)}
            self.auditor.record(session, actor, AuditAction.RULES_DISCARDED, draft, changes=changes)
            session.delete(draft)

    def publish(self, session: Session, actor: Actor, set_id: UUID, read: Read, reason: str) -> None:
        """Put a draft, or the version that is rolled out, in force for everybody.

        A rollout of another version ends with it. Whoever was found by other rules is recalculated by a
        job. Raises Conflict, NotFound, or DomainError without a reason.
        """
        why = _reason(reason)
        with unit(session):
            row, version = self._held(session, read), self._version(session, set_id)
            if version.published_at is None:
                self._check_read(version, read.version)
            elif version.number != row.rollout:
                raise Conflict("This version is published already. To use it again, put it in force again.")
            self._end_rollout(session, actor, row, keep=version.number)
            self._point(session, actor, row, version, RuleDeed.PUBLISHED, why)

    def roll_back(self, session: Session, actor: Actor, set_id: UUID, read: Read, reason: str) -> None:
        """Put a version in force for everybody that was published before; its answers come back as they were.

        A rollout ends with it. Raises Conflict, NotFound, or DomainError without a reason.
        """
        why = _reason(reason)
        with unit(session):
            row, version = self._held(session, read), self._version(session, set_id)
            if version.published_at is None or version.number in {row.number, row.rollout}:
                raise Conflict("Only a former version can be put in force again.")
            self._end_rollout(session, actor, row)
            self._point(session, actor, row, version, RuleDeed.ROLLED_BACK, why)

    def roll_out(
        self, session: Session, actor: Actor, set_id: UUID, read: Read, share: int, reason: str
    ) -> None:
        """Give a draft, which thereby becomes final, to so many percent of the members; or change the share.

        The members are those at the upper end of their hash, so a larger share keeps all of a smaller one,
        and they are never the held-out ones. Raises Conflict, NotFound, DomainError.
        """
        why = _reason(reason)
        with unit(session):
            row, version = self._held(session, read), self._version(session, set_id)
            _check_share(share, rules_numbered(session, row.number))
            if row.rollout not in {None, version.number}:
                told = f"Version {row.rollout} is rolled out to a share of members. Take it back first."
                raise Conflict(told)
            if version.published_at is None:
                self._check_read(version, read.version)
                version.published_at = version.updated_at = self.clock.now()
            elif version.number != row.rollout:
                raise Conflict("Only a draft is rolled out; make a new one from this version.")
            before = row.rollout_share
            row.rollout, row.rollout_share = version.number, share
            self._moved(row)
            self._trace(session, actor, version, RuleDeed.ROLLED_OUT, why, share, {"share": (before, share)})
            start_recalculation(session, actor, self.starter, everyone=False, size=self.set_size)

    def withdraw(self, session: Session, actor: Actor, read: Read, reason: str) -> None:
        """Take the version back from its share of members. Raises Conflict or DomainError."""
        why = _reason(reason)
        with unit(session):
            row = self._held(session, read)
            if row.rollout is None:
                raise Conflict("No version is rolled out any more.")
            self._end_rollout(session, actor, row, why=why)
            start_recalculation(session, actor, self.starter, everyone=False, size=self.set_size)

    def _point(
        self, session: Session, actor: Actor, row: RulesInForce, version: RuleSet, deed: RuleDeed, why: str
    ) -> None:
        before, row.number = row.number, version.number
        if version.published_at is None:
            version.published_at = version.updated_at = self.clock.now()
        self._moved(row)
        self._trace(session, actor, version, deed, why, 100, {"in_force": (before, version.number)})
        session.flush()
        start_recalculation(session, actor, self.starter, everyone=False, size=self.set_size)

    def _end_rollout(
        self, session: Session, actor: Actor, row: RulesInForce, *, keep: int | None = None, why: str = ""
    ) -> None:
        """End a rollout; it leaves no trace when its version goes on to everybody."""
        number, share = row.rollout, row.rollout_share
        row.rollout, row.rollout_share = None, 0
        if number is None or number == keep:
            return
        self._moved(row)
        version = session.scalars(select(RuleSet).where(RuleSet.number == number)).one()
        told = why or "Another version was put in force for everybody."
        self._trace(session, actor, version, RuleDeed.WITHDRAWN, told, share, {"share": (share, 0)})

    def _trace(
        self,
        session: Session,
        actor: Actor,
        version: RuleSet,
        deed: RuleDeed,
        why: str,
        share: int,
        changes: dict[str, tuple[object, object]],
    ) -> None:
        now, by = self.clock.now(), actor.name
        session.add(RuleEvent(at=now, deed=deed, number=version.number, share=share, reason=why, by=by))
        self.auditor.record(session, actor, ACTIONS[deed], version, changes=changes, reason=why)

    def _moved(self, row: RulesInForce) -> None:
        row.version, row.updated_at = row.version + 1, self.clock.now()

    def _held(self, session: Session, read: Read) -> RulesInForce:
        row = settle(session, self.clock)
        if row.version != read.in_force:
            told = "Somebody else changed what is in force since you looked. Look at it again first."
            raise Conflict(told, details={"in_force": f"is version {row.number} now"})
        return row

    def _draft(self, session: Session, set_id: UUID, read_version: int) -> RuleSet:
        found = self._version(session, set_id)
        if found.published_at is not None:
            raise Conflict(
                "This version is published by now. Published versions never change: draft another."
            )
        self._check_read(found, read_version)
        return found

    @staticmethod
    def _version(session: Session, set_id: UUID) -> RuleSet:
        return _known(session.scalar(select(RuleSet).where(RuleSet.id == set_id).with_for_update()))

    @staticmethod
    def _check_read(version: RuleSet, read: int) -> None:
        if version.version != read:
            raise Conflict("Somebody else changed this draft since you read it.")


def find_version(session: Session, set_id: UUID) -> RuleSet:
    """The company's version of this id. Raises NotFound."""
    return _known(session.get(RuleSet, set_id))


def versions(session: Session) -> Sequence[RuleSet]:
    """All versions, the newest first."""
    return session.scalars(select(RuleSet).order_by(RuleSet.number.desc())).all()


def events(session: Session, most: int = 100) -> Sequence[RuleEvent]:
    """What was done with versions, the latest first."""
    return session.scalars(select(RuleEvent).order_by(RuleEvent.at.desc()).limit(most)).all()


def in_force(session: Session) -> RulesInForce | None:
    """The company's row, when it has one."""
    return session.scalar(select(RulesInForce))


def most_share(rules: Rules) -> int:
    """How many percent of the members a rollout may take, so that it never meets the held-out ones."""
    return int(100 * (1 - rules.held_out))


def _check_share(share: int, rules: Rules) -> None:
    most = min(99, most_share(rules))
    if not 1 <= share <= most:
        why = f"Give it to 1 to {most} % of the members; for everybody, publish it."
        raise DomainError(why, code="invalid", details={"share": why})


def _known(version: RuleSet | None) -> RuleSet:
    if version is None:
        raise NotFound("There is no such version of the rules.")
    return version


def _text(field: str, text: str) -> str:
    told = " ".join(text.split())
    if "\0" in told:
        raise DomainError(NUL, code="invalid", details={field: NUL})
    if len(told) > LONGEST:
        why = f"Keep this under {LONGEST} characters; it has {len(told):,}."
        raise DomainError(why, code="invalid", details={field: why})
    return told


def _reason(text: str) -> str:
    told = _text("reason", text)
    if not told:
        why = "Say why: whoever looks at this version later will want to know."
        raise DomainError(why, code="invalid", details={"reason": why})
    return told
