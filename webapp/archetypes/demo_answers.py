"""What the demo company's members did with what they were offered: made up, the same at every start."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from webapp.archetypes.facts import Archetype, Selected, Way
from webapp.archetypes.rules.answer import Answer

WEEKS = 12
EACH = 5  # answers a member is given in that time, in the mean
DECIDED = 0.9
# How well a way suits a true type, in log-odds against walking away; a recommended one gains by being it.
SUITS = {
    Archetype.BIG_SPENDER: {Way.BUYOUT: 1.6, Way.CRASH: -0.7, Way.SWAP: -0.9},
    Archetype.HIGH_FLEXIBILITY: {Way.BUYOUT: -1.2, Way.CRASH: 0.2, Way.SWAP: 1.5},
    Archetype.AVERAGE_USER: {Way.BUYOUT: -0.2, Way.CRASH: 0.9, Way.SWAP: 0.7},
}
GAIN = 0.7


@dataclass(frozen=True)
class Did:
    """What a member did: took something or nothing, after so many seconds; None for what was never told."""

    selected: Selected
    seconds: int


def did(true: Archetype, given: Answer, chance: Random) -> Did | None:
    """What a member of this true type does with the answer."""
    if chance.random() >= DECIDED:
        return None
    odds = {one.way: SUITS[true][one.way] + GAIN * one.recommended for one in given.options}
    weights = [1.0, *(math.exp(odds[way]) for way in Way)]
    taken = chance.choices([Selected.NONE, *(Selected(way.value) for way in Way)], weights)[0]
    easy = taken.value == given.chosen.way.value
    return Did(taken, max(1, round(math.exp(chance.gauss(math.log(19 if easy else 52), 0.8)))))
