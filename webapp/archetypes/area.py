"""What the archetypes bring to the application."""

from __future__ import annotations

from webapp.archetypes import (  # noqa: F401  # routes and tables register
    analytics_pages,
    bulk_pages,
    expiring,
    member_pages,
    models,
    night_pages,
    override_pages,
    recalculating,
    request_pages,
    rule_pages,
    run_pages,
    simulation_pages,
)
from webapp.archetypes.api import archetypes_api, recommendations_api
from webapp.archetypes.blueprint import nights, pages, requests
from webapp.archetypes.commands import archetypes
from webapp.archetypes.desks import NIGHT_DESK, REQUEST_DESK
from webapp.archetypes.erasing import KEEPER
from webapp.archetypes.expiring import EXPIRE
from webapp.archetypes.holdings import HOLDINGS
from webapp.archetypes.importing import NIGHT_IMPORT, REQUEST_IMPORT
from webapp.archetypes.load_demo import load_archetypes_demo
from webapp.archetypes.member_list import MEMBER_DESK
from webapp.archetypes.models import ArchetypeChange, RecalculationLog, Recommendation
from webapp.archetypes.override_list import wanting
from webapp.archetypes.person_part import archetype_of_person
from webapp.archetypes.recalculating import NIGHTLY, RECALCULATE
from webapp.archetypes.record_api import nights_api, requests_api
from webapp.archetypes.simulating import SIMULATE
from webapp.archetypes.treatment import TREATMENTS
from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.core.retention import Kept

KEPT = (
    Kept(
        "recommendations",
        "Recommendations to members",
        "What a member was offered, why, and what they took; analytics count what is left.",
        Recommendation,
        Recommendation.at,
        1095,
    ),
    Kept(
        "archetype_changes",
        "Changes of archetypes",
        "When a member’s archetype changed, and by what.",
        ArchetypeChange,
        ArchetypeChange.at,
        1095,
    ),
    Kept(
        "recalculations",
        "Runs of the recalculation",
        "How many members each run looked at, and whom it could not.",
        RecalculationLog,
        RecalculationLog.started_at,
        365,
    ),
)
area = Area(
    name="archetypes",
    kept=KEPT,
    pages=(pages, nights, requests),
    apis=(recommendations_api, archetypes_api, nights_api, requests_api),
    nav=(
        Nav(
            "Archetypes",
            "archetypes.index",
            "archetypes",
            Permission.ARCHETYPES_READ,
            also=("nights", "requests"),
        ),
    ),
    kinds=(RECALCULATE, NIGHTLY, EXPIRE, SIMULATE, NIGHT_DESK.job, REQUEST_DESK.job),
    schedules=(*recalculating.SCHEDULES, *expiring.SCHEDULES),
    imports=(NIGHT_IMPORT, REQUEST_IMPORT),
    desks=(MEMBER_DESK, NIGHT_DESK, REQUEST_DESK),
    load_demo=load_archetypes_demo,
    attention=wanting,
    person=archetype_of_person,
    commands=(archetypes,),
    treatments=TREATMENTS,
    holdings=HOLDINGS,
    keeper=KEEPER,
)
