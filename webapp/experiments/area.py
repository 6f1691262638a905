"""What experiments bring to the application."""

from __future__ import annotations

from webapp.core.area import Area
from webapp.experiments import api, models  # noqa: F401  # routes and tables register
from webapp.experiments.blueprint import ab_test_api, experiments_api
from webapp.experiments.counting import observed
from webapp.experiments.hooks import held_back

area = Area(
    name="experiments",
    apis=(ab_test_api, experiments_api),
    held_back=held_back,
    observed=observed,
)
