"""What the leads bring to the application."""

from __future__ import annotations

from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.leads import bulk_pages, models, pages  # noqa: F401  # routes and tables register
from webapp.leads.blueprint import leads
from webapp.leads.desks import LEAD_DESK
from webapp.leads.history_importing import ACTIVITY_IMPORT, STAGE_IMPORT
from webapp.leads.importing import LEAD_IMPORT
from webapp.leads.load_demo import clear_leads_demo, load_leads_demo
from webapp.leads.record_api import leads_api

area = Area(
    name="leads",
    pages=(leads,),
    apis=(leads_api,),
    nav=(Nav("Leads", "leads.index", "leads", Permission.LEADS_READ),),
    kinds=(LEAD_DESK.job,),
    imports=(LEAD_IMPORT, STAGE_IMPORT, ACTIVITY_IMPORT),
    desks=(LEAD_DESK,),
    find=pages.find,
    load_demo=load_leads_demo,
    clear_demo=clear_leads_demo,
)
