"""Versions of the price rules: one draft, saved, discarded or published; put in force again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, unit
from webapp.core.errors import Conflict, NotFound
from webapp.customers.models import PriceRules
from webapp.customers.rules.pricing import Prices

STALE = "This draft was changed meanwhile, in another window or by somebody else."
GONE = "There is no draft any more: it was published or discarded meanwhile."
SHOWN = 50  # versions that are listed


def prices_in(row: PriceRules | None) -> Prices:
    """The rules that a row says; none at all without one."""
    return Prices.model_validate(row.rules) if row else Prices()


def in_force(session: Session) -> PriceRules | None:
    """The version that prices follow; None while none is published."""
    return session.scalar(select(PriceRules).where(PriceRules.in_force))


def draft_of(session: Session) -> PriceRules | None:
    """The company's draft, if there is one."""
    return session.scalar(select(PriceRules).where(PriceRules.published_at.is_(None)))


def version_of(session: Session, number: int) -> PriceRules | None:
    """The version of this number, or the draft that will have it."""
    return session.scalar(select(PriceRules).where(PriceRules.number == number))


def versions(session: Session) -> Sequence[PriceRules]:
    """The newest published versions, the newest first."""
    published = select(PriceRules).where(PriceRules.published_at.is_not(None))
    return session.scalars(published.order_by(PriceRules.number.desc()).limit(SHOWN)).all()


@dataclass(frozen=True)
class PriceDeeds:
    """The deeds, with the clients they need. Each is one unit with its audit row, one at a time a company."""

    clock: Clock
    auditor: Auditor

    def save(self, session: Session, actor: Actor, prices: Prices, note: str, read: int) -> PriceRules:
        """Save the draft as read at a version (0: there was none, and one is made); same rules write nothing.

        Raises Conflict when somebody saved, published or discarded it in between.
        """
        rules = prices.model_dump(mode="json")
        with unit(session):
            self._hold(session)
            row = draft_of(session)
            if (row.version if row else 0) != read:
                raise Conflict(STALE if row else GONE)
            if row is not None and (row.rules, row.note) == (rules, note):
                return row
            before = row.rules if row else None
            row = row or self._made(session)
            row.rules, row.note, row.by = rules, note, actor.name[:200]
            row.version, row.updated_at = row.version + 1, self.clock.now()
            session.flush()
            changes: dict[str, tuple[object, object]] = {"rules": (before, rules), "note": (None, note)}
            self.auditor.record(session, actor, AuditAction.PRICES_SAVED, row, changes=changes)
            return row

    def discard(self, session: Session, actor: Actor, read: int) -> None:
        """Delete the draft. Raises Conflict when it is not the one that was read."""
        with unit(session):
            row = self._read(session, read)
            changes = {"rules": (row.rules, None)}
            self.auditor.record(session, actor, AuditAction.PRICES_SAVED, row, changes=changes)
            session.delete(row)

    def publish(self, session: Session, actor: Actor, read: int) -> PriceRules:
        """Put the draft in force; from now on it never changes. Raises Conflict as `discard` does."""
        with unit(session):
            row = self._read(session, read)
            row.published_at = row.updated_at = self.clock.now()
            self._point(session, actor, row)
            return row

    def force(self, session: Session, actor: Actor, number: int) -> None:
        """Put a published version in force again. Raises NotFound for one that never was."""
        with unit(session):
            self._hold(session)
            row = version_of(session, number)
            if row is None or row.published_at is None:
                raise NotFound("There is no such published version.")
            if not row.in_force:
                self._point(session, actor, row)

    def _made(self, session: Session) -> PriceRules:
        highest = session.scalar(select(func.max(PriceRules.number))) or 0
        now = self.clock.now()
        row = PriceRules(number=highest + 1, rules={}, version=0, created_at=now, updated_at=now)
        session.add(row)
        return row

    def _read(self, session: Session, read: int) -> PriceRules:
        self._hold(session)
        row = draft_of(session)
        if row is None or row.version != read:
            raise Conflict(STALE if row else GONE)
        return row

    def _point(self, session: Session, actor: Actor, row: PriceRules) -> None:
        before = session.scalar(select(PriceRules.number).where(PriceRules.in_force))
        session.flush()
        session.execute(update(PriceRules).values(in_force=PriceRules.number == row.number))
        changes: dict[str, tuple[object, object]] = {"in_force": (before, row.number)}
        self.auditor.record(session, actor, AuditAction.PRICES_PUBLISHED, row, changes=changes)

    @staticmethod
    def _hold(session: Session) -> None:
        lock_key(session, "price_rules", company_of(session))
