"""What the archetypes bring to the application."""

from __future__ import annotations

from webapp.archetypes import (  # noqa: F401  # routes and tables register
    analytics_pages,
    models,
    night_pages,
    request_pages,
    rule_pages,
    run_pages,
    simulation_pages,
)
from webapp.archetypes.api import archetypes_api, recommendations_api
from webapp.archetypes.blueprint import nights, pages, requests
from webapp.archetypes.commands import archetypes
from webapp.archetypes.desks import NIGHT_DESK, REQUEST_DESK
from webapp.archetypes.importing import NIGHT_IMPORT, REQUEST_IMPORT
from webapp.archetypes.load_demo import load_archetypes_demo
from webapp.archetypes.recalculating import NIGHTLY, RECALCULATE, SCHEDULES
from webapp.archetypes.record_api import nights_api, requests_api
from webapp.archetypes.simulating import SIMULATE
from webapp.core.area import Area

area = Area(
    name="archetypes",
    pages=(pages, nights, requests),
    apis=(recommendations_api, archetypes_api, nights_api, requests_api),
    kinds=(RECALCULATE, NIGHTLY, SIMULATE, NIGHT_DESK.job, REQUEST_DESK.job),
    schedules=SCHEDULES,
    imports=(NIGHT_IMPORT, REQUEST_IMPORT),
    desks=(NIGHT_DESK, REQUEST_DESK),
    load_demo=load_archetypes_demo,
    commands=(archetypes,),
)
