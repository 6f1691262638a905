"""What goes over the wire about experiments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, RootModel

from webapp.core.checks import checked_identifier
from webapp.core.wire import SnakeWire
from webapp.experiments.facts import MetricKind, Outcome, Role, State
from webapp.experiments.rules.design import (
    LONGEST_NAME,
    LONGEST_SEED,
    LONGEST_TEXT,
    MOST_METRICS,
    MOST_SAMPLE,
    MOST_VARIANTS,
    MOST_WEIGHT,
    Counted,
    Design,
    Variant,
)
from webapp.experiments.rules.hashing import Namespace

UserId = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(checked_identifier)]
Key = Annotated[str, Field(min_length=1, max_length=100)]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12)]


class InCompany(SnakeWire):
    """A body or query that may name its company."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)


class UserPath(SnakeWire):
    """A person by the company's own id."""

    user_id: UserId


class KeyPath(SnakeWire):
    """An experiment by its key."""

    key: Key


class VariantQuery(InCompany):
    """Which experiment is asked about; all that run when none is named."""

    experiment: Key | None = None


class AssignedOut(SnakeWire):
    """What the person gets. Where they are not in the experiment, `reason` says why."""

    experiment: str
    variant: str
    in_experiment: bool
    reason: str | None = None


class AssignedAllOut(SnakeWire):
    """What the person gets of every experiment that runs."""

    user_id: str
    experiments: list[AssignedOut]


class VariantsOut(RootModel[AssignedOut | AssignedAllOut]):
    """One answer for the experiment that is named, or all that run."""


class MetricTrackIn(InCompany):
    """What a person did that a metric counts; `event_id` makes a retry harmless."""

    user_id: UserId
    experiment: Key
    metric: Key
    value: Number | None = None
    event_id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^~]")] | None = None


class MetricTrackedOut(SnakeWire):
    """Whether it stands written; if not, why. `duplicate`: it stood there before, by its `event_id`."""

    tracked: bool
    reason: str | None = None
    duplicate: bool = False


class VariantIn(SnakeWire):
    """A variant; weights that do not add up to 1 are taken as proportions."""

    key: Key
    weight: float = Field(1.0, gt=0, le=MOST_WEIGHT, allow_inf_nan=False)
    name: str = Field("", max_length=LONGEST_NAME)


class MetricIn(SnakeWire):
    """A metric. With `event_type`, tracked events of this kind count by themselves."""

    key: Key
    name: str = Field("", max_length=LONGEST_NAME)
    kind: MetricKind = MetricKind.PROPORTION
    role: Role = Role.SECONDARY
    higher_is_better: bool = True
    event_type: str = Field("", max_length=40)


class NamespaceIn(SnakeWire):
    """A part of a namespace: experiments in parts that do not meet share nobody."""

    id: Key
    begin: float = Field(ge=0, le=1, allow_inf_nan=False)
    end: float = Field(ge=0, le=1, allow_inf_nan=False)


class ExperimentIn(InCompany):
    """A new experiment; the first variant is the control, the first metric decides unless another is primary.

    `baseline` (the control’s mean), `deviation` and `users_a_day` are what the sample is planned with.
    """

    key: Key
    name: str = Field("", max_length=LONGEST_NAME)
    hypothesis: str = Field("", max_length=LONGEST_TEXT)
    seed: str = Field("", max_length=LONGEST_SEED)
    variants: list[VariantIn] = Field(min_length=2, max_length=MOST_VARIANTS)
    coverage: float = Field(1.0, gt=0, le=1, allow_inf_nan=False)
    metrics: list[MetricIn] = Field(min_length=1, max_length=MOST_METRICS)
    namespace: NamespaceIn | None = None
    audience: dict[str, list[str]] = Field({}, max_length=10)
    treatment: str = Field("", max_length=40)
    minimum_sample: int | None = Field(None, ge=1, le=MOST_SAMPLE)
    minimum_effect: float = Field(0.05, gt=0, le=10, allow_inf_nan=False)
    baseline: Number | None = None
    deviation: Number | None = None
    users_a_day: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)] | None = None
    alpha: float = Field(0.05, ge=0.0001, le=0.2, allow_inf_nan=False)
    power: float = Field(0.8, ge=0.5, le=0.99, allow_inf_nan=False)
    start: bool = False

    def design(self, usual_sample: int) -> Design:
        """The experiment as it is laid out."""
        part = self.namespace
        return Design(
            key=self.key,
            name=self.name.strip(),
            variants=tuple(Variant(one.key, one.name.strip(), one.weight) for one in self.variants),
            metrics=tuple(
                Counted(one.key, one.name.strip(), one.kind, one.role, one.higher_is_better, one.event_type)
                for one in self.metrics
            ),
            hypothesis=self.hypothesis.strip(),
            seed=self.seed,
            coverage=self.coverage,
            namespace=Namespace(part.id, part.begin, part.end) if part else None,
            audience={fact: tuple(words) for fact, words in self.audience.items() if words},
            treatment=self.treatment,
            minimum_sample=self.minimum_sample or usual_sample,
            minimum_effect=self.minimum_effect,
            baseline=self.baseline,
            deviation=self.deviation,
            a_day=self.users_a_day,
            alpha=self.alpha,
            power=self.power,
        )


class StopIn(InCompany):
    """What is decided, a variant's key or `none`, and why."""

    decision: Key
    reason: str = Field(min_length=1, max_length=2_000)


class VariantOut(SnakeWire):
    """A variant."""

    key: str
    name: str
    weight: float


class MetricOut(SnakeWire):
    """A metric."""

    key: str
    name: str
    kind: MetricKind
    role: Role
    higher_is_better: bool
    event_type: str


class ExperimentOut(SnakeWire):
    """An experiment as it stands."""

    key: str
    name: str
    hypothesis: str
    seed: str
    state: State
    variants: list[VariantOut]
    coverage: float
    metrics: list[MetricOut]
    namespace: NamespaceIn | None
    audience: dict[str, list[str]]
    treatment: str
    minimum_sample: int
    minimum_effect: float
    alpha: float
    power: float
    planned_users: int | None
    started_at: datetime | None
    paused_at: datetime | None
    stopped_at: datetime | None
    decision: str
    reason: str


class ExperimentsOut(SnakeWire):
    """Experiments, the newest first; `next` is the cursor of older ones."""

    items: list[ExperimentOut]
    next: str | None


class ComparedOut(SnakeWire):
    """A variant's numbers of a metric; beside the control, what nothing can be said of is null.

    The intervals hold at every look. `chance` is that of being above the control: shown, no rule to stop by.
    """

    variant: str
    users: int
    mean: float
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    lift: float | None = None
    lift_low: float | None = None
    lift_high: float | None = None
    chance: float | None = None


class MetricResultOut(SnakeWire):
    """What a metric says."""

    metric: str
    name: str
    kind: MetricKind
    role: Role
    higher_is_better: bool
    variants: list[ComparedOut]


class VerdictOut(SnakeWire):
    """What may be concluded, why, and what speaks against trusting it."""

    outcome: Outcome
    sentence: str
    warnings: list[str]
    variant: str | None


class MismatchOut(SnakeWire):
    """Whether the users are split as the weights ask."""

    p: float
    flagged: bool


class UsersOut(SnakeWire):
    """How many users met a variant."""

    variant: str
    users: int


class ResultsOut(SnakeWire):
    """The results; they may be a minute old (`computed_at`)."""

    experiment: str
    state: State
    verdict: VerdictOut
    users: list[UsersOut]
    several_variants: int
    sample_ratio: MismatchOut
    minimum_sample: int
    metrics: list[MetricResultOut]
    computed_at: datetime


class ListQuery(InCompany):
    """A page of a list."""

    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=500)
