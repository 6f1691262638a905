"""Jobs from the command line: list, show, cancel, retry, sweep."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.cli import as_json, operator, plainly, told
from webapp.core.db import db, every_company, scope_to
from webapp.core.errors import NotFound
from webapp.core.jobs.models import Job, JobState
from webapp.core.jobs.steer import cancel, retry
from webapp.core.jobs.views import events_of, view_of
from webapp.core.services import services

jobs_commands = AppGroup("jobs", help="Background work.")
STATES = click.Choice([state.value for state in JobState])


@jobs_commands.command("list")
@click.option("--state", type=STATES, help="Only jobs in this state.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@as_json
@plainly
def list_command(state: str | None, limit: int, as_json: bool) -> None:  # noqa: FBT001  # click hands it over
    """List the jobs of every company, the latest first."""
    statement = select(Job).order_by(Job.id.desc()).limit(limit)
    if state:
        statement = statement.where(Job.state == JobState(state))
    with every_company(db.session()):  # whoever has the machine sees every company
        rows = [_plain(job) for job in db.session().scalars(statement)]
    lines = [f"{row['id']}  {row['state']}  {row['done']}/{row['total']}  {row['title']}" for row in rows]
    told({"items": rows}, "\n".join(lines) or "There are no such jobs.", as_json=as_json)


@jobs_commands.command("show")
@click.argument("job_id", type=click.UUID)
@as_json
@plainly
def show_command(job_id: UUID, as_json: bool) -> None:  # noqa: FBT001  # click hands it over
    """Show where the job JOB_ID stands, and its log."""
    session = db.session()
    job = _confined_to(session, job_id)
    view = view_of(session, job, services().clock.now())
    log = [
        {"at": line.at.isoformat(), "deed": line.deed, "note": line.note}
        for line in events_of(session, job_id)
    ]
    document = {**_plain(job), "sentence": view.sentence, "reasons": dict(view.reasons), "log": log}
    lines = [f"{line['at']}  {line['deed']}  {line['note']}" for line in log]
    told(document, "\n".join([f"{job.title}: {view.sentence}", *lines]), as_json=as_json)


@jobs_commands.command("cancel")
@click.argument("job_id", type=click.UUID)
@as_json
@plainly
def cancel_command(job_id: UUID, as_json: bool) -> None:  # noqa: FBT001  # click hands it over
    """Stop the job JOB_ID; what is done is kept."""
    _confined_to(db.session(), job_id)
    job = cancel(db.session(), operator(), job_id, services().starter)
    told(_plain(job), f"{job.title}: {job.state.label}, asked to stop.", as_json=as_json)


@jobs_commands.command("retry")
@click.argument("job_id", type=click.UUID)
@as_json
@plainly
def retry_command(job_id: UUID, as_json: bool) -> None:  # noqa: FBT001  # click hands it over
    """Queue the unfinished items of the job JOB_ID again."""
    _confined_to(db.session(), job_id)
    job = retry(db.session(), operator(), job_id, services().starter)
    told(_plain(job), f"{job.title}: queued again.", as_json=as_json)


@jobs_commands.command("sweep")
@as_json
@plainly
def sweep_command(as_json: bool) -> None:  # noqa: FBT001  # click hands it over
    """Ring again for jobs that nobody works on, and end those that cannot go on."""
    mended = services().sweeper.sweep(db.session())
    told({"mended": mended}, f"{mended} jobs were rung for or ended.", as_json=as_json)


def _confined_to(session: Session, job_id: UUID) -> Job:
    """Confine the session to the job's company. Raises NotFound."""
    with every_company(session):  # whoever has the machine serves every company
        company_id = session.scalar(select(Job.company_id).where(Job.id == job_id))
    if company_id is None:
        raise NotFound("There is no such job.")
    scope_to(session, company_id)
    return session.get_one(Job, job_id)


def _plain(job: Job) -> dict[str, Any]:
    return {
        "id": str(job.id),
        "companyId": str(job.company_id),
        "kind": job.kind,
        "title": job.title,
        "queue": job.queue,
        "state": job.state.value,
        "total": job.total,
        "done": job.done,
        "failed": job.failed,
        "problem": job.problem,
        "askedBy": job.asked_by,
        "createdAt": job.created_at.isoformat(),
    }
