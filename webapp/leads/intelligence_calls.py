"""The calls about leads as the caller's own model sees them: predictions, next actions, training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import jsonify, make_response, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.accounts.context import in_company
from webapp.core.access import Actor, Permission, requires
from webapp.core.db import db
from webapp.core.docs import errors
from webapp.core.errors import DomainError
from webapp.core.idempotency import IdempotencyHeader, answer_keyed, once
from webapp.core.jobs.models import Job, JobItem, JobState
from webapp.core.services import services
from webapp.core.wire import CompanyQuery, InCompany
from webapp.leads.facts import Stage
from webapp.leads.intelligence_api import intelligence_api
from webapp.leads.leads import change_lead, lead_named
from webapp.leads.learning import progress_of, start_training
from webapp.leads.models import Lead
from webapp.leads.predicting import Told, asker, log_predictions, tell
from webapp.leads.prediction_schemas import (
    BatchAnswer,
    BatchIn,
    ConversionAnswer,
    ConversionIn,
    LeadPath,
    NextActionAnswer,
    NextActionOut,
    OptimizationAnswer,
    PredictionAnswer,
    PredictionOut,
    ScoringModelAnswer,
    ScoringModelOut,
    StartedAnswer,
)
from webapp.leads.reading import Given
from webapp.leads.rules.score import DEFAULT_WEIGHTS
from webapp.leads.salespeople import salesperson_of
from webapp.leads.versions import version_of, versions_of
from webapp.leads.whose import caller_staff

Out = dict[str, Any]
CLOSED = "This lead is closed: there is"


@intelligence_api.get(
    "/leads/<string:id>/prediction",
    responses={200: PredictionAnswer, **errors(404, 409)},
    summary="Predict a lead",
)
@requires(Permission.LEADS_READ)
def predict_lead(path: LeadPath, query: CompanyQuery) -> Out:
    """Answer how likely the lead is won, in the caller's own model, and why. The prediction is logged."""
    who = in_company(query.company_hq_id)
    told = _told(who, [lead_named(db.session(), path.id).id])[0]
    if told.advice is None:
        raise DomainError(f"{CLOSED} nothing to predict.", code="lead_closed", status=409)
    return PredictionAnswer(data=PredictionOut.of(path.id, told)).model_dump(mode="json", by_alias=True)


@intelligence_api.get(
    "/leads/<string:id>/next-action",
    responses={200: NextActionAnswer, **errors(404, 409)},
    summary="Say what to do next with a lead",
)
@requires(Permission.LEADS_READ)
def next_action(path: LeadPath, query: CompanyQuery) -> Out:
    """Answer what to do next with an open lead, how soon and why, from the caller's own patterns."""
    who = in_company(query.company_hq_id)
    told = _told(who, [lead_named(db.session(), path.id).id], log=False)[0]
    if told.advice is None:
        raise DomainError(f"{CLOSED} nothing to do next.", code="lead_closed", status=409)
    answer = NextActionAnswer(data=NextActionOut.of(path.id, told.advice))
    return answer.model_dump(mode="json", by_alias=True)


@intelligence_api.post(
    "/analyze-batch", responses={200: BatchAnswer}, summary="Predict and advise up to 500 leads"
)
@requires(Permission.LEADS_READ)
def analyze_batch(body: BatchIn) -> Out:
    """Answer prediction and next action of each lead; ids that nothing is known of are named."""
    who = in_company(body.company_hq_id)
    wanted = list(dict.fromkeys(body.lead_ids))
    rows = db.session().execute(select(Lead.id, Lead.identifier).where(Lead.identifier.in_(wanted)))
    names = {row.id: row.identifier for row in rows}
    told = {names[one.lead_id]: one for one in _told(who, list(names))}
    answer = BatchAnswer.of([(one, told[one]) for one in wanted if one in told], set(wanted) - told.keys())
    return answer.model_dump(mode="json", by_alias=True)


def _told(who: Actor, lead_ids: Sequence[UUID], *, log: bool = True) -> list[Told]:
    session, made = db.session(), services()
    mine = asker(session, caller_staff(who), made.zone(session), made.clock)
    told = tell(session, mine, list(lead_ids))
    if log:
        log_predictions(session, told)
    return told


@intelligence_api.post(
    "/optimize-scoring",
    responses={200: OptimizationAnswer, 202: StartedAnswer, **errors(409, 422)},
    summary="Train the caller’s model",
)
@requires(Permission.LEADS_WRITE)
def optimize_scoring(header: IdempotencyHeader, body: InCompany) -> Response:
    """Train the caller's own model from their closed leads and answer what became of it.

    409 says how many closed leads are missing; then the default stays. `Prefer: respond-async`, or a
    training that takes longer than 30 s, answers 202 with the job. The same `Idempotency-Key` answers what
    became of the first training.
    """
    who = in_company(body.company_hq_id)
    session, made = db.session(), services()

    def start() -> tuple[int, Out]:  # the job alone is kept for the key: no unit waits for a training
        return 202, {"job": str(start_training(session, who, made.starter, [caller_staff(who)]).id)}

    job_id = UUID(answer_keyed(header, start)[1]["job"])
    wait = "respond-async" not in request.headers.get("Prefer", "")
    if not (wait and made.waiting.until_over(session, job_id)):
        started = StartedAnswer.of(job_id)
        return make_response(jsonify(started.model_dump(mode="json", by_alias=True)), 202)
    return jsonify(_optimized(job_id, caller_staff(who)))


def _optimized(job_id: UUID, staff_id: UUID) -> Out:
    session = db.session()
    job = session.get_one(Job, job_id)
    items = session.scalars(select(JobItem).where(JobItem.job_id == job_id))
    mine = next(item for item in items if item.params["staff"] == str(staff_id))
    if job.state is JobState.CANCELLED or "newWeights" not in mine.outcome:
        raise DomainError(
            mine.problem or job.problem or "The training ended without a model.",
            code=mine.problem_code or "training_failed",
            retryable=True,
        )
    return OptimizationAnswer.of(mine.outcome).model_dump(mode="json", by_alias=True)


@intelligence_api.get(
    "/scoring-model", responses={200: ScoringModelAnswer}, summary="Read the caller’s model"
)
@requires(Permission.LEADS_READ)
def scoring_model(query: CompanyQuery) -> Out:
    """Answer whether the caller has a model of their own, its weights, accuracy and size."""
    who = in_company(query.company_hq_id)
    session, staff_id = db.session(), caller_staff(who)
    person = salesperson_of(session, staff_id)
    row = version_of(session, staff_id, person.number) if person and person.number else None
    exists = row is not None or bool(versions_of(session, staff_id))
    progress = progress_of(session, staff_id)
    told = ScoringModelOut.of(row, exists=exists, progress=progress, default=DEFAULT_WEIGHTS)
    return ScoringModelAnswer(data=told).model_dump(mode="json", by_alias=True)


@intelligence_api.post(
    "/record-conversion",
    responses={200: ConversionAnswer, **errors(404, 422)},
    summary="Say that a lead was won or lost",
)
@requires(Permission.LEADS_WRITE)
@once
def conversion(body: ConversionIn) -> Out:
    """Close a lead as won or lost, now; one that is closed so already stays as it is."""
    who = in_company(body.company_hq_id)
    session = db.session()
    lead = lead_named(session, body.lead_id)
    made, stage = services(), Stage.WON if body.converted else Stage.LOST
    if lead.stage is not stage:
        given = Given({"stage": stage.value})
        change_lead(session, who, lead.id, given, None, clock=made.clock, auditor=made.auditor)
    return ConversionAnswer.of(body.lead_id, won=body.converted).model_dump(mode="json", by_alias=True)
