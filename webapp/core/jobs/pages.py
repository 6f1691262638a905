"""The pages of jobs: the list, one job, its widget, stop and try again."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request, url_for
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.access import Actor, Permission, requires
from webapp.core.area import Area, Attention, Found, Nav
from webapp.core.db import db
from webapp.core.docs import RESPONSES
from webapp.core.errors import NotFound
from webapp.core.folded import begins
from webapp.core.guard import actor, safe_path
from webapp.core.htmx import asks_for_part, go, go_to, render
from webapp.core.jobs.kinds import JobKind
from webapp.core.jobs.models import LIVE, Job, JobItem, JobState
from webapp.core.jobs.steer import cancel, find_job, retry
from webapp.core.jobs.views import JobView, view_of
from webapp.core.services import services

pages = Blueprint("jobs", __name__, url_prefix="/jobs")
ATTENTION = (JobState.DONE_WITH_FAILURES, JobState.FAILED, JobState.INTERRUPTED)
GROUPS = {
    "running": tuple(LIVE),
    "attention": ATTENTION,
    "finished": (JobState.DONE, JobState.CANCELLED),
}
PAGE = 50
MOST_ITEMS = 200


@pages.get("")
@requires(Permission.JOBS_READ)
def index() -> Response:
    group = request.args.get("show", "")
    statement = select(Job).where(_may_see(actor())).order_by(Job.id.desc()).limit(PAGE + 1)
    if group in GROUPS:
        statement = statement.where(Job.state.in_(GROUPS[group]))
    after = request.args.get("after", "")
    if after:
        statement = statement.where(Job.id < _id(after))
    jobs = list(db.session().scalars(statement))
    views = [_view(job) for job in jobs[:PAGE]]
    more = url_for("jobs.index", show=group or None, after=views[-1].id) if len(jobs) > PAGE else None
    return render("jobs/index.html", "list", jobs=views, group=group, more=more)


@pages.get("/<uuid:job_id>")
@requires(Permission.JOBS_READ)
def show(job_id: UUID) -> Response:
    job = _seen(job_id)
    items = db.session().scalars(
        select(JobItem).where(JobItem.job_id == job_id).order_by(JobItem.position).limit(MOST_ITEMS)
    )
    return render("jobs/show.html", "job", job=_view(job), items=list(items), kind=_label(job))


@pages.get("/<uuid:job_id>/widget")
@requires(Permission.JOBS_READ)
def widget(job_id: UUID) -> Response:
    job = _seen(job_id)
    if not asks_for_part():
        return go("jobs.show", job_id=job_id)
    return render("jobs/widget.html", "widget", job=_view(job))


@pages.post("/<uuid:job_id>/cancel")
@requires(Permission.JOBS_CONTROL)
def stop(job_id: UUID) -> Response:
    _seen(job_id)
    job = cancel(db.session(), actor(), job_id, services().starter)
    return _after(job)


@pages.post("/<uuid:job_id>/retry")
@requires(Permission.JOBS_CONTROL)
def again(job_id: UUID) -> Response:
    _seen(job_id)
    job = retry(db.session(), actor(), job_id, services().starter)
    return _after(job)


def _may_see(who: Actor) -> ColumnElement[bool]:
    """Jobs of the areas in which the caller may do something: a title names people."""
    return Job.kind.in_([kind.name for kind in services().kinds if _reads(who, kind)])


def _reads(who: Actor, kind: JobKind) -> bool:
    area = kind.permission.value.partition(".")[0]
    return any(held.value.partition(".")[0] == area for held in who.permissions)


def _seen(job_id: UUID) -> Job:
    job = find_job(db.session(), job_id)
    kind = services().kinds.get(job.kind)
    if kind is not None and not _reads(actor(), kind):
        raise NotFound("There is no such job.")
    return job


def _after(job: Job) -> Response:
    if asks_for_part():
        return render("jobs/widget.html", "widget", job=_view(job))
    back = safe_path(request.form.get("back"))
    return go_to(back) if back else go("jobs.show", job_id=job.id)


def _view(job: Job) -> JobView:
    return view_of(db.session(), job, services().clock.now())


def _label(job: Job) -> str:
    kind = services().kinds.get(job.kind)
    return kind.label if kind else job.kind


def _id(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError:
        return UUID(int=0)


def _waiting(session: Session, _actor: Actor) -> int:
    return session.scalar(select(func.count(Job.id)).where(Job.state.in_(ATTENTION))) or 0


def _attention(session: Session, who: Actor) -> list[Attention]:
    if not who.may(Permission.JOBS_READ):
        return []
    jobs = session.scalars(
        select(Job).where(Job.state.in_(ATTENTION), _may_see(who)).order_by(Job.id.desc()).limit(10)
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
    jobs = session.scalars(select(Job).where(matches, _may_see(who)).order_by(Job.id.desc()).limit(5))
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
    pages=(pages,),
    apis=(api,),
    nav=(Nav("Jobs", "jobs.index", "jobs", Permission.JOBS_READ, _waiting),),
    attention=_attention,
    find=_find,
)
