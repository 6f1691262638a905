"""What experiments bring to the application."""

from __future__ import annotations

from sqlalchemy import select

from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.core.retention import Kept
from webapp.experiments import api, models, pages  # noqa: F401  # routes and tables register
from webapp.experiments.blueprint import ab_test_api, experiments_api
from webapp.experiments.blueprint import pages as experiments
from webapp.experiments.counting import observed
from webapp.experiments.facts import State
from webapp.experiments.holdings import HOLDINGS
from webapp.experiments.hooks import find, held_back, wanting
from webapp.experiments.lists import EXPERIMENT_DESK
from webapp.experiments.load_demo import load_experiments_demo
from webapp.experiments.models import Experiment, Exposure, MetricValue
from webapp.experiments.person_part import experiments_of_person
from webapp.experiments.recounting import RECOUNT, SCHEDULES

WITHOUT = "Of stopped experiments; what was concluded stays."
OVER = select(Experiment.id).where(Experiment.state == State.STOPPED)
KEPT = (
    Kept(
        "exposures",
        "Who met which variant",
        WITHOUT,
        Exposure,
        Exposure.at,
        730,
        only=(Exposure.experiment_id.in_(OVER),),
    ),
    Kept(
        "experiment_values",
        "What experiments counted",
        WITHOUT,
        MetricValue,
        MetricValue.at,
        730,
        only=(MetricValue.experiment_id.in_(OVER),),
    ),
)
area = Area(
    name="experiments",
    pages=(experiments,),
    apis=(ab_test_api, experiments_api),
    nav=(Nav("Experiments", "experiments.index", "experiments", Permission.EXPERIMENTS_READ),),
    kinds=(RECOUNT,),
    schedules=SCHEDULES,
    desks=(EXPERIMENT_DESK,),
    attention=wanting,
    find=find,
    person=experiments_of_person,
    load_demo=load_experiments_demo,
    held_back=held_back,
    observed=observed,
    holdings=HOLDINGS,
    kept=KEPT,
)
