"""Every salesperson's model in one list, in so many statements however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.jobs.models import LIVE, Job, JobItem
from webapp.core.text import plural
from webapp.leads.learning import TRAIN, Progress, progress_of_all
from webapp.leads.models import Lead, Salesperson, ScoringModel
from webapp.leads.owners import owners_by_id
from webapp.leads.rules.training import LEAST_CLOSED


@dataclass(frozen=True)
class Line:
    """One salesperson: figures are of the version in force, None while it is the default."""

    staff_id: UUID
    name: str
    progress: Progress
    number: int
    sample: int | None
    judged: int | None
    accuracy: tuple[float, float, float] | None
    calibration_error: float | None
    trained_at: datetime | None
    drifting: bool
    training: bool

    @property
    def status(self) -> str:
        """Where the model stands, in a few words."""
        if self.number:
            return f"version {self.number}"
        if self.progress.enough:
            return "default"
        return f"{min(self.progress.closed, LEAST_CLOSED)} of {LEAST_CLOSED}"


def lines_of(session: Session) -> list[Line]:
    """Whoever owns leads or has a model, by name."""
    progress, people = progress_of_all(session), _people(session)
    trained, at_work = _last_trained(session), _at_work(session)
    owning = {
        one
        for one in session.scalars(select(Lead.owner_id).where(Lead.owner_id.is_not(None)).distinct())
        if one is not None
    }
    names = owners_by_id(session, owning | trained.keys())
    found = [
        _line(
            one,
            names[one].name,
            progress.get(one, Progress(0, 0)),
            people.get(one),
            trained.get(one),
            training=one in at_work,
        )
        for one in names
        if one is not None
    ]
    return sorted(found, key=lambda line: (line.name.casefold(), line.staff_id))


def _people(session: Session) -> dict[UUID, tuple[bool, ScoringModel]]:
    """Who has a model in force: whether it drifts, and the version."""
    asked = select(Salesperson.staff_id, Salesperson.drifting, ScoringModel).join(
        ScoringModel,
        (ScoringModel.staff_id == Salesperson.staff_id) & (ScoringModel.number == Salesperson.number),
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(asked)}


def _last_trained(session: Session) -> dict[UUID, datetime]:
    asked = select(ScoringModel.staff_id, func.max(ScoringModel.trained_at)).group_by(ScoringModel.staff_id)
    return {row[0]: row[1] for row in session.execute(asked)}


def _at_work(session: Session) -> set[UUID]:
    """Whose training waits or goes on."""
    asked = (
        select(JobItem.params)
        .join(Job, Job.id == JobItem.job_id)
        .where(Job.kind == TRAIN.name, Job.state.in_(LIVE))
    )
    return {UUID(params["staff"]) for params in session.scalars(asked)}


def _line(
    staff_id: UUID,
    name: str,
    progress: Progress,
    ruling: tuple[bool, ScoringModel] | None,
    trained_at: datetime | None,
    *,
    training: bool,
) -> Line:
    drifting, row = ruling or (False, None)
    return Line(
        staff_id,
        name,
        progress,
        row.number if row else 0,
        row.sample if row else None,
        row.judged if row else None,
        (row.accuracy, row.accuracy_low, row.accuracy_high) if row else None,
        row.calibration_error if row else None,
        trained_at,
        drifting,
        training,
    )


def ready(lines: Iterable[Line]) -> list[UUID]:
    """Who has enough closed leads to train."""
    return sorted(one.staff_id for one in lines if one.progress.enough)


def average(lines: Iterable[Line]) -> float | None:
    """The mean accuracy of the models in force."""
    known = [one.accuracy[0] for one in lines if one.accuracy]
    return sum(known) / len(known) if known else None


def verdict(lines: Sequence[Line]) -> str:
    """The sentences that the dashboard begins with."""
    if not lines:
        return "Nobody owns leads yet."
    own, mean = [one for one in lines if one.number], average(lines)
    people = plural(len(lines), "salesperson", "salespeople")
    begin = f"{len(own)} of {people} {'has' if len(own) == 1 else 'have'} a model of their own in force"
    right = (
        ""
        if mean is None
        else f": on leads it had not seen, such a model is right in {100 * mean:.0f} % of cases on average"
    )
    return ". ".join([begin + right, *_drifting(own), *_short(lines)]) + "."


def _drifting(own: Sequence[Line]) -> list[str]:
    names = " and ".join(one.name for one in own if one.drifting)
    told = "To be trained again, since recent predictions were worse than promised"
    return [f"{told}: {names}"] if names else []


def _short(lines: Sequence[Line]) -> list[str]:
    count = sum(not one.progress.enough for one in lines)
    people = plural(count, "person", "people")
    return [f"{people} {'has' if count == 1 else 'have'} too few closed leads so far"] if count else []
