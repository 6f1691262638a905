"""Training: one salesperson's model from their closed leads, as a job: by button, by call, on Sundays."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Membership, Staff
from webapp.core.access import Actor, Permission
from webapp.core.audit import AuditAction, Auditor
from webapp.core.db import company_of, lock_key, unit
from webapp.core.errors import Conflict
from webapp.core.intervals import Z95
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import LIVE, Job, JobItem
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.jobs.when import When
from webapp.core.services import services
from webapp.leads.facts import CLOSED, ModelDeed, NoticeKind
from webapp.leads.histories import ClosedLeads, closed_leads
from webapp.leads.in_force import in_force
from webapp.leads.models import Lead, ModelEvent, ScoringModel
from webapp.leads.notices import tell
from webapp.leads.rules.score import DEFAULT_WEIGHTS
from webapp.leads.rules.training import Trained, improvements, missing, missing_in_words, train
from webapp.leads.salespeople import held_salesperson, need_steering
from webapp.people.erased import ErasedMeanwhile, erasures, need_same_people

PART = 100  # persons that one job trains
CHOSEN_MEANWHILE = "Another version was put in force by hand while this one was trained; it stays."


@dataclass(frozen=True)
class Progress:
    """How many closed leads a person has, and what is missing before a model can be trained."""

    won: int
    lost: int

    @property
    def closed(self) -> int:
        """Won and lost together."""
        return self.won + self.lost

    @property
    def enough(self) -> bool:
        """Whether a model can be trained."""
        return not any(missing(self.won, self.lost))

    @property
    def missing(self) -> str:
        """What is missing, as a sentence; empty when nothing is."""
        return missing_in_words(self.won, self.lost)


def progress_of_all(session: Session, staff_ids: Sequence[UUID] | None = None) -> dict[UUID, Progress]:
    """Count the closed leads of these persons (of everybody when left out) in the session's company."""
    won, lost = (func.count().filter(Lead.stage == stage) for stage in CLOSED)
    asked = select(Lead.closer_id, won, lost).where(Lead.closer_id.is_not(None), Lead.closed_at.is_not(None))
    if staff_ids is not None:
        asked = asked.where(Lead.closer_id.in_(staff_ids))
    rows = session.execute(asked.where(Lead.stage.in_(CLOSED)).group_by(Lead.closer_id))
    return {row[0]: Progress(row[1], row[2]) for row in rows if row[0] is not None}


def progress_of(session: Session, staff_id: UUID) -> Progress:
    """The same for one person."""
    return progress_of_all(session, [staff_id]).get(staff_id, Progress(0, 0))


def need_enough(session: Session, staff_id: UUID) -> None:
    """Raise Conflict (`too_few_closed_leads`) with how many are missing, when a model cannot be trained."""
    found = progress_of(session, staff_id)
    if not found.enough:
        closed, won, lost = missing(found.won, found.lost)
        raise Conflict(
            f"{found.missing} The default stays.",
            code="too_few_closed_leads",
            details={
                "missingClosed": str(closed),
                "missingWon": str(won),
                "missingLost": str(lost),
            },
        )


def start_training(session: Session, actor: Actor, starter: Starter, staff_ids: Sequence[UUID]) -> Job:
    """Start what trains these persons' models; what is at work on the same persons is answered instead.

    More than `PART` persons become several jobs, so that all workers share them; the first is answered.
    Raises Conflict when nobody is named, or when the only one named has too few closed leads.
    """
    if not staff_ids:
        raise Conflict("Nobody has enough closed leads yet.", code="too_few_closed_leads")
    if len(staff_ids) == 1:
        need_enough(session, staff_ids[0])
    names = _names(session, staff_ids)
    with unit(session):
        lock_key(session, company_of(session), "training")
        live = running_training(session, staff_ids)
        if live is not None:
            return live
        whose = "every lead model" if len(staff_ids) > 1 else f"the lead model of {names[staff_ids[0]]}"
        parts = [staff_ids[begin : begin + PART] for begin in range(0, len(staff_ids), PART)]
        jobs = []
        for number, some in enumerate(parts, 1):
            title = f"Train {whose}{f', part {number} of {len(parts)}' if len(parts) > 1 else ''}"
            items = [NewItem(names[one], {"staff": str(one)}) for one in some]
            jobs.append(starter.start(session, actor, TRAIN, title, items))
        return jobs[0]


def retrain(session: Session, actor: Actor, starter: Starter, staff_ids: Sequence[UUID]) -> None:
    """Have these persons' models trained anew in the caller's unit, each by a job of its own.

    One at work may have read what is gone; it finds that out by itself, and begins again.
    """
    names = _names(session, staff_ids)
    for one in staff_ids:
        item = NewItem(names[one], {"staff": str(one)})
        starter.start(session, actor, TRAIN, f"Train the lead model of {names[one]}", [item])


def _names(session: Session, staff_ids: Sequence[UUID]) -> dict[UUID, str]:
    asked = select(Staff.id, Staff.name).join(Membership, Membership.staff_id == Staff.id)
    known = {row.id: row.name for row in session.execute(asked.where(Staff.id.in_(staff_ids)))}
    return {one: known.get(one, "someone who left") for one in staff_ids}


def running_training(session: Session, staff_ids: Sequence[UUID]) -> Job | None:
    """The oldest live training of any of these persons, when every one of them is in a live one."""
    missing_still, first = set(staff_ids), None
    for job in live_trainings(session):
        at_work = {
            UUID(params["staff"])
            for params in session.scalars(select(JobItem.params).where(JobItem.job_id == job.id))
        }
        if missing_still & at_work:
            first = first or job
            missing_still -= at_work
    return None if missing_still else first


def live_trainings(session: Session) -> list[Job]:
    """The company's trainings that wait or are at work, the oldest first."""
    live = select(Job).where(Job.kind == TRAIN.name, Job.state.in_(LIVE)).order_by(Job.id)
    return list(session.scalars(live))


def work(context: ItemContext) -> None:
    """Train one person's model: compute outside any transaction, write inside the item's."""
    while not _tried(context):
        context.stop_if_asked()


def _tried(context: ItemContext) -> bool:
    """Whether it came to an end; not when somebody was erased meanwhile, whose deals it may have read."""
    session, staff_id = context.session, UUID(context.params["staff"])
    need_steering(context.actor, staff_id)
    erased = erasures(session)
    found = progress_of(session, staff_id)
    if not found.enough:
        with context.effect({"result": "too_few", "note": found.missing}):
            pass
        return True
    former = in_force(session, staff_id)
    leads, champion = closed_leads(session, staff_id), _champion(session, staff_id, former.number)
    session.commit()
    trained = train(leads.histories, leads.closed, leads.won, [str(one) for one in leads.ids], champion)
    before = _weights(session, staff_id, former.number)
    compared = before if former.number else None
    session.commit()
    outcome: dict[str, Any] = {
        "result": "adopted" if trained.adopted else "rejected",
        "note": trained.reason,
    }
    with suppress(ErasedMeanwhile), context.effect(outcome) as writing:
        need_same_people(writing, erased)
        by = By(context.actor, context.auditor, context.clock.now())
        row = keep(writing, by, staff_id, trained, leads, former.number)
        outcome |= {"result": "adopted" if row.adopted else "rejected", "note": row.reason}
        if row.trained_at != by.at:
            same = f"Nothing has changed since version {row.number} was trained."
            outcome |= {"result": "unchanged", "note": f"{same} {row.reason}"}
        outcome |= answer_of(row, before, improvements(compared, row.weights, trained))
        outcome["adopted"] = held_salesperson(writing, staff_id).number == row.number
        return True
    return False


def _champion(session: Session, staff_id: UUID, number: int) -> tuple[Any, float] | None:
    mine = in_force(session, staff_id)
    if mine.model is None:
        return None
    trained_at = session.scalars(
        select(ScoringModel.trained_at).where(
            ScoringModel.staff_id == staff_id, ScoringModel.number == number
        )
    ).one()
    return mine.model, trained_at.timestamp()


def _weights(session: Session, staff_id: UUID, number: int) -> dict[str, float]:
    stored = session.scalar(
        select(ScoringModel.weights).where(ScoringModel.staff_id == staff_id, ScoringModel.number == number)
    )
    return dict(stored) if stored else dict(DEFAULT_WEIGHTS)


@dataclass(frozen=True)
class By:
    """Who had a model trained, and when."""

    actor: Actor
    auditor: Auditor
    at: datetime


def keep(
    session: Session, by: By, staff_id: UUID, trained: Trained, leads: ClosedLeads, former: int
) -> ScoringModel:
    """Write a trained version, in force when found better, and tell its person; in the caller's unit.

    `former` was in force when the training began: whoever chose another one meanwhile keeps their choice.
    """
    person = held_salesperson(session, staff_id)
    newest = select(ScoringModel).where(ScoringModel.staff_id == staff_id)
    latest = session.scalar(newest.order_by(ScoringModel.number.desc()).limit(1))
    if latest is not None and latest.digest == trained.digest:
        return latest  # the same leads, to the bit: there is nothing to put beside it
    adopted, reason = trained.adopted, trained.reason
    if adopted and person.number != former:
        adopted, reason = False, f"{CHOSEN_MEANWHILE} {reason}"
    row = _version(by, staff_id, trained, leads)
    row.number, row.adopted, row.reason = _next_number(session, staff_id), adopted, reason[:500]
    session.add_all([row, _event(row)])
    if adopted:
        person.number, person.drifting = row.number, False
    session.flush()
    changes = {"number": (None, row.number), "in_force": (None, row.adopted)}
    by.auditor.record(session, by.actor, AuditAction.MODEL_TRAINED, row, changes=changes)
    if not former or _log_loss(session, staff_id, former) > row.log_loss:
        _announce(session, staff_id, row, trained, by.at)
    return row


def _next_number(session: Session, staff_id: UUID) -> int:
    """The number after all that ever were: versions that an erasure took leave their events."""
    events = select(func.max(ModelEvent.number)).where(ModelEvent.staff_id == staff_id)
    return (session.scalar(events) or 0) + 1


def _version(by: By, staff_id: UUID, trained: Trained, leads: ClosedLeads) -> ScoringModel:
    """The row of a trained version; whether it goes in force, and as which number, is said by the caller."""
    accuracy, low, high = trained.figure("accuracy")
    return ScoringModel(
        staff_id=staff_id,
        number=0,
        judged=trained.evaluation["leads"],
        adopted=False,
        reason="",
        sample=len(leads.ids),
        won=int(leads.won.sum()),
        first_closed_at=datetime.fromtimestamp(float(leads.closed.min()), UTC),
        last_closed_at=datetime.fromtimestamp(float(leads.closed.max()), UTC),
        trained_at=by.at,
        trained_by=by.actor.name[:200],
        weights=trained.weights,
        multipliers=trained.multipliers,
        log_loss=trained.figure("log_loss")[0],
        log_loss_error=_error(trained.figure("log_loss")),
        accuracy=accuracy,
        accuracy_low=low,
        accuracy_high=high,
        calibration_error=trained.figure("calibration_error")[0],
        digest=trained.digest,
        model=trained.model.as_json(),
        evaluation=trained.evaluation,
        cases=trained.cases,
    )


def _event(row: ScoringModel) -> ModelEvent:
    return ModelEvent(
        staff_id=row.staff_id,
        deed=ModelDeed.ADOPTED if row.adopted else ModelDeed.REJECTED,
        number=row.number,
        at=row.trained_at,
        reason=row.reason,
        by=row.trained_by,
    )


def _log_loss(session: Session, staff_id: UUID, number: int) -> float:
    asked = select(ScoringModel.log_loss).where(
        ScoringModel.staff_id == staff_id, ScoringModel.number == number
    )
    return session.scalars(asked).one()


def _error(figure: tuple[float, float, float]) -> float:
    """The standard error that a figure's 95 % interval speaks of."""
    return (figure[2] - figure[1]) / 2 / Z95


def _announce(session: Session, staff_id: UUID, row: ScoringModel, trained: Trained, now: datetime) -> None:
    if row.adopted:
        share, low, high = (round(100 * one) for one in trained.figure("accuracy"))
        told = f"Your model improved: version {row.number} is right in {share} % of cases ({low}-{high} %)."
        tell(session, staff_id, NoticeKind.MODEL_IMPROVED, f"model:{row.number}", told, at=now)


def answer_of(row: ScoringModel, before: dict[str, float], improved: list[str]) -> dict[str, Any]:
    """What an optimization answers, in the words of the wire."""
    return {
        "oldWeights": _wire_weights(before),
        "newWeights": _wire_weights(row.weights),
        "accuracy": round(100 * row.accuracy, 1),
        "sampleSize": row.sample,
        "improvements": improved,
        "adopted": row.adopted,
        "reason": row.reason,
        "modelVersion": row.number,
    }


def _wire_weights(weights: dict[str, float]) -> dict[str, float]:
    names = {
        "score": "scoreWeight",
        "activity": "activityWeight",
        "recency": "recencyWeight",
        "funnel_time": "funnelTimeWeight",
    }
    return {wire: round(weights[name], 4) for name, wire in names.items()}


def _page(session: Session, job: Job) -> str:
    """The page of what was trained: everybody's, one's own, or somebody else's."""
    if job.total > 1:
        return "/models/everyone"
    item = session.scalars(select(JobItem).where(JobItem.job_id == job.id)).first()
    staff = item.params["staff"] if item else str(job.staff_id)
    return "/models" if staff == str(job.staff_id) else f"/models/{staff}"


def weekly(context: ItemContext) -> None:
    """Start the training of everybody who has enough closed leads."""
    ready = [one for one, found in progress_of_all(context.session).items() if found.enough]
    said = "Nobody has enough closed leads yet."
    if ready:
        start_training(context.session, context.actor, services().starter, sorted(ready))
        said = f"{len(ready)} models to train."
    with context.effect({"result": "started", "note": said}):
        pass


TRAIN = JobKind(
    "leads.train",
    "Train lead models",
    Queue.BATCH,
    Permission.LEADS_WRITE,
    work,
    where=_page,
)
WEEKLY = JobKind(
    "leads.weekly",
    "Start the training of lead models",
    Queue.BATCH,
    Permission.LEADS_MANAGE,
    weekly,
)
SCHEDULES = (Schedule("leads.train", "Train lead models", WEEKLY, When(hour=3, weekday=6), lambda _: {}),)
