"""What the leads bring to the application."""

from __future__ import annotations

from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.core.retention import Kept
from webapp.leads import (  # noqa: F401  # routes and tables register
    bulk_pages,
    digests,
    everyone_pages,
    intelligence_calls,
    learning,
    models,
    pages,
    scoring,
)
from webapp.leads.blueprint import leads
from webapp.leads.commands import lead_commands
from webapp.leads.desks import LEAD_DESK
from webapp.leads.digests import MORNING
from webapp.leads.erasing import KEEPER
from webapp.leads.history_importing import ACTIVITY_IMPORT, STAGE_IMPORT
from webapp.leads.holdings import HOLDINGS
from webapp.leads.importing import LEAD_IMPORT
from webapp.leads.intelligence_api import intelligence_api
from webapp.leads.learning import TRAIN, WEEKLY
from webapp.leads.load_demo import clear_leads_demo, load_leads_demo
from webapp.leads.message_pages import messages
from webapp.leads.messages import DRAFT, DRAFTERS, PROMPT_USES
from webapp.leads.model_pages import models as model_pages
from webapp.leads.models import Notice
from webapp.leads.notice_pages import notices, waiting
from webapp.leads.pages import find
from webapp.leads.preference_pages import preferences
from webapp.leads.record_api import leads_api
from webapp.leads.scoring import NIGHTLY, SCORE

KEPT = (
    Kept(
        "notices",
        "Notices to salespeople",
        "What salespeople were told in the application.",
        Notice,
        Notice.at,
        365,
    ),
)
area = Area(
    name="leads",
    kept=KEPT,
    pages=(leads, model_pages, notices, preferences, messages),
    apis=(leads_api, intelligence_api),
    nav=(
        Nav(
            "Leads",
            "leads.index",
            "leads",
            Permission.LEADS_READ,
            count=waiting,
            also=("lead_notices", "lead_preferences", "lead_messages", "lead_models"),
        ),
    ),
    kinds=(LEAD_DESK.job, MORNING, DRAFT, TRAIN, WEEKLY, SCORE, NIGHTLY),
    imports=(LEAD_IMPORT, STAGE_IMPORT, ACTIVITY_IMPORT),
    desks=(LEAD_DESK,),
    drafters=DRAFTERS,
    prompts=PROMPT_USES,
    schedules=(*digests.SCHEDULES, *scoring.SCHEDULES, *learning.SCHEDULES),
    load_demo=load_leads_demo,
    clear_demo=clear_leads_demo,
    find=find,
    commands=(lead_commands,),
    holdings=HOLDINGS,
    keeper=KEEPER,
)
