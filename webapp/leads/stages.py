"""A lead's stages: what its first record tells of them, and what a change makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.leads.facts import Stage

ORDER = {stage: place for place, stage in enumerate(Stage)}


@dataclass(frozen=True)
class Standing:
    """When a lead began, where it stands, since when. A closed lead stands so since it closed."""

    opened: datetime
    stage: Stage
    since: datetime

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> Standing:
        """Read it from a lead's columns."""
        since = columns["closed_at"] if columns["stage"].closed else columns["stage_changed_at"]
        return cls(columns["opened_at"], columns["stage"], since)


@dataclass(frozen=True)
class Step:
    """A stage that was reached, and when."""

    at: datetime
    stage: Stage


def first_steps(lead: Standing) -> list[Step]:
    """The history that a lead's first record tells: it began, and reached the stage that it is in.

    Where it reached it after it began, it began as new.
    """
    if lead.stage is Stage.NEW or lead.since <= lead.opened:
        return [Step(lead.opened, lead.stage)]
    return [Step(lead.opened, Stage.NEW), Step(lead.since, lead.stage)]


def steps_after(steps: Iterable[Step], before: Standing, after: Standing) -> list[Step]:
    """The history once a lead stands differently: a new stage is added, a corrected time is moved."""
    kept = [Step(after.opened, one.stage) if one.at == before.opened else one for one in steps]
    if after.stage is not before.stage:
        kept.append(Step(after.since, after.stage))
    elif after.since != before.since and after.stage is not Stage.NEW:
        began = Step(after.opened, after.stage)
        old = began if before.since == before.opened else Step(before.since, before.stage)
        kept = [one for one in kept if one != old]
        kept += [Step(after.since, after.stage)]
        if not any(one.at == after.opened for one in kept):
            kept.append(Step(after.opened, Stage.NEW))
    return in_order(kept)


def with_told(steps: Iterable[Step], told: Iterable[Step]) -> list[Step]:
    """The history with what a file tells of it, where a later row of the same stage told nothing new.

    A lead whose stage came without a time was noted at the moment of its record; the file knows better.
    """
    said = set(told)
    kept: list[Step] = []
    for one in in_order({*steps, *said}):
        again = bool(kept) and kept[-1].stage is one.stage and one not in said
        if not again:
            kept.append(one)
    return kept


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Steps as they came, each once; of one moment in the order of the stages."""
    return sorted(set(steps), key=lambda one: (one.at, ORDER[one.stage]))


def standing_after(steps: Sequence[Step]) -> dict[str, Any]:
    """The columns of a lead whose history this is: where it stands, since when, when it closed."""
    last = steps[-1]
    return {
        "stage": last.stage,
        "stage_changed_at": last.at,
        "closed_at": last.at if last.stage.closed else None,
    }
