"""What a personal model reads of a lead, as columns around what is usual for the person's closed leads."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from webapp.leads.facts import activity_label
from webapp.leads.rules.moments import STAGES, Moments
from webapp.leads.rules.score import Floats, parts

MOST_KINDS = 15
MOST_LEVELS = 12
MOST_ATTRIBUTES = 20
LEAST_LEADS = 3  # of the person's closed leads that must show a thing before it is read
LEAST_SPREAD = 0.2  # a standard deviation below it is taken for it: rare things are not blown up
BEYOND = 0.5  # standard deviations beyond what was seen that still count: nobody has been farther
LARGEST = 1e15  # a number beyond is a mistake
OF_ACTIVITIES = {"kind", "any", "recent", "recency"}


@dataclass(frozen=True)
class Column:
    """One input column: what it reads, of which input, and what is usual and how far it spreads."""

    read: str  # kind, any, recent, recency, age, stage, source, value, no_value, number, level, missing
    of: str  # the kind, stage, source or attribute
    level: str
    mean: float
    spread: float
    low: float  # the least and the most seen, in standard deviations
    high: float

    @property
    def input(self) -> str:
        """The input that this column is a part of, as explanations call it."""
        if self.read in {"kind", "any"}:
            return f"kind.{self.of}"
        if self.read in {"number", "level", "missing"}:
            return f"attributes.{self.of}"
        return {"recent": "activity", "age": "funnel_time", "no_value": "value"}.get(self.read, self.read)


@dataclass(frozen=True)
class Encoder:
    """The columns of one model, in order."""

    columns: tuple[Column, ...]

    @classmethod
    def learn(cls, moments: Moments, without: Iterable[str] = ()) -> Self:
        """Choose the columns from closed leads at their moments; inputs in `without` are left out."""
        left_out = set(without)
        found = [column for column in _possible(moments) if column.input not in left_out]
        raw = _read(found, moments)
        known = moments.weight[:, None] * ~np.isnan(raw)
        share = known / np.maximum(known.sum(axis=0), 1e-12)
        mean = (share * np.nan_to_num(raw)).sum(axis=0)
        spread = np.sqrt((share * np.nan_to_num(raw - mean) ** 2).sum(axis=0))
        return cls(
            tuple(
                _seen(one, raw[:, place], float(mean[place]), float(spread[place]))
                for place, one in enumerate(found)
                if spread[place] > 1e-9
            )
        )

    def encode(self, moments: Moments) -> Floats:
        """The columns for each moment, (moments, columns): 0 is usual, 1 a standard deviation above."""
        return self._around(self.columns, _read(self.columns, moments))

    def encode_again(self, moments: Moments, before: Floats) -> Floats:
        """The columns of leads with other activities than when `before` was encoded, all else the same."""
        moved = [place for place, one in enumerate(self.columns) if one.read in OF_ACTIVITIES]
        columns = [self.columns[place] for place in moved]
        again = before.copy()
        again[:, moved] = self._around(columns, _read(columns, moments))
        return again

    def _around(self, columns: Sequence[Column], raw: Floats) -> Floats:
        mean, spread, low, high = (
            np.array([getattr(one, name) for one in columns]) for name in ("mean", "spread", "low", "high")
        )
        answer: Floats = np.clip((raw - mean) / spread, low - BEYOND, high + BEYOND)
        return np.nan_to_num(answer)  # what is not known is taken to be usual

    def as_json(self) -> list[dict[str, Any]]:
        """The columns as they are stored."""
        return [asdict(one) for one in self.columns]

    @classmethod
    def from_json(cls, stored: Sequence[Mapping[str, Any]]) -> Self:
        """Read what was stored."""
        return cls(tuple(Column(**one) for one in stored))


def _possible(moments: Moments) -> list[Column]:
    return [
        *(_column(read, kind) for kind in _kinds(moments) for read in ("kind", "any")),
        *(_column(read) for read in ("recent", "recency", "age")),
        *(_column("stage", stage.value) for stage in STAGES[1:]),
        *(_column("source", level) for level in _levels(moments, lambda place: moments.sources[place])),
        _column("value"),
        _column("no_value"),
        *_attributes(moments),
    ]


def _column(read: str, of: str = "", level: str = "") -> Column:
    return Column(read, of, level, 0.0, 1.0, 0.0, 0.0)


def _seen(one: Column, values: Floats, mean: float, spread: float) -> Column:
    spread = max(spread, LEAST_SPREAD)
    low, high = (float((end - mean) / spread) for end in (np.nanmin(values), np.nanmax(values)))
    return Column(one.read, one.of, one.level, *(round(number, 9) for number in (mean, spread, low, high)))


def _kinds(moments: Moments) -> list[str]:
    """The kinds that enough leads have, the commonest first."""
    standing = moments.standing
    have = Counter[str]()
    for place, kind in enumerate(standing.kinds):
        have[kind] = len(np.unique(moments.lead[standing.counts[:, place] > 0]))
    return [kind for kind, leads in have.most_common(MOST_KINDS) if leads >= LEAST_LEADS]


def _levels(moments: Moments, of: Callable[[int], str]) -> list[str]:
    seen: dict[str, set[int]] = {}
    for place, lead in enumerate(moments.lead.tolist()):
        level = of(place)
        if level:
            seen.setdefault(level, set()).add(lead)
    common = sorted(seen, key=lambda level: (-len(seen[level]), level))
    return [level for level in common if len(seen[level]) >= LEAST_LEADS][:MOST_LEVELS]


def _attributes(moments: Moments) -> list[Column]:
    names = Counter(name for one in moments.attributes for name in one)
    found: list[Column] = []
    for name, _ in sorted(names.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_ATTRIBUTES]:
        values = [one.get(name) for one in moments.attributes]
        known = [value for value in values if value not in (None, "")]
        if known and all(number_of(value) is not None for value in known):
            found.append(_column("number", name))
        else:
            levels = _levels(moments, lambda place, values=values: _word(values[place]))  # type: ignore[misc]  # a default binds the loop's list
            found.extend(_column("level", name, level) for level in levels)
        found.append(_column("missing", name))
    return found


def number_of(value: Any) -> float | None:
    """A number, also one written as text; yes and no are 1 and 0; None for anything else."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word in {"yes", "true", "no", "false"}:
            return float(word in {"yes", "true"})
        try:
            value = float(word)
        except ValueError:
            return None
    sound = isinstance(value, int | float) and math.isfinite(value) and abs(value) <= LARGEST
    return float(value) if sound else None


def _word(value: Any) -> str:
    return "" if value is None else str(value)[:100]


def _read(columns: Sequence[Column], moments: Moments) -> Floats:
    read = _Reader(moments)
    if not columns:
        return np.zeros((len(moments), 0))
    return np.stack([read.column(one) for one in columns], axis=1)


class _Reader:
    """Reads columns of one set of moments, the parts once."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self._parts = parts(moments.standing)
        self._place = {kind: place for place, kind in enumerate(moments.standing.kinds)}

    def column(self, one: Column) -> Floats:
        read = getattr(self, f"_{one.read}", self._attribute)
        found: Floats = read(one)
        return found

    def _kind(self, one: Column) -> Floats:
        return np.log1p(self._counts(one))

    def _any(self, one: Column) -> Floats:
        return (self._counts(one) > 0).astype(float)

    def _counts(self, one: Column) -> Floats:
        place = self._place.get(one.of)
        return np.zeros(len(self._moments)) if place is None else self._moments.standing.counts[:, place]

    def _recent(self, _one: Column) -> Floats:
        return np.log1p(self._moments.standing.recent)

    def _recency(self, _one: Column) -> Floats:
        return self._parts[:, 2]

    def _age(self, _one: Column) -> Floats:
        return np.log1p(self._moments.standing.age_days)

    def _stage(self, one: Column) -> Floats:
        reached = [stage.value for stage in STAGES].index(one.of)
        return (self._moments.stage >= reached).astype(float)

    def _source(self, one: Column) -> Floats:
        return np.array([source == one.of for source in self._moments.sources], float)

    def _value(self, _one: Column) -> Floats:
        return np.log1p(np.maximum(np.nan_to_num(self._moments.values), 0.0))

    def _no_value(self, _one: Column) -> Floats:
        return np.isnan(self._moments.values).astype(float)

    def _attribute(self, one: Column) -> Floats:
        values = [attributes.get(one.of) for attributes in self._moments.attributes]
        if one.read == "missing":
            return np.array([value in (None, "") for value in values], float)
        if one.read == "level":
            return np.array([_word(value) == one.level for value in values], float)
        numbers = [number_of(value) for value in values]
        return np.array([np.nan if number is None else number for number in numbers], float)


def label_of(name: str) -> str:
    """Call an input by its name for people."""
    kind, _, rest = name.partition(".")
    if kind == "kind":
        return activity_label(rest)
    if kind == "attributes":
        return rest.replace("_", " ").capitalize()
    return {
        "activity": "Activity of the last 30 days",
        "recency": "How recent the last activity is",
        "funnel_time": "Time since the lead began",
        "stage": "Stage reached",
        "source": "Source",
        "value": "Value",
    }.get(name, name)
