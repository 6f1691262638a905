"""The numbers of an experiment, read set by set: users by variant, each metric’s sums, and their course.

Only what happened at or after a user's first exposure counts; whoever met several variants is counted for
the flag and left out of everything else. Two grouped statements answer the table however many users there
are. The course of the metric that decides is read as bare columns; what was read is kept for a while.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Subquery, case, func, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from webapp.core.db import company_of
from webapp.core.store import Store, StoreAway
from webapp.experiments.facts import MetricKind, Role
from webapp.experiments.models import Experiment, Exposure, Metric, MetricValue
from webapp.experiments.rules.series import Deeds, Exposed, over_days
from webapp.experiments.rules.statistics import Sample

AT_ONCE = 50_000  # rows that are read in one go
FRESH, KEPT = timedelta(minutes=1), 7_200  # how long a page takes them as new; seconds that they are kept
DEAR = 2.0  # seconds of reading from which all that is kept is new enough; each hour a job counts anew
MANY = 100_000  # exposures, or values, beyond which no request reads them
MOST_DAYS = 60  # points of the course; of a longer one every second or third day stands there


@dataclass(frozen=True)
class Day:
    """How the metric that decides stood at the end of a day, by variant."""

    at: datetime
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Numbers:
    """Everything that was counted: users by variant, those who met several, samples by metric, the course."""

    users: tuple[int, ...]
    several: int
    samples: Mapping[str, tuple[Sample, ...]]
    course: tuple[Day, ...]
    at: datetime
    dear: bool = False

    @property
    def everybody(self) -> int:
        """All users who met any variant."""
        return sum(self.users) + self.several


def numbers_of(
    session: Session, row: Experiment, metrics: Sequence[Metric], now: datetime, zone: ZoneInfo, store: Store
) -> Numbers | None:
    """The experiment's numbers, at most a minute old; older where reading them takes seconds.

    None where nothing is kept and there are too many to be read while somebody waits.
    """
    kept = kept_numbers(session, row, store)
    if kept and (kept.dear or now - kept.at < FRESH):
        return kept
    if is_many(session, row.id):
        return kept
    return count_anew(session, row, metrics, now, zone, store)


def kept_numbers(session: Session, row: Experiment, store: Store) -> Numbers | None:
    """What was counted last, within two hours; nothing is read."""
    with suppress(StoreAway):
        kept = store.get(_key(session, row))
        return told(kept) if kept else None
    return None


def is_many(session: Session, experiment_id: UUID) -> bool:
    """Whether there are more exposures or values than a request may read."""

    def beyond(model: type[Exposure | MetricValue]) -> bool:
        some = select(model.id).where(model.experiment_id == experiment_id).offset(MANY).limit(1)
        return session.scalar(some) is not None

    return beyond(Exposure) or beyond(MetricValue)


def count_anew(
    session: Session, row: Experiment, metrics: Sequence[Metric], now: datetime, zone: ZoneInfo, store: Store
) -> Numbers:
    """Read the experiment's numbers and keep them; without Redis they are only read."""
    begun = perf_counter()
    found = read_numbers(session, row, metrics, now, zone)
    found = replace(found, dear=perf_counter() - begun >= DEAR)
    with suppress(StoreAway):
        store.put(_key(session, row), document(found), KEPT)
    return found


def _key(session: Session, row: Experiment) -> str:
    return f"experiments:{company_of(session)}:{row.id}:{row.version}"


def read_numbers(
    session: Session, row: Experiment, metrics: Sequence[Metric], now: datetime, zone: ZoneInfo
) -> Numbers:
    """The experiment's numbers as they are now."""
    names = [str(one["key"]) for one in row.variants]
    counts = _counts(session, row.id)
    users = tuple(counts.get(name, 0) for name in names)
    sums = _sums(session, row.id) if any(users) else {}
    samples = {
        one.key: tuple(
            _sample(one.kind, sums.get((one.id, name)), count)
            for name, count in zip(names, users, strict=True)
        )
        for one in metrics
    }
    primary = next((one for one in metrics if one.role is Role.PRIMARY), None)
    course = _course(session, row, primary, now, zone) if primary and any(users) else ()
    return Numbers(users, counts.get("", 0), samples, course, now)


def _met(experiment_id: UUID) -> Subquery:
    """By person: the variant met (any of several), when first, and how many were met."""
    return (
        select(
            Exposure.person_id,
            func.min(Exposure.variant).label("variant"),
            func.min(Exposure.at).label("first"),
            func.count().label("variants"),
        )
        .where(Exposure.experiment_id == experiment_id)
        .group_by(Exposure.person_id)
        .subquery()
    )


def _counts(session: Session, experiment_id: UUID) -> dict[str, int]:
    """Users by variant; under the empty name those who met several."""
    met = _met(experiment_id)
    name = case((met.c.variants > 1, ""), else_=met.c.variant).label("name")
    rows = session.execute(select(name, func.count().label("users")).group_by(name))
    return {row.name: row.users for row in rows}


def _sums(session: Session, experiment_id: UUID) -> dict[tuple[UUID, str], Any]:
    """By metric and variant: users with a value, the sums of their totals and means, and of the squares."""
    met = _met(experiment_id)
    theirs = (
        select(
            MetricValue.metric_id,
            met.c.variant,
            func.sum(MetricValue.value).label("total"),
            func.count().label("times"),
        )
        .join(met, met.c.person_id == MetricValue.person_id)
        .where(
            MetricValue.experiment_id == experiment_id,
            met.c.variants == 1,
            MetricValue.at >= met.c.first,
        )
        .group_by(MetricValue.metric_id, met.c.variant, MetricValue.person_id)
        .subquery()
    )
    total, mean = theirs.c.total, theirs.c.total / theirs.c.times
    asked = select(
        theirs.c.metric_id,
        theirs.c.variant,
        func.count().label("users"),
        func.sum(total).label("total"),
        func.sum(total * total).label("squares"),
        func.sum(mean).label("means"),
        func.sum(mean * mean).label("mean_squares"),
    ).group_by(theirs.c.metric_id, theirs.c.variant)
    return {(row.metric_id, row.variant): row for row in session.execute(asked)}


def _sample(kind: MetricKind, sums: Any, users: int) -> Sample:
    if kind is MetricKind.PROPORTION:
        did = sums.users if sums else 0
        return Sample(users, did, did)
    if kind is MetricKind.REVENUE:
        return Sample(users, sums.total, sums.squares) if sums else Sample(users, 0.0, 0.0)
    return Sample(sums.users, sums.means, sums.mean_squares) if sums else Sample(0, 0.0, 0.0)


def _course(
    session: Session, row: Experiment, metric: Metric, now: datetime, zone: ZoneInfo
) -> tuple[Day, ...]:
    """The metric at the end of each day, in the company's time zone, from the first exposure on."""
    places = {str(one["key"]): place for place, one in enumerate(row.variants)}
    persons, variant, first = _exposures(session, row.id, places)
    user, value, at = _values(session, metric.id, persons)
    counts = at >= first[user] if len(user) else np.zeros(0, bool)
    ends = _ends(datetime.fromtimestamp(float(first.min()), UTC), row.stopped_at or now, zone)
    edges = np.array([one.timestamp() for one in ends])
    days = len(ends)

    def day_of(seconds: Any) -> Any:
        return np.minimum(np.searchsorted(edges, seconds, side="right"), days - 1)

    deeds = Deeds(user[counts], day_of(at[counts]), value[counts])
    found = over_days(Exposed(variant, day_of(first)), deeds, metric.kind, days, len(places))
    return tuple(Day(end, tuple(samples)) for end, samples in zip(ends, found, strict=True))


def _ends(first: datetime, last: datetime, zone: ZoneInfo) -> list[datetime]:
    """The ends of the zone's days, from the first exposure's day to the last moment, which ends the last."""
    begin = first.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    days = max((last.astimezone(zone) - begin).days + 1, 1)
    step = -(-days // MOST_DAYS)
    ends = [begin + timedelta(days=day) for day in range(step, days, step)]
    return [*(one.astimezone(UTC) for one in ends if one < last), last]


def _exposures(session: Session, experiment_id: UUID, places: Mapping[str, int]) -> tuple[Any, Any, Any]:
    """Who met one variant: a place by person, the variant's place, the moment in seconds."""
    met = _met(experiment_id)
    asked = select(
        type_coerce(met.c.person_id, NullType()), met.c.variant, type_coerce(met.c.first, NullType())
    ).where(met.c.variants == 1)
    persons, variants, firsts = dict[Any, int](), [np.zeros(0, np.int64)], [np.zeros(0)]
    for some in session.execute(asked, execution_options={"yield_per": AT_ONCE}).partitions(AT_ONCE):
        who, names, moments = zip(*some, strict=True)
        for one in who:
            persons[one] = len(persons)
        variants.append(np.array([places[name] for name in names], np.int64))
        firsts.append(_seconds(moments))
    return persons, np.concatenate(variants), np.concatenate(firsts)


def _values(session: Session, metric_id: UUID, persons: Mapping[Any, int]) -> tuple[Any, Any, Any]:
    """The metric's values: the person's place, the value, the moment in seconds."""
    asked = select(
        type_coerce(MetricValue.person_id, NullType()),
        MetricValue.value,
        type_coerce(MetricValue.at, NullType()),
    ).where(MetricValue.metric_id == metric_id)
    parts: list[tuple[Any, ...]] = [(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))]
    for some in session.execute(asked, execution_options={"yield_per": AT_ONCE}).partitions(AT_ONCE):
        who, values, moments = zip(*some, strict=True)
        user = np.array([persons.get(one, -1) for one in who], np.int64)
        known = user >= 0
        parts.append((user[known], np.array(values)[known], _seconds(moments)[known]))
    user, value, at = (np.concatenate(column) for column in zip(*parts, strict=True))
    return user, value, at


def _seconds(moments: Sequence[Any]) -> Any:
    if isinstance(moments[0], str):
        return np.array(moments, "datetime64[us]").astype("int64") / 1e6
    return np.array([one.timestamp() for one in moments])


def document(found: Numbers) -> dict[str, Any]:
    """The numbers as a document that can be kept."""
    course = [[day.at.isoformat(), [asdict(one) for one in day.samples]] for day in found.course]
    return asdict(replace(found, course=())) | {"at": found.at.isoformat(), "course": course}


def told(kept: Mapping[str, Any]) -> Numbers:
    """The numbers of a document."""
    return Numbers(
        tuple(kept["users"]),
        kept["several"],
        {key: tuple(Sample(**one) for one in some) for key, some in kept["samples"].items()},
        tuple(
            Day(datetime.fromisoformat(at), tuple(Sample(**one) for one in some))
            for at, some in kept["course"]
        ),
        datetime.fromisoformat(kept["at"]),
        kept["dear"],
    )
