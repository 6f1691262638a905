"""Leads and their activities for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.docs import RESPONSES, errors
from webapp.core.idempotency import once
from webapp.core.record_forms import clients
from webapp.core.services import services
from webapp.core.tables import Column, Listing
from webapp.core.text import plural
from webapp.core.wire import CompanyQuery, ListQuery
from webapp.leads import leads
from webapp.leads.activities import ACTIVITIES, record_activities
from webapp.leads.models import Activity, Lead
from webapp.leads.owners import owners_by_id
from webapp.leads.record_schemas import (
    ActivitiesAnswer,
    ActivityIn,
    ActivityOut,
    DeletedAnswer,
    LeadAnswer,
    LeadChange,
    LeadIn,
    LeadOut,
    LeadPath,
    LeadsAnswer,
    LeadsIn,
    RecordedAnswer,
    UpsertedAnswer,
)

REFUSED = errors(422)
STALE = errors(409, 422)
Out = dict[str, Any]
LEADS_BY_ID = Listing(Lead, (Column("id", Lead.id),), default_sort="id")

leads_api = APIBlueprint(
    "leads_api",
    __name__,
    abp_responses=RESPONSES,
    url_prefix="/api/leads",
    abp_tags=[Tag(name="leads", description="Whom the company may sell to, and what happened with them")],
    abp_security=[{"token": []}],
)


@leads_api.get("", responses={200: LeadsAnswer}, summary="List leads")
@requires(Permission.LEADS_READ)
def list_leads(query: ListQuery) -> Out:
    """Answer a page of leads, the oldest row first."""
    in_company(query.company_hq_id)
    rows, following = LEADS_BY_ID.items(db.session(), query.limit, query.cursor)
    return _success({"items": _leads(rows), "next": following})


@leads_api.post("", responses={201: LeadAnswer, **REFUSED}, summary="Create a lead")
@requires(Permission.LEADS_WRITE)
@once
def create_lead(body: LeadIn) -> tuple[Out, int]:
    """Save a lead, open or closed already; 422 when another one has this `lead_id`."""
    who = in_company(body.company_hq_id)
    lead = leads.create_lead(db.session(), who, body.given(), **clients())
    return _success(_lead(lead), "The lead is saved."), 201


@leads_api.post("/bulk", responses={200: UpsertedAnswer, **REFUSED}, summary="Create or change many leads")
@requires(Permission.LEADS_WRITE)
@once
def upsert_leads(body: LeadsIn) -> Out:
    """Save up to 1,000 leads by `lead_id`, all or none; what is left out of a saved one stays as it is."""
    who = in_company(body.company_hq_id)
    done = leads.upsert_leads(db.session(), who, [one.given() for one in body.leads], **clients())
    told = {"created": done.created, "updated": done.updated, "unchanged": done.unchanged}
    message = ", ".join(f"{count} {word}" for word, count in told.items())
    return _success({**told, "ids": list(done.ids)}, f"{message}.")


@leads_api.get("/<string:lead_id>", responses={200: LeadAnswer}, summary="Read a lead")
@requires(Permission.LEADS_READ)
def read_lead(path: LeadPath, query: CompanyQuery) -> Out:
    """Answer one lead."""
    in_company(query.company_hq_id)
    return _success(_lead(leads.lead_named(db.session(), path.lead_id)))


@leads_api.put("/<string:lead_id>", responses={200: LeadAnswer, **STALE}, summary="Change a lead")
@requires(Permission.LEADS_WRITE)
def change_lead(path: LeadPath, body: LeadChange) -> Out:
    """Save what is said; with a `version`, 409 when somebody saved in between."""
    who = in_company(body.company_hq_id)
    found = leads.lead_named(db.session(), path.lead_id)
    lead = leads.change_lead(db.session(), who, found.id, body.given(), body.version, **clients())
    return _success(_lead(lead), "The lead is saved.")


@leads_api.delete("/<string:lead_id>", responses={200: DeletedAnswer}, summary="Delete a lead")
@requires(Permission.LEADS_WRITE)
def delete_lead(path: LeadPath, query: CompanyQuery) -> Out:
    """Delete the lead with its activities and stages."""
    who = in_company(query.company_hq_id)
    found = leads.lead_named(db.session(), path.lead_id)
    leads.delete_lead(db.session(), who, found.id, auditor=services().auditor)
    return _success({"id": path.lead_id}, "The lead is deleted.")


@leads_api.get(
    "/<string:lead_id>/activities", responses={200: ActivitiesAnswer}, summary="List a lead’s activities"
)
@requires(Permission.LEADS_READ)
def list_activities(path: LeadPath, query: ListQuery) -> Out:
    """Answer a page of what happened with the lead, the newest first."""
    in_company(query.company_hq_id)
    lead = leads.lead_named(db.session(), path.lead_id)
    rows, following = ACTIVITIES.items(db.session(), query.limit, query.cursor, Activity.lead_id == lead.id)
    return _success({"items": _activities(rows, lead), "next": following})


@leads_api.post(
    "/<string:lead_id>/activities",
    responses={201: RecordedAnswer, **REFUSED},
    summary="Record what happened with a lead",
)
@requires(Permission.LEADS_WRITE)
@once
def record(path: LeadPath, body: ActivityIn) -> tuple[Out, int]:
    """Record one activity or up to 1,000, all or none; a known `activity_id` is not counted again."""
    who = in_company(body.company_hq_id)
    lead = leads.lead_named(db.session(), path.lead_id)
    done = record_activities(db.session(), who, lead.id, body.told(), **clients())
    items, message = _activities(done.rows, lead), f"{plural(done.new, 'activity', 'activities')} recorded."
    data = items[0] if body.activities is None else {"recorded": done.new, "items": items}
    return _success(data, message), 201


def _success(data: Out, message: str | None = None) -> Out:
    return {"success": True, "data": data, **({"message": message} if message else {})}


def _lead(lead: Lead) -> Out:
    return _leads([lead])[0]


def _leads(rows: Sequence[Lead]) -> list[Out]:
    owners = owners_by_id(db.session(), [row.owner_id for row in rows])
    emails = {owner_id: owner.email for owner_id, owner in owners.items()}
    return [_plain(LeadOut.of(row, emails.get(row.owner_id, ""))) for row in rows]


def _activities(rows: Sequence[Activity], lead: Lead) -> list[Out]:
    return [_plain(ActivityOut.of(row, lead)) for row in rows]


def _plain(model: BaseModel) -> Out:
    return model.model_dump(mode="json", by_alias=True)
