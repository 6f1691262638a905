"""Lead models from the command line: train one, predict leads from a file, score all open leads anew."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.by_command import place, quiet_starter, worked
from webapp.accounts.models import Membership, Staff
from webapp.core.cli import as_json, plainly, told
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.id_lists import users_in
from webapp.core.jobs.models import JobItem, JobState
from webapp.core.services import services
from webapp.core.text import plural
from webapp.leads.leads import leads_named
from webapp.leads.learning import start_training
from webapp.leads.predicting import asker, log_predictions, tell
from webapp.leads.prediction_schemas import NextActionOut, PredictionOut
from webapp.leads.scoring import start_scoring

lead_commands = AppGroup("leads", help="Lead models: train them, predict with them, score open leads.")
COMPANY = click.option("--company", "company_key", required=True, help="The company’s key or id.")
OWNER = click.option("--owner", "email", required=True, help="The salesperson’s e-mail address.")
SET = 500  # leads that are predicted in one go


@lead_commands.command("train")
@COMPANY
@OWNER
@as_json
@plainly
def train_command(company_key: str, email: str, *, as_json: bool) -> None:
    """Train a salesperson's model from their closed leads, here and now."""
    session, who = place(company_key)
    staff_id = _staff(session, email)
    job = start_training(session, who, quiet_starter(), [staff_id])
    job_id, state = job.id, worked(session, who, job)
    if state.live:
        raise Conflict(f"Another process trains already: job {job_id}.")
    items = session.scalars(select(JobItem).where(JobItem.job_id == job_id))
    item = next(one for one in items if one.params["staff"] == str(staff_id))
    if state is not JobState.DONE or "newWeights" not in item.outcome:
        raise DomainError(item.problem or "The training came to no model.", code="training_failed")
    names = ("oldWeights", "newWeights", "accuracy", "sampleSize", "improvements", "adopted", "reason")
    document = {"success": True, "data": {name: item.outcome[name] for name in (*names, "modelVersion")}}
    word = "in force" if item.outcome["adopted"] else "not in force"
    told(
        document,
        f"Version {item.outcome['modelVersion']} is trained and {word}. {item.outcome['reason']}",
        as_json=as_json,
    )


@lead_commands.command("predict")
@COMPANY
@OWNER
@click.option(
    "--file",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The leads’ ids, one a line, a CSV with a column lead_id, or a JSON list.",
)
@as_json
@plainly
def predict_command(company_key: str, email: str, file: Path, *, as_json: bool) -> None:
    """Predict the leads of a file with a salesperson's model; what is answered is logged."""
    session, _ = place(company_key)
    wanted = users_in(file.read_text("utf-8-sig"), file.name)
    mine = asker(session, _staff(session, email), services().zone(session), services().clock)
    leads: list[dict[str, Any]] = []
    unknown: list[str] = []
    for start in range(0, len(wanted), SET):
        some = wanted[start : start + SET]
        found = {row.id: identifier for identifier, row in leads_named(session, some).items()}
        answers = tell(session, mine, list(found))
        log_predictions(session, answers)
        by_name = {found[one.lead_id]: one for one in answers}
        unknown += [one for one in some if one not in by_name]
        for name in (one for one in some if one in by_name):
            answer = by_name[name]
            action = NextActionOut.of(name, answer.advice) if answer.advice else None
            leads.append(
                {
                    "prediction": PredictionOut.of(name, answer).model_dump(mode="json", by_alias=True),
                    "nextAction": action.model_dump(mode="json", by_alias=True) if action else None,
                }
            )
    lines = [
        f"{one['prediction']['leadId']}\t{one['prediction']['conversionProbability']:.1f} %" for one in leads
    ]
    document = {"success": not unknown, "data": {"leads": leads, "notFound": unknown}}
    told(document, "\n".join([*lines, *(f"{one}\tnot found" for one in unknown)]), as_json=as_json)
    if unknown:
        sys.exit(1)


@lead_commands.command("rescore")
@COMPANY
@as_json
@plainly
def rescore_command(company_key: str, *, as_json: bool) -> None:
    """Score all open leads anew, each with its owner's model, here and now."""
    session, who = place(company_key)
    job = start_scoring(session, who, quiet_starter(), size=services().settings.lead_set)
    job_id, state = job.id, worked(session, who, job)
    if state.live:
        raise Conflict(f"Another process scores already: job {job_id}.")
    outcomes = session.scalars(select(JobItem.outcome).where(JobItem.job_id == job_id))
    scored = sum(one.get("scored", 0) for one in outcomes)
    document = {"success": state is JobState.DONE, "scored": scored}
    told(document, f"{plural(scored, 'lead')} scored.", as_json=as_json)
    if state is not JobState.DONE:
        sys.exit(1)


def _staff(session: Session, email: str) -> UUID:
    asked = select(Staff.id).join(Membership, Membership.staff_id == Staff.id)
    found = session.scalar(asked.where(Staff.email == email.strip().lower()))
    if found is None:
        raise NotFound(f"Nobody with the address {email} works for this company.")
    return found
