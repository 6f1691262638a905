"""What the calls about predictions and training take and answer. Shares and probabilities are 0 to 100."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from webapp.core.wire import InCompany, Wire
from webapp.leads.facts import Action, Confidence, Priority
from webapp.leads.learning import Progress
from webapp.leads.models import ScoringModel
from webapp.leads.predicting import Told
from webapp.leads.rules.actions import Advice

LeadId = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]
MOST_LEADS = 500


class LeadPath(BaseModel):
    """A lead by the company's own id."""

    id: LeadId


class BatchIn(InCompany):
    """The leads to look at, by the company's own ids."""

    lead_ids: list[LeadId] = Field(min_length=1, max_length=MOST_LEADS)


class ConversionIn(InCompany):
    """What became of a lead."""

    lead_id: LeadId
    converted: StrictBool


class FactorOut(Wire):
    """What one input adds to the prediction in percentage points; below zero where it lowers it."""

    name: str
    label: str
    points: float


class IntervalOut(Wire):
    """Where the probability lies with 90 %."""

    low: float
    high: float


class PredictionOut(Wire):
    """One prediction. `baseProbability` and the factors' points sum to `conversionProbability`."""

    lead_id: str
    conversion_probability: float = Field(ge=0, le=100)
    confidence: Confidence
    interval: IntervalOut
    reasoning: str
    base_probability: float
    factors: list[FactorOut]
    own_data_share: float = Field(ge=0, le=100)
    model_version: int
    score: int

    @classmethod
    def of(cls, lead_id: str, told: Told) -> Self:
        """The prediction as it is sent."""
        return cls(
            lead_id=lead_id,
            conversion_probability=round(100 * told.probability, 4),
            confidence=told.confidence,
            interval=IntervalOut(low=round(100 * told.low, 2), high=round(100 * told.high, 2)),
            reasoning=told.sentence,
            base_probability=round(told.explained.base, 4),
            factors=[
                FactorOut(name=one.input, label=one.label, points=round(one.points, 4))
                for one in told.explained.factors
            ],
            own_data_share=round(100 * told.own, 2),
            model_version=told.number,
            score=told.score,
        )


class NextActionOut(Wire):
    """What to do next. `churnRisk` says that the lead has been quiet for longer than won ones ever were."""

    lead_id: str
    action: Action
    priority: Priority
    reasoning: str
    best_time: datetime
    churn_risk: bool

    @classmethod
    def of(cls, lead_id: str, advice: Advice) -> Self:
        """The advice as it is sent."""
        return cls(
            lead_id=lead_id,
            action=advice.action,
            priority=advice.priority,
            reasoning=advice.reasoning,
            best_time=advice.best_time.astimezone(UTC),
            churn_risk=advice.at_risk,
        )


class PredictionAnswer(Wire):
    """One prediction."""

    success: Literal[True] = True
    data: PredictionOut


class NextActionAnswer(Wire):
    """One next action."""

    success: Literal[True] = True
    data: NextActionOut


class AnalyzedOut(Wire):
    """One lead of a batch; a closed one has neither."""

    lead_id: str
    prediction: PredictionOut | None
    next_action: NextActionOut | None


class BatchOut(Wire):
    """The leads in the order they were asked for, and the ids that nothing is known of."""

    leads: list[AnalyzedOut]
    not_found: list[str]


class BatchAnswer(Wire):
    """A batch."""

    success: Literal[True] = True
    data: BatchOut

    @classmethod
    def of(cls, told: Iterable[tuple[str, Told]], unknown: set[str]) -> Self:
        """The batch as it is sent."""
        leads = [
            AnalyzedOut(
                lead_id=lead_id,
                prediction=PredictionOut.of(lead_id, one) if one.advice else None,
                next_action=NextActionOut.of(lead_id, one.advice) if one.advice else None,
            )
            for lead_id, one in told
        ]
        return cls(data=BatchOut(leads=leads, not_found=sorted(unknown)))


class WeightsOut(Wire):
    """Four shares that sum to 1: of what the model's predictions vary by."""

    score_weight: float
    activity_weight: float
    recency_weight: float
    funnel_time_weight: float

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> Self:
        """The weights as they are sent."""
        return cls(
            score_weight=weights["score"],
            activity_weight=weights["activity"],
            recency_weight=weights["recency"],
            funnel_time_weight=weights["funnel_time"],
        )


class OptimizationOut(Wire):
    """What became of a training; `accuracy` in percent, on leads the model had not seen."""

    old_weights: WeightsOut
    new_weights: WeightsOut
    accuracy: float
    sample_size: int
    improvements: list[str]
    adopted: bool
    reason: str
    model_version: int


class OptimizationAnswer(Wire):
    """A training's end."""

    success: Literal[True] = True
    data: OptimizationOut
    message: str

    @classmethod
    def of(cls, outcome: Mapping[str, Any]) -> Self:
        """The training as it is sent, from its item's outcome."""
        names = (field.alias or name for name, field in OptimizationOut.model_fields.items())
        data = OptimizationOut.model_validate({name: outcome[name] for name in names})
        word = "in force" if data.adopted else "not in force"
        return cls(data=data, message=f"Version {data.model_version} is trained and {word}. {data.reason}")


class StartedOut(Wire):
    """A training that goes on."""

    job_id: UUID


class StartedAnswer(Wire):
    """A training that goes on; its page is `/jobs/<jobId>`."""

    success: Literal[True] = True
    data: StartedOut
    message: str = "The training goes on; ask for the scoring model later."

    @classmethod
    def of(cls, job_id: UUID) -> Self:
        """The job as it is sent."""
        return cls(data=StartedOut(job_id=job_id))


class ScoringModelOut(Wire):
    """The caller's model; `weights` where a personal one is in force, else `defaultWeights`."""

    exists: bool
    personalized: bool
    weights: WeightsOut | None
    default_weights: WeightsOut | None
    accuracy: float | None
    accuracy_interval: IntervalOut | None
    last_trained_at: datetime | None
    training_data_count: int
    model_version: int
    message: str

    @classmethod
    def of(
        cls,
        row: ScoringModel | None,
        *,
        exists: bool,
        progress: Progress,
        default: Mapping[str, float],
    ) -> Self:
        """The model as it is sent."""
        if row is None:
            said = progress.missing or (
                "The default is in force: the trained versions were not better."
                if exists
                else "The default is in force: enough leads are closed, train your model."
            )
        else:
            said = f"Version {row.number} is in force, learned from {row.sample} closed leads of your own."
        interval = (
            IntervalOut(low=round(100 * row.accuracy_low, 1), high=round(100 * row.accuracy_high, 1))
            if row
            else None
        )
        return cls(
            exists=exists,
            personalized=row is not None,
            weights=WeightsOut.of(row.weights) if row else None,
            default_weights=None if row else WeightsOut.of(default),
            accuracy=round(100 * row.accuracy, 1) if row else None,
            accuracy_interval=interval,
            last_trained_at=row.trained_at if row else None,
            training_data_count=row.sample if row else progress.closed,
            model_version=row.number if row else 0,
            message=said,
        )


class ScoringModelAnswer(Wire):
    """The caller's model."""

    success: Literal[True] = True
    data: ScoringModelOut


class ConversionOut(Wire):
    """A closed lead."""

    lead_id: str
    converted: bool
    stage: str


class ConversionAnswer(Wire):
    """A closed lead."""

    success: Literal[True] = True
    data: ConversionOut

    @classmethod
    def of(cls, lead_id: str, *, won: bool) -> Self:
        """The lead as it is sent."""
        return cls(data=ConversionOut(lead_id=lead_id, converted=won, stage="WON" if won else "LOST"))
