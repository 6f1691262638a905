"""What the leads hold of a prospect, who is known by an e-mail address."""

from __future__ import annotations

from webapp.core.privacy import Holding, nothing_personal
from webapp.leads.models import (
    Activity,
    Lead,
    LeadFact,
    ModelEvent,
    Notice,
    Prediction,
    Salesperson,
    ScoringModel,
    StageChange,
)

HOLDINGS = (
    Holding(
        Lead,
        by=(Lead.email,),
        title="Leads",
        personal=("identifier", "name", "email", "source", "attributes"),
        plain=("currency",),
        hides=("stale",),
    ),
    Holding(
        Activity,
        by=(Activity.lead_id,),
        title="Activities with a lead",
        personal=("identifier", "note"),
        plain=("kind", "by"),
        hides=("by",),
    ),
    Holding(StageChange, by=(StageChange.lead_id,), title="Stages of a lead", plain=("by",), hides=("by",)),
    Holding(
        LeadFact,
        by=(LeadFact.lead_id,),
        title="What was known of a lead earlier",
        personal=("before", "after"),
        plain=("name",),
    ),
    Holding(Prediction, by=(Prediction.lead_id,), title="Predictions for a lead"),
    Holding(
        Notice,
        by=(Notice.lead_id,),
        title="Notices about a lead",
        personal=("text", "body"),
        plain=("key",),
        hides=("key", "read_at"),
    ),
    nothing_personal(Notice, mentions=("text", "body"), why="A digest tells of many leads."),
    nothing_personal(
        ScoringModel,
        "reason",
        "trained_by",
        "weights",
        "multipliers",
        "digest",
        "model",
        "evaluation",
        "cases",
        why="A version that learned from a lead of this person goes whole, and its owner’s is trained anew.",
    ),
    nothing_personal(ModelEvent, "by", mentions=("reason",)),
    nothing_personal(Salesperson, "contact_time", mentions=("instructions",), why="It is the staff’s own."),
)
