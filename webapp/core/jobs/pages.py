"""The pages of jobs: the list, one job, its widget, stop and try again."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.access import Actor, Permission, requires
from webapp.core.area import Area, Attention, Found, Nav
from webapp.core.db import db
from webapp.core.docs import RESPONSES
from webapp.core.errors import Forbidden, NotFound
from webapp.core.folded import begins
from webapp.core.guard import actor, safe_path
from webapp.core.holdings import JOB_HOLDINGS
from webapp.core.htmx import asks_for_part, go, go_to, render
from webapp.core.jobs.commands import jobs_commands
from webapp.core.jobs.erasing import KEEPER
from webapp.core.jobs.forget import FORGET, NIGHTLY
from webapp.core.jobs.kinds import Queue
from webapp.core.jobs.models import Job, JobItem
from webapp.core.jobs.schedule_pages import pages as scheduled
from webapp.core.jobs.seen import ATTENTION, GROUPS, counts_for, may_see, reads
from webapp.core.jobs.steer import cancel, find_job, retry
from webapp.core.jobs.views import JobView, events_of, use_of, view_of
from webapp.core.services import services
from webapp.core.tables import Column, Filter, Listing

pages = Blueprint("jobs", __name__, url_prefix="/jobs")
JOBS = Listing(
    Job,
    columns=(Column("asked", Job.created_at),),
    filters=(
        Filter("kind", Job.kind, "Kind"),
        Filter("by", Job.asked_by, "Person"),
        Filter("queue", Job.queue, "Queue"),
    ),
    default_sort="-asked",
)
ITEMS = Listing(
    JobItem,
    columns=(Column("place", JobItem.position),),
    filters=(Filter("state", JobItem.state, "State"),),
    default_sort="place",
)


@pages.get("")
@requires(Permission.JOBS_READ)
def index() -> Response:
    group = request.args.get("show", "")
    where = [may_see(actor()), *([Job.state.in_(GROUPS[group])] if group in GROUPS else [])]
    page = JOBS.page(db.session(), request.args, *where)
    return render(
        "jobs/index.html",
        "list",
        page=page,
        jobs=[_view(job) for job in page.rows],
        group=group,
        counts=counts_for(db.session(), actor()),
        labels={kind.name: kind.label for kind in services().kinds},
        queues=_queues(),
    )


@pages.get("/<uuid:job_id>")
@requires(Permission.JOBS_READ)
def show(job_id: UUID) -> Response:
    job, session = _seen(job_id), db.session()
    return render(
        "jobs/show.html",
        "list",
        job=_view(job),
        row=job,
        where=_where(job),
        kind=_label(job),
        results=_results(job),
        page=ITEMS.page(session, request.args, JobItem.job_id == job_id),
        events=events_of(session, job_id),
        use=use_of(session, job_id),
        currency=services().settings.llm_currency,
    )


@pages.get("/<uuid:job_id>/widget")
@requires(Permission.JOBS_READ)
def widget(job_id: UUID) -> Response:
    job = _seen(job_id)
    if not asks_for_part():
        return go("jobs.show", job_id=job_id)
    return render("jobs/widget.html", "widget", job=_view(job), where=_where(job))


@pages.post("/<uuid:job_id>/cancel")
@requires(Permission.JOBS_CONTROL)
def stop(job_id: UUID) -> Response:
    _own(job_id)
    job = cancel(db.session(), actor(), job_id, services().starter)
    return _after(job)


@pages.post("/<uuid:job_id>/retry")
@requires(Permission.JOBS_CONTROL)
def again(job_id: UUID) -> Response:
    _own(job_id)
    reason = request.form.get("reason") or None
    job = retry(db.session(), actor(), job_id, services().starter, reason=reason)
    return _after(job)


def _own(job_id: UUID) -> Job:
    """The job, when the caller may do what it does. Raises NotFound and Forbidden."""
    job = _seen(job_id)
    kind = services().kinds.get(job.kind)
    if kind is not None and not actor().may(kind.permission):
        raise Forbidden(f"Your role does not allow this: {kind.permission.label}.")
    return job


def _seen(job_id: UUID) -> Job:
    job = find_job(db.session(), job_id)
    kind = services().kinds.get(job.kind)
    if kind is not None and not reads(actor(), kind):
        raise NotFound("There is no such job.")
    return job


def _after(job: Job) -> Response:
    if asks_for_part():
        return render("jobs/widget.html", "widget", job=_view(job), where=_where(job))
    back = safe_path(request.form.get("back"))
    return go_to(back) if back else go("jobs.show", job_id=job.id)


def _view(job: Job) -> JobView:
    return view_of(db.session(), job, services().clock.now())


def _label(job: Job) -> str:
    kind = services().kinds.get(job.kind)
    return kind.label if kind else job.kind


def _results(job: Job) -> Mapping[str, str]:
    kind = services().kinds.get(job.kind)
    return kind.results if kind else {}


def _where(job: Job) -> str | None:
    kind = services().kinds.get(job.kind)
    return (
        kind.where(db.session(), job)
        if kind and kind.where and kind.permission in actor().permissions
        else None
    )


def _queues() -> tuple[list[tuple[str, int | None]], int]:
    """How many rings wait in each queue (None: the queue server is away), and how many workers live."""
    bell = services().doorbell
    return [(queue.value, bell.waiting(queue.value)) for queue in Queue], bell.workers()


def _waiting(session: Session, _actor: Actor) -> int:
    return session.scalar(select(func.count(Job.id)).where(Job.state.in_(ATTENTION))) or 0


def _attention(session: Session, who: Actor) -> list[Attention]:
    if not who.may(Permission.JOBS_READ):
        return []
    jobs = session.scalars(
        select(Job).where(Job.state.in_(ATTENTION), may_see(who)).order_by(Job.id.desc()).limit(10)
    )
    return [
        Attention(
            f"{job.title}: {job.problem or job.state.label}",
            url_for("jobs.show", job_id=job.id),
            "job",
            job.finished_at,
        )
        for job in jobs
    ]


def _find(session: Session, who: Actor, query: str) -> list[Found]:
    if not who.may(Permission.JOBS_READ):
        return []
    matches = begins(Job.title, query)
    jobs = session.scalars(select(Job).where(matches, may_see(who)).order_by(Job.id.desc()).limit(5))
    return [Found("job", job.title, url_for("jobs.show", job_id=job.id), job.state.label) for job in jobs]


class JobPath(BaseModel):
    """Which job."""

    job_id: UUID


class JobOut(BaseModel):
    """A job as programs see it."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    id: UUID
    kind: str
    title: str
    state: str = Field(
        description="queued, running, done, done with failures, failed, cancelled or interrupted"
    )
    total: int
    done: int
    failed: int
    problem: str
    problem_code: str
    href: str


api = APIBlueprint(
    "jobs_api",
    __name__,
    abp_responses=RESPONSES,
    url_prefix="/api/jobs",
    abp_tags=[Tag(name="jobs", description="Background work")],
)


@api.get("/<uuid:job_id>", responses={200: JobOut}, summary="Look a job up")
@requires(Permission.JOBS_READ)
def read(path: JobPath) -> dict[str, object]:
    """Answer where the job stands."""
    return job_out(_seen(path.job_id))


def job_out(job: Job) -> dict[str, object]:
    """The job as JSON, with its address."""
    out = JobOut(
        id=job.id,
        kind=job.kind,
        title=job.title,
        state=job.state.value,
        total=job.total,
        done=job.done,
        failed=job.failed,
        problem=job.problem,
        problem_code=job.problem_code,
        href=url_for("jobs_api.read", job_id=job.id),
    )
    return out.model_dump(mode="json", by_alias=True)


area = Area(
    name="jobs",
    pages=(pages, scheduled),
    apis=(api,),
    nav=(Nav("Jobs", "jobs.index", "jobs", Permission.JOBS_READ, _waiting, also=("schedule",)),),
    kinds=(FORGET,),
    schedules=(NIGHTLY,),
    commands=(jobs_commands,),
    attention=_attention,
    find=_find,
    holdings=JOB_HOLDINGS,
    keeper=KEEPER,
)
