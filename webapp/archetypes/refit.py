"""Anchors refitted to the company's own members: looked at first, then taken over as a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.archetypes.history import Seen, Span, key, look
from webapp.archetypes.models import Member
from webapp.archetypes.rule_state import State
from webapp.archetypes.rules.detect import detect
from webapp.archetypes.rules.refit import Refitted, refit, with_anchors
from webapp.archetypes.rules.ruleset import Rules
from webapp.archetypes.rules.simulate import NEW, counts
from webapp.core.money import exponent_of

MOST = 10_000  # members that are looked at


@dataclass(frozen=True)
class Refit:
    """The new anchors with what they would do: members by profile before and after."""

    found: tuple[Refitted, ...]
    rules: Rules
    members: int
    all_members: int
    matrix: list[list[int]]

    @property
    def moved(self) -> int:
        """How many of the members would be found to be something else."""
        return self.members - sum(self.matrix[one][one] for one in range(NEW + 1))

    @property
    def changes(self) -> bool:
        """Whether any anchor is a new one."""
        return any(one.old != one.new for one in self.found)


def refit_rules(session: Session, state: State, now: datetime) -> Refit:
    """Refit the anchors of the version in force to the histories of the company's newest members.

    Detected archetypes are compared, overrides or not. Nothing is written.
    """
    newest = select(key(Member.person_id)).order_by(Member.person_id.desc()).limit(MOST)
    keys = list(session.scalars(newest))
    every = session.scalar(select(func.count(Member.id))) or 0
    if not keys:
        return Refit((), state.rules, 0, every, counts(np.zeros(0, int), np.zeros(0, int), NEW + 1))
    seen, unit = _look(session, state, keys, now), 10.0 ** exponent_of(state.currency)
    found = refit(seen.histories, state.rules, now.timestamp(), unit)
    rules = with_anchors(state.rules, found)
    profiles = []
    for each in (state.rules, rules):
        what = detect(seen.histories, each.detection, now.timestamp(), unit)
        profiles.append(np.where(what.new, NEW, what.best)[~seen.broken])
    members = int((~seen.broken).sum())
    return Refit(found, rules, members, every, counts(profiles[0], profiles[1], NEW + 1))


def _look(session: Session, state: State, keys: list[Any], now: datetime) -> Seen:
    last, first = (one if isinstance(one, UUID) else UUID(one) for one in (keys[0], keys[-1]))
    since = now - timedelta(days=state.rules.detection.look_back_days)
    return look(session, Span(first, last, since, now, state.currency), keys)
