"""The results of an experiment: its numbers compared, and what may be concluded from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from webapp.core.store import Store
from webapp.experiments.experiments import metrics_of
from webapp.experiments.facts import MetricKind, Outcome, Role
from webapp.experiments.models import Experiment, Metric
from webapp.experiments.numbers import Numbers, document, numbers_of, told
from webapp.experiments.rules.statistics import Comparison, Mismatch, Sample, compare, mismatch
from webapp.experiments.rules.verdicts import Evidence, Judged, Verdict, judge


@dataclass(frozen=True)
class MetricResult:
    """What a metric says: each variant's sample, the control's first, and each other beside the control."""

    metric: Metric
    samples: tuple[Sample, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True)
class Moment:
    """How a variant stood beside the control at the end of a day."""

    at: datetime
    users: int
    comparison: Comparison


@dataclass(frozen=True)
class Results:
    """Everything that is told. `course` is the deciding metric's, by variant but the control."""

    experiment: Experiment
    verdict: Verdict
    mismatch: Mismatch
    numbers: Numbers
    metrics: tuple[MetricResult, ...]
    course: tuple[tuple[Moment, ...], ...]

    @property
    def primary(self) -> MetricResult | None:
        """The metric that decides."""
        return next((one for one in self.metrics if one.metric.role is Role.PRIMARY), None)


def results_of(
    session: Session, row: Experiment, now: datetime, zone: ZoneInfo, store: Store
) -> Results | None:
    """What was concluded at the stop, else what may be concluded now; None while a job must count first."""
    metrics = metrics_of(session, row.id)
    if row.concluded:
        return kept_conclusion(row, metrics)
    numbers = numbers_of(session, row, metrics, now, zone, store)
    return concluded(row, metrics, numbers) if numbers else None


def conclusion(found: Results) -> dict[str, Any]:
    """The verdict and the numbers that it rests on, as a document; counts and words, nobody's rows."""
    verdict = asdict(found.verdict) | {"outcome": found.verdict.outcome.value}
    return {"verdict": verdict, "numbers": document(found.numbers)}


def kept_conclusion(row: Experiment, metrics: Sequence[Metric]) -> Results:
    """The results as they were at the stop: no purge and no erasure since then moves them."""
    said = row.concluded["verdict"]
    verdict = Verdict(Outcome(said["outcome"]), said["sentence"], tuple(said["warnings"]), said["variant"])
    return replace(concluded(row, metrics, told(row.concluded["numbers"])), verdict=verdict)


def concluded(row: Experiment, metrics: Sequence[Metric], numbers: Numbers) -> Results:
    """The results that follow from the numbers alone."""
    compared = tuple(_result(row, one, numbers.samples[one.key]) for one in metrics)
    uneven = mismatch(numbers.users, [one["weight"] for one in row.variants])
    primary = next((one for one in compared if one.metric.role is Role.PRIMARY), None)
    evidence = Evidence(
        variants=tuple(str(one["name"]) for one in row.variants),
        users=numbers.users,
        primary=_judged(primary) if primary else None,
        guard_rails=tuple(_judged(one) for one in compared if one.metric.role is Role.GUARD_RAIL),
        mismatch=uneven,
        several=numbers.several / max(numbers.everybody, 1),
        minimum=row.minimum_sample,
        effect=row.minimum_effect,
        planned=row.planned,
    )
    course = _course(row, primary.metric.kind, numbers) if primary else ()
    return Results(row, judge(evidence), uneven, numbers, compared, course)


def alpha_of(row: Experiment) -> float:
    """The error that one comparison may make: the experiment's, shared by its variants (Bonferroni)."""
    return row.alpha / (len(row.variants) - 1)


def tuning_of(row: Experiment) -> float:
    """The users of two variants for whom intervals are narrowest: those planned, else twice the minimum."""
    if row.planned:
        return row.planned * 2 / len(row.variants)
    return 2.0 * row.minimum_sample


def _compared(row: Experiment, kind: MetricKind, samples: Sequence[Sample]) -> tuple[Comparison, ...]:
    alpha, tuning = alpha_of(row), tuning_of(row)
    return tuple(compare(samples[0], one, kind, alpha, tuning) for one in samples[1:])


def _result(row: Experiment, metric: Metric, samples: tuple[Sample, ...]) -> MetricResult:
    return MetricResult(metric, samples, _compared(row, metric.kind, samples))


def _judged(one: MetricResult) -> Judged:
    return Judged(one.metric.name, one.metric.higher_is_better, one.comparisons)


def _course(row: Experiment, kind: MetricKind, numbers: Numbers) -> tuple[tuple[Moment, ...], ...]:
    by_day = [(day, _compared(row, kind, day.samples)) for day in numbers.course]
    return tuple(
        tuple(
            Moment(day.at, day.samples[0].users + day.samples[place + 1].users, compared[place])
            for day, compared in by_day
        )
        for place in range(len(row.variants) - 1)
    )
