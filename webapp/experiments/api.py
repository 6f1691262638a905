"""The calls of experiments: a person's variant, what they did, and experiments themselves."""

from __future__ import annotations

from typing import Any

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db, unit
from webapp.core.docs import errors
from webapp.core.errors import Unavailable
from webapp.core.idempotency import once
from webapp.core.services import services
from webapp.core.tables import Column, Listing
from webapp.experiments.assigning import Assigned, running
from webapp.experiments.blueprint import ab_test_api, experiments_api
from webapp.experiments.clients import asked_not_to, assigning, counting, designing, steering
from webapp.experiments.counting import Told
from webapp.experiments.experiments import experiment_named, metrics_of
from webapp.experiments.finding import found_of, stopped
from webapp.experiments.models import Experiment
from webapp.experiments.schemas import (
    ExperimentIn,
    ExperimentOut,
    ExperimentsOut,
    InCompany,
    KeyPath,
    ListQuery,
    MetricTrackedOut,
    MetricTrackIn,
    ResultsOut,
    StopIn,
    UserPath,
    VariantQuery,
    VariantsOut,
)
from webapp.experiments.telling import experiment_out, results_out

Out = dict[str, Any]
COUNTED = "So many users met this experiment that a job counts them now. Ask again in a minute."
NEWEST = Listing(Experiment, (Column("created", Experiment.created_at),), default_sort="-created")


@ab_test_api.get("/<string:user_id>/variant", responses={200: VariantsOut}, summary="A person’s variant")
@requires(Permission.EXPERIMENTS_SERVE)
def variant(path: UserPath, query: VariantQuery) -> Out:
    """Answer the person's variant; without `experiment`, those of all experiments that run.

    Asking logs that the person met it, once, so the token needs `experiments:write`. Whoever must not be
    tracked (consent, erasure, DNT or GPC), is not meant, or asks while the experiment does not run, gets the
    control, `in_experiment: false`, and `reason`; nothing is logged. Of a stopped experiment everybody gets
    what was decided.
    """
    who, session, deed = in_company(query.company_hq_id), db.session(), assigning()
    quiet = asked_not_to()
    if query.experiment is not None:
        row = experiment_named(session, query.experiment)
        return _assigned(deed.one(session, who, row, path.user_id, asked_not_to=quiet))
    found = deed.all(session, who, running(session), path.user_id, asked_not_to=quiet)
    return {"user_id": path.user_id, "experiments": [_assigned(one) for one in found]}


@ab_test_api.post("/track", responses={202: MetricTrackedOut, **errors(409, 422)}, summary="Track a metric")
@requires(Permission.EXPERIMENTS_SERVE)
def track(body: MetricTrackIn) -> tuple[Out, int]:
    """Write down what a person did; `tracked: false` with the reason for who met no variant, or must not be.

    Only what follows the first exposure counts. A number is needed for a mean or a revenue.
    """
    in_company(body.company_hq_id)
    session = db.session()
    row = experiment_named(session, body.experiment)
    told = Told(body.user_id, body.metric, body.value, body.event_id)
    found = counting().track(session, row, told, asked_not_to=asked_not_to())
    return {"tracked": found.tracked, "reason": found.reason, "duplicate": found.duplicate}, 202


@experiments_api.get("", responses={200: ExperimentsOut}, summary="List experiments")
@requires(Permission.EXPERIMENTS_READ)
def experiments(query: ListQuery) -> Out:
    """Answer the company's experiments, the newest first."""
    in_company(query.company_hq_id)
    rows, following = NEWEST.items(db.session(), query.limit, query.cursor)
    return {"items": [_out(row) for row in rows], "next": following}


@experiments_api.post("", responses={201: ExperimentOut, **errors(409, 422)}, summary="Create an experiment")
@requires(Permission.EXPERIMENTS_MANAGE)
@once
def create_experiment(body: ExperimentIn) -> tuple[Out, int]:
    """Save a new experiment as a draft, or start it at once with `start`."""
    who, session = in_company(body.company_hq_id), db.session()
    design = body.design(services().settings.ab_test_sample_size)
    with unit(session):
        row = designing().create(session, who, design)
        if body.start:
            steering().start(session, who, row.id)
    return _out(row), 201


@experiments_api.get("/<string:key>", responses={200: ExperimentOut}, summary="Read an experiment")
@requires(Permission.EXPERIMENTS_READ)
def read_experiment(path: KeyPath, query: InCompany) -> Out:
    """Answer an experiment as it stands."""
    in_company(query.company_hq_id)
    return _out(experiment_named(db.session(), path.key))


@experiments_api.get(
    "/<string:key>/results", responses={200: ResultsOut, **errors(503)}, summary="Read results"
)
@requires(Permission.EXPERIMENTS_READ)
def read_results(path: KeyPath, query: InCompany) -> Out:
    """Answer the verdict, its reason and the numbers of every metric; they may be a minute old.

    Of a stopped one they are those of the stop. 503 `counting` while a job counts too many users for a call.
    """
    who, session = in_company(query.company_hq_id), db.session()
    found, _ = found_of(session, who, experiment_named(session, path.key))
    if found is None:
        raise Unavailable(COUNTED, code="counting")
    return results_out(found)


@experiments_api.post(
    "/<string:key>/start", responses={200: ExperimentOut, **errors(409, 422)}, summary="Start an experiment"
)
@requires(Permission.EXPERIMENTS_MANAGE)
def start_experiment(path: KeyPath, query: InCompany) -> Out:
    """Begin to assign; from now on nothing that says who gets what can change."""
    who, session = in_company(query.company_hq_id), db.session()
    return _out(steering().start(session, who, experiment_named(session, path.key).id))


@experiments_api.post(
    "/<string:key>/pause", responses={200: ExperimentOut, **errors(409, 422)}, summary="Pause an experiment"
)
@requires(Permission.EXPERIMENTS_MANAGE)
def pause_experiment(path: KeyPath, query: InCompany) -> Out:
    """Give everybody the control for a while."""
    who, session = in_company(query.company_hq_id), db.session()
    return _out(steering().pause(session, who, experiment_named(session, path.key).id))


@experiments_api.post(
    "/<string:key>/resume",
    responses={200: ExperimentOut, **errors(409, 422)},
    summary="Resume an experiment",
)
@requires(Permission.EXPERIMENTS_MANAGE)
def resume_experiment(path: KeyPath, query: InCompany) -> Out:
    """Go on after a pause: everybody gets the variant they had."""
    who, session = in_company(query.company_hq_id), db.session()
    return _out(steering().resume(session, who, experiment_named(session, path.key).id))


@experiments_api.post(
    "/<string:key>/stop", responses={200: ExperimentOut, **errors(409, 422)}, summary="Stop an experiment"
)
@requires(Permission.EXPERIMENTS_MANAGE)
def stop_experiment(path: KeyPath, body: StopIn) -> Out:
    """End it for good, with what is decided and why."""
    who, session = in_company(body.company_hq_id), db.session()
    row = experiment_named(session, path.key)
    return _out(stopped(session, who, row.id, body.decision, body.reason))


def _assigned(one: Assigned) -> Out:
    return {
        "experiment": one.experiment,
        "variant": one.variant,
        "in_experiment": one.in_experiment,
        "reason": one.reason,
    }


def _out(row: Experiment) -> Out:
    return experiment_out(row, metrics_of(db.session(), row.id))
