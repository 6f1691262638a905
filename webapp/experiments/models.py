"""Experiments, what they count, who met which variant when, and what they did after that."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Row, Tenant
from webapp.core.folded import key_of, list_indexes
from webapp.experiments.facts import MetricKind, Role, State


class Experiment(Tenant, Row, kw_only=True):
    """A question put to chance. `variants` are `{key, name, weight}`, the first is the control.

    `key`, `seed`, `variants`, `namespace` and `audience` say who gets what and never change once it has
    been started. `treatment` is the key of what the control is held back from by this service itself; empty
    where the company's own programs act on the variant. `coverage` is the share of users that take part.
    `concluded` holds the verdict and the numbers as they were at the stop; it is empty before that.
    """

    __tablename__ = "experiments"
    __table_args__ = (
        UniqueConstraint("company_id", "key"),
        *list_indexes("experiments", ("name", "key"), ("updated_at", "started_at")),
        Index("ix_experiments_by_state", "company_id", "state", "treatment"),
    )

    key: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    hypothesis: Mapped[str] = mapped_column(Text, default="")
    seed: Mapped[str] = mapped_column(String(200))
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    variants: Mapped[list[Any]]
    coverage: Mapped[float] = mapped_column(default=1.0)
    namespace: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    audience: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    treatment: Mapped[str] = mapped_column(String(40), default="")
    minimum_sample: Mapped[int]
    minimum_effect: Mapped[float] = mapped_column(default=0.05)
    baseline: Mapped[float | None] = mapped_column(default=None)
    deviation: Mapped[float | None] = mapped_column(default=None)
    a_day: Mapped[float | None] = mapped_column(default=None)
    alpha: Mapped[float] = mapped_column(default=0.05)
    power: Mapped[float] = mapped_column(default=0.8)
    planned: Mapped[int | None] = mapped_column(default=None)  # users of all variants, when it was started
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    paused_at: Mapped[datetime | None] = mapped_column(default=None)
    stopped_at: Mapped[datetime | None] = mapped_column(default=None)
    decision: Mapped[str] = mapped_column(String(100), default="")  # a variant's key, or none
    reason: Mapped[str] = mapped_column(Text, default="")
    concluded: Mapped[dict[str, Any]] = mapped_column(default_factory=dict, deferred=True)
    by: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    name_key: Mapped[str] = key_of("name")
    key_key: Mapped[str] = key_of("key")


class Metric(Tenant, Row, kw_only=True):
    """What an experiment counts. With `event_kind` events of customers of this kind count by themselves."""

    __tablename__ = "experiment_metrics"
    __table_args__ = (
        UniqueConstraint("experiment_id", "key"),
        Index("ix_experiment_metrics_of_kind", "company_id", "event_kind"),
    )

    experiment_id: Mapped[UUID] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[MetricKind]
    role: Mapped[Role]
    higher_is_better: Mapped[bool] = mapped_column(default=True)
    event_kind: Mapped[str] = mapped_column(String(40), default="")
    place: Mapped[int] = mapped_column(default=0)


class VariantOverride(Tenant, Row, kw_only=True):
    """That a person gets a variant by staff's word, to try it; they do not count in the results."""

    __tablename__ = "experiment_overrides"
    __table_args__ = (UniqueConstraint("experiment_id", "person_id"),)

    experiment_id: Mapped[UUID] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    variant: Mapped[str] = mapped_column(String(100))
    by: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime]


class Exposure(Tenant, Row, kw_only=True):
    """That a person met a variant, and when first; a second variant is a second row, so that it is seen."""

    __tablename__ = "experiment_exposures"
    __table_args__ = (
        UniqueConstraint("company_id", "experiment_id", "person_id", "variant"),
        Index("ix_experiment_exposures_of", "experiment_id", "person_id", "variant", "at", "company_id"),
    )

    experiment_id: Mapped[UUID] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    variant: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]


class MetricValue(Tenant, Row, kw_only=True):
    """Something that a metric counts. `identifier` is the caller's `event_id`: a retry is harmless."""

    __tablename__ = "experiment_values"
    __table_args__ = (
        UniqueConstraint("company_id", "metric_id", "identifier"),
        Index("ix_experiment_values_of", "metric_id", "person_id", "at", "value", "company_id"),
    )

    experiment_id: Mapped[UUID] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"), index=True)
    metric_id: Mapped[UUID] = mapped_column(ForeignKey("experiment_metrics.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    identifier: Mapped[str] = mapped_column(String(200))
    value: Mapped[float]
    at: Mapped[datetime]
