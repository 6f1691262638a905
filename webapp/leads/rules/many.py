"""Action, priority and risk of many open leads of one person at once, as `actions.advise` finds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from webapp.leads.facts import Action, Priority
from webapp.leads.rules import actions
from webapp.leads.rules.moments import STAGES, Whole
from webapp.leads.rules.score import Floats

ACTIONS = tuple(Action)
PRIORITIES = tuple(Priority)
PLACE = {action: place for place, action in enumerate(ACTIONS)}
RANK = {priority: place for place, priority in enumerate(PRIORITIES)}
USUAL = np.array([PLACE[actions.PLAYBOOK[stage]] for stage in STAGES])
LATE = np.array([stage in actions.LATE for stage in STAGES])
CHOICES = np.array([PLACE[one] for one in actions.CHOICES])
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Standings:
    """Open leads in arrays along them, as `actions.Standing` holds one.

    `stage` is the place in `STAGES`; `outreach_days` is infinite and `value_ratio` NaN where there is none.
    """

    stage: Whole
    probability: Floats
    quiet_days: Floats
    outreach_days: Floats
    value_ratio: Floats


def chosen_of_many(
    leads: Standings, limit: float, uplift: Mapping[Action, Floats]
) -> tuple[Whole, Whole, Flags]:
    """Places in `ACTIONS` and in `PRIORITIES`, and who is at risk: quiet for more days than `limit`."""
    risk = leads.quiet_days > limit
    action = np.select(
        [
            risk & (leads.probability < actions.HOPELESS),
            (leads.outreach_days < actions.REST_DAYS) & (leads.quiet_days >= leads.outreach_days),
            LATE[leads.stage] & (leads.quiet_days >= actions.FOLLOW_UP_DAYS),
        ],
        [PLACE[Action.CLOSE_OUT], PLACE[Action.WAIT], PLACE[Action.FOLLOW_UP]],
        _by_effect(leads, uplift),
    )
    return action, _priority(leads, action, risk), risk


def _by_effect(leads: Standings, uplift: Mapping[Action, Floats]) -> Whole:
    gains = np.zeros((len(ACTIONS), len(leads.stage)))
    for action, points in uplift.items():
        gains[PLACE[action]] = points
    usual, each = USUAL[leads.stage], np.arange(len(leads.stage))
    best = CHOICES[np.argmax(gains[CHOICES], axis=0)]
    gain = gains[best, each]
    worth = (gain - gains[usual, each] >= actions.WORTH) & (gain > 0)
    chosen: Whole = np.where(worth, best, usual)
    return chosen


def _priority(leads: Standings, action: Whole, risk: Flags) -> Whole:
    ratio = np.where(np.isnan(leads.value_ratio), 1.0, leads.value_ratio)
    worth = leads.probability * np.minimum(ratio, actions.MOST_RATIO)
    resting = (action == PLACE[Action.WAIT]) | (action == PLACE[Action.CLOSE_OUT])
    return np.select(
        [
            resting,
            risk & (worth >= actions.SOME_WORTH),
            risk | (worth >= actions.HIGH_WORTH),
            worth < actions.LOW_WORTH,
        ],
        [RANK[one] for one in (Priority.LOW, Priority.URGENT, Priority.HIGH, Priority.LOW)],
        RANK[Priority.NORMAL],
    )
