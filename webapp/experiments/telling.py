"""Experiments and their results as documents for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.experiments.models import Experiment, Metric
from webapp.experiments.results import MetricResult, Results
from webapp.experiments.rules.statistics import Sample
from webapp.experiments.schemas import (
    ComparedOut,
    ExperimentOut,
    MetricOut,
    MetricResultOut,
    MismatchOut,
    NamespaceIn,
    ResultsOut,
    UsersOut,
    VariantOut,
    VerdictOut,
)

Out = dict[str, Any]


def experiment_out(row: Experiment, metrics: Sequence[Metric]) -> Out:
    """An experiment as it stands."""
    return ExperimentOut(
        key=row.key,
        name=row.name,
        hypothesis=row.hypothesis,
        seed=row.seed,
        state=row.state,
        variants=[VariantOut(**one) for one in row.variants],
        coverage=row.coverage,
        metrics=[
            MetricOut(
                key=one.key,
                name=one.name,
                kind=one.kind,
                role=one.role,
                higher_is_better=one.higher_is_better,
                event_type=one.event_kind,
            )
            for one in metrics
        ],
        namespace=NamespaceIn(**row.namespace) if row.namespace else None,
        audience=row.audience,
        treatment=row.treatment,
        minimum_sample=row.minimum_sample,
        minimum_effect=row.minimum_effect,
        alpha=row.alpha,
        power=row.power,
        planned_users=row.planned,
        started_at=row.started_at,
        paused_at=row.paused_at,
        stopped_at=row.stopped_at,
        decision=row.decision,
        reason=row.reason,
    ).model_dump(mode="json")


def results_out(found: Results) -> Out:
    """The results of an experiment."""
    row, verdict = found.experiment, found.verdict
    keys = [str(one["key"]) for one in row.variants]
    return ResultsOut(
        experiment=row.key,
        state=row.state,
        verdict=VerdictOut(
            outcome=verdict.outcome,
            sentence=verdict.sentence,
            warnings=list(verdict.warnings),
            variant=None if verdict.variant is None else keys[verdict.variant],
        ),
        users=[
            UsersOut(variant=key, users=users) for key, users in zip(keys, found.numbers.users, strict=True)
        ],
        several_variants=found.numbers.several,
        sample_ratio=MismatchOut(p=found.mismatch.p, flagged=found.mismatch.flagged),
        minimum_sample=row.minimum_sample,
        metrics=[_metric(one, keys) for one in found.metrics],
        computed_at=found.numbers.at,
    ).model_dump(mode="json")


def _metric(one: MetricResult, keys: Sequence[str]) -> MetricResultOut:
    control = ComparedOut(variant=keys[0], **_mean(one.samples[0]))
    others = [
        ComparedOut(
            variant=key,
            **_mean(sample),
            difference=beside.difference,
            low=beside.low,
            high=beside.high,
            lift=beside.lift,
            lift_low=beside.lift_low,
            lift_high=beside.lift_high,
            chance=beside.chance,
        )
        for key, sample, beside in zip(keys[1:], one.samples[1:], one.comparisons, strict=True)
    ]
    return MetricResultOut(
        metric=one.metric.key,
        name=one.metric.name,
        kind=one.metric.kind,
        role=one.metric.role,
        higher_is_better=one.metric.higher_is_better,
        variants=[control, *others],
    )


def _mean(sample: Sample) -> Out:
    return {"users": sample.users, "mean": sample.mean}
