"""What experiments bring to the application."""

from __future__ import annotations

from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.core.retention import Kept
from webapp.experiments import api, models, pages  # noqa: F401  # routes and tables register
from webapp.experiments.blueprint import ab_test_api, experiments_api
from webapp.experiments.blueprint import pages as experiments
from webapp.experiments.counting import observed
from webapp.experiments.holdings import HOLDINGS
from webapp.experiments.hooks import find, held_back, wanting
from webapp.experiments.lists import EXPERIMENT_DESK
from webapp.experiments.load_demo import load_experiments_demo
from webapp.experiments.models import Exposure, MetricValue
from webapp.experiments.person_part import experiments_of_person
from webapp.experiments.recounting import RECOUNT, SCHEDULES

WITHOUT = "Without them the results of the experiments they are from are gone."
KEPT = (
    Kept("exposures", "Who met which variant", WITHOUT, Exposure, Exposure.at),
    Kept("experiment_values", "What experiments counted", WITHOUT, MetricValue, MetricValue.at),
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
