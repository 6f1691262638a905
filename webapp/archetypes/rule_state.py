"""Which version of the rules a member gets, and who is held out: one row a company, one hash a member."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache

from webapp.accounts.models import Company
from webapp.archetypes.models import RuleSet, RulesInForce
from webapp.archetypes.rules.answer import Counted
from webapp.archetypes.rules.ruleset import SHIPPED, Rules
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, read, unit
from webapp.core.errors import NotFound

FIRST = 1
SHIPPED_NOTE = "As shipped"
_read: LRUCache[tuple[UUID, int], Rules] = LRUCache(500)  # published versions never change


@dataclass(frozen=True)
class State:
    """A company's rules at this moment: the version for all, one for a share of members, the company's own
    acceptance by way, and where its day begins.

    `stored` is false while the company runs on what is shipped and no row says so.
    """

    number: int
    rules: Rules
    rollout: int | None
    rollout_rules: Rules | None
    rollout_share: int
    company: Counted
    zone: ZoneInfo
    currency: str
    stored: bool

    def of(self, person_id: UUID) -> tuple[int, Rules]:
        """The version this member gets, with its number."""
        late = place_of(person_id) >= 1 - self.rollout_share / 100
        if self.rollout and self.rollout_rules and late and not self.held_out(person_id):
            return self.rollout, self.rollout_rules
        return self.number, self.rules

    def held_out(self, person_id: UUID) -> bool:
        """Whether the member is held out: by the share that the version in force for all names."""
        return place_of(person_id) < float(self.rules.held_out)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The versions that some member gets."""
        return (self.number,) if self.rollout is None else (self.number, self.rollout)


def place_of(person_id: UUID) -> float:
    """Where a member stands in [0, 1), for ever: the first 8 bytes of the id's SHA-256.

    Hold-outs are taken from the lower end and rollouts from the upper one.
    """
    return int.from_bytes(hashlib.sha256(person_id.bytes).digest()[:8], "big") / 2**64


STATE = (
    Company.timezone,
    Company.currency,
    RulesInForce.number,
    RulesInForce.rollout,
    RulesInForce.rollout_share,
    RulesInForce.acceptance,
)
CURRENT = (  # built once: every call asks it
    select(*STATE)
    .outerjoin(RulesInForce, RulesInForce.company_id == Company.id)
    .where(Company.id == bindparam("company"))
)


def state_of(session: Session) -> State:
    """Read the company's rules in one statement, and the versions that were not read before."""
    return state_from(session, read(session, CURRENT, {"company": company_of(session)}).one())


def state_from(session: Session, row: Sequence[Any]) -> State:
    """The state that the columns `STATE` tell."""
    zone, currency, number, rollout, share, acceptance = row
    return State(
        number=number or FIRST,
        rules=rules_numbered(session, number) if number else SHIPPED,
        rollout=rollout,
        rollout_rules=rules_numbered(session, rollout) if rollout else None,
        rollout_share=share or 0,
        company={way: (accepted, decided) for way, (accepted, decided) in (acceptance or {}).items()},
        zone=ZoneInfo(zone or "UTC"),
        currency=currency,
        stored=number is not None,
    )


def rules_numbered(session: Session, number: int) -> Rules:
    """A published version of the company's rules. Raises NotFound."""
    key = (company_of(session), number)
    known = _read.get(key)
    if known is None:
        found = session.execute(
            select(RuleSet.rules, RuleSet.published_at).where(RuleSet.number == number)
        ).one_or_none()
        if found is None or found.published_at is None:
            raise NotFound(f"There is no published version {number} of the rules.")
        known = _read[key] = Rules.model_validate(found.rules)
    return known


def settle(session: Session, clock: Clock) -> RulesInForce:
    """The company's row, in the caller's unit; what is shipped becomes version 1 when there is none yet."""
    with unit(session):
        lock_key(session, company_of(session), "rules_in_force")
        row = session.scalar(select(RulesInForce).with_for_update())
        if row is not None:
            return row
        now = clock.now()
        session.add(shipped_row(now))
        row = RulesInForce(number=FIRST, updated_at=now)
        session.add(row)
        session.flush()
        return row


def shipped_row(now: datetime) -> RuleSet:
    """What is shipped, as version 1."""
    values: dict[str, Any] = SHIPPED.as_json()
    return RuleSet(
        number=FIRST,
        rules=values,
        note=SHIPPED_NOTE,
        published_at=now,
        created_at=now,
        updated_at=now,
    )
