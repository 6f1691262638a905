"""Leads as they stood at a moment: what was known by then, and nothing that came after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from webapp.leads.facts import OPEN, Stage
from webapp.leads.rules.score import RECENT_DAYS, Floats, Standing

DAY = 86_400.0
AGES_DAYS = (3.0, 7.0, 14.0, 30.0, 60.0)  # at which closed leads are looked at, while they were open
JUST_BEFORE = 1e-3  # seconds before the closing that the last look happens
STAGES = tuple(stage for stage in Stage if stage in OPEN)
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Events:
    """Things that happened: whose (place of the lead), what (place of the word), when (Unix seconds)."""

    lead: Whole
    what: Whole
    at: Floats


@dataclass(frozen=True)
class Turn:
    """An attribute, the source or the value that became something else at a time; None is unknown."""

    lead: int
    name: str
    before: Any
    after: Any
    at: float


@dataclass(frozen=True)
class Histories:
    """Everything known of so many leads, in lists along them; times in Unix seconds, value in major units.

    `sources`, `values` and `attributes` are as they stand now; `turns` say what they were, oldest first.
    """

    opened: Floats
    sources: Sequence[str]
    values: Sequence[float | None]
    attributes: Sequence[Mapping[str, Any]]
    kinds: tuple[str, ...]
    activities: Events
    stages: Events  # `what` is the place in `STAGES`
    turns: Sequence[Turn] = ()

    def __len__(self) -> int:
        return len(self.opened)


@dataclass(frozen=True)
class Moments:
    """Leads at moments, a place each. `lead` is the place in the histories, `weight` sums to 1 a lead.

    `at` is when, in Unix seconds; None where a file does not say.
    """

    lead: Whole
    weight: Floats
    standing: Standing
    stage: Whole
    sources: Sequence[str]
    values: Floats  # NaN where there is none
    attributes: Sequence[Mapping[str, Any]]
    at: Floats | None = None

    def __len__(self) -> int:
        return len(self.lead)


def chosen(moments: Moments, rows: NDArray[np.bool_]) -> Moments:
    """Some of the moments."""
    standing = moments.standing
    places = np.flatnonzero(rows).tolist()
    return Moments(
        lead=moments.lead[rows],
        weight=moments.weight[rows],
        standing=Standing(
            standing.kinds,
            standing.counts[rows],
            standing.recent[rows],
            standing.quiet_days[rows],
            standing.age_days[rows],
        ),
        stage=moments.stage[rows],
        sources=[moments.sources[place] for place in places],
        values=moments.values[rows],
        attributes=[moments.attributes[place] for place in places],
        at=None if moments.at is None else moments.at[rows],
    )


def reweighted(moments: Moments) -> Moments:
    """The same moments, each lead's weights summing to 1 again."""
    sums = np.bincount(moments.lead, moments.weight)
    return replace(moments, weight=moments.weight / sums[moments.lead])


def with_activity(moments: Moments, kind: str) -> Moments:
    """The same leads with one more activity of this kind, just now; a kind never seen changes no count."""
    standing = moments.standing
    counts = standing.counts.copy()
    if kind in standing.kinds:
        counts[:, standing.kinds.index(kind)] += 1.0
    more = replace(standing, counts=counts, recent=standing.recent + 1, quiet_days=np.zeros(len(standing)))
    return replace(moments, standing=more)


def closed_moments(histories: Histories, closed: Floats) -> Moments:
    """Replay closed leads at 3, 7, 14, 30 and 60 days, each held just before the closing, counted once."""
    ages = np.array(AGES_DAYS) * DAY
    last = np.maximum(closed - JUST_BEFORE, histories.opened)
    at = np.minimum(histories.opened[:, None] + ages, last[:, None])
    first = np.ones(at.shape, bool)
    first[:, 1:] = at[:, 1:] > at[:, :-1]
    lead, place = np.nonzero(first)
    weight = 1.0 / first.sum(axis=1)[lead]
    return replace(at_moments(histories, lead, at[lead, place]), weight=weight)


def open_moments(histories: Histories, now: float) -> Moments:
    """All leads as they stand now."""
    return at_moments(histories, np.arange(len(histories)), np.full(len(histories), now))


def at_moments(histories: Histories, lead: Whole, at: Floats) -> Moments:
    """The leads with these places, each at its moment; what happened at that very second is known."""
    seen = _facts_at(histories, lead, at)
    return Moments(
        lead=lead,
        weight=np.ones(len(lead)),
        standing=_standing_at(histories, lead, at),
        stage=_stage_at(histories, lead, at),
        sources=[str(one["source"] or "") for one in seen],
        values=np.array([np.nan if one["value"] is None else float(one["value"]) for one in seen], float),
        attributes=[one["attributes"] for one in seen],
        at=at,
    )


def _standing_at(histories: Histories, lead: Whole, at: Floats) -> Standing:
    events = histories.activities
    place, moment = _pairs(events.lead, lead, len(histories))
    known = events.at[place] <= at[moment]
    place, moment = place[known], moment[known]
    counts = np.zeros((len(lead), len(histories.kinds)))
    np.add.at(counts, (moment, events.what[place]), 1.0)
    recent = np.zeros(len(lead))
    late = events.at[place] > at[moment] - RECENT_DAYS * DAY
    np.add.at(recent, moment[late], 1.0)
    last = np.full(len(lead), -np.inf)
    np.maximum.at(last, moment, events.at[place])
    return Standing(
        histories.kinds,
        counts,
        recent,
        quiet_days=(at - last) / DAY,
        age_days=np.maximum(0.0, at - histories.opened[lead]) / DAY,
    )


def _stage_at(histories: Histories, lead: Whole, at: Floats) -> Whole:
    """The last stage entered by then, the new one where nothing is known."""
    events = histories.stages
    place, moment = _pairs(events.lead, lead, len(histories))
    known = events.at[place] <= at[moment]
    place, moment = place[known], moment[known]
    order = np.argsort(events.at[place], kind="stable")
    stage = np.zeros(len(lead), np.int64)
    stage[moment[order]] = events.what[place[order]]  # the latest is written last
    return stage


def _pairs(whose: Whole, lead: Whole, leads: int) -> tuple[Whole, Whole]:
    """Every event beside every moment of its lead: places of the events, places of the moments."""
    order = np.argsort(lead, kind="stable")
    count = np.bincount(lead, minlength=leads)
    start = np.concatenate(([0], np.cumsum(count)[:-1]))
    times = count[whose]
    place = np.repeat(np.arange(len(whose)), times)
    offset = np.arange(len(place)) - np.repeat(np.cumsum(times) - times, times)
    return place, order[np.repeat(start[whose], times) + offset]


def _facts_at(histories: Histories, lead: Whole, at: Floats) -> list[dict[str, Any]]:
    """Source, value and attributes of each as they stood: today's, with later turns taken back."""
    turns: dict[int, list[Turn]] = {}
    for turn in histories.turns:
        turns.setdefault(turn.lead, []).append(turn)
    return [
        _taken_back(histories, one, moment, turns.get(one, ()))
        for one, moment in zip(lead.tolist(), at.tolist(), strict=True)
    ]


def _taken_back(histories: Histories, lead: int, at: float, turns: Sequence[Turn]) -> dict[str, Any]:
    now: dict[str, Any] = {
        "source": histories.sources[lead],
        "value": histories.values[lead],
        "attributes": histories.attributes[lead],
    }
    for turn in reversed(turns):
        if turn.at <= at:
            continue
        kind, _, name = turn.name.partition(".")
        if kind != "attributes":
            now[kind] = turn.before
            continue
        rest = {key: value for key, value in now["attributes"].items() if key != name}
        now["attributes"] = rest if turn.before is None else {**rest, name: turn.before}
    return now
