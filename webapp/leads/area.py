"""What the leads bring to the application."""

from __future__ import annotations

from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.leads import digests, models  # noqa: F401  # tables register
from webapp.leads.digests import MORNING
from webapp.leads.intelligence_api import intelligence_api
from webapp.leads.message_pages import messages
from webapp.leads.messages import DRAFT, DRAFTERS, PROMPT_USES
from webapp.leads.notice_pages import notices, waiting
from webapp.leads.preference_pages import preferences

area = Area(
    name="leads",
    pages=(notices, preferences, messages),
    apis=(intelligence_api,),
    nav=(
        Nav(
            "Leads",
            "lead_notices.index",
            "leads",
            Permission.LEADS_READ,
            count=waiting,
            also=("lead_preferences", "lead_messages"),
        ),
    ),
    kinds=(MORNING, DRAFT),
    drafters=DRAFTERS,
    prompts=PROMPT_USES,
    schedules=(*digests.SCHEDULES,),
)
