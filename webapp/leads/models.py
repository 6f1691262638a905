"""Leads with their activities and stages, salespeople's models, what was predicted, preferences, notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Row, Tenant
from webapp.core.folded import key_of, list_indexes
from webapp.leads.facts import (
    Action,
    Confidence,
    Frequency,
    ModelDeed,
    NoticeKind,
    Priority,
    Stage,
    Tone,
)


class Lead(Tenant, Row, kw_only=True):
    """A sales opportunity. `opened_at` is when it began, `created_at` when the record was made.

    `closer_id` is who owned it when it closed: it is their deal, whoever it is handed to afterwards.
    Money is in the currency's minor units. `attributes` are as they stand now; what they were at a moment
    is said by `LeadFact`. The columns from `score` on are the last scoring, made with the owner's model
    (`model_number` 0: the default); `probability` is None before the first and for closed leads it stays
    what it was. `stale` is set when something the scoring reads has changed since; `updated_at` moves with
    it, so that a scoring under way sees that it read too early. An activity does not count `version` on.
    """

    __tablename__ = "leads"
    __table_args__ = (
        UniqueConstraint("company_id", "identifier"),
        *list_indexes("leads", ("name", "identifier", "email"), ("updated_at", "probability", "score")),
        Index("ix_leads_of_owner", "company_id", "owner_id", "stage", "closed_at"),
        Index("ix_leads_of_closer", "company_id", "closer_id", "stage", "closed_at"),
        Index("ix_leads_closer", "closer_id"),
        Index("ix_leads_in_stage", "company_id", "stage", "name_key", "id"),
        Index("ix_leads_owner", "owner_id"),
        Index("ix_leads_source", "company_id", "source"),
    )

    identifier: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), default="")
    source: Mapped[str] = mapped_column(String(100), default="")
    value_minor: Mapped[int | None] = mapped_column(BigInteger, default=None)
    currency: Mapped[str] = mapped_column(String(3), default="")
    stage: Mapped[Stage] = mapped_column(default=Stage.NEW)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), default=None)
    closer_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), default=None)
    opened_at: Mapped[datetime]
    stage_changed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    attributes: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    score: Mapped[int] = mapped_column(default=0)
    probability: Mapped[float | None] = mapped_column(default=None)
    confidence: Mapped[Confidence | None] = mapped_column(default=None)
    next_action: Mapped[Action | None] = mapped_column(default=None)
    priority: Mapped[Priority | None] = mapped_column(default=None)
    at_risk: Mapped[bool] = mapped_column(default=False)
    model_number: Mapped[int | None] = mapped_column(default=None)
    scored_at: Mapped[datetime | None] = mapped_column(default=None)
    stale: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    name_key: Mapped[str] = key_of("name")
    identifier_key: Mapped[str] = key_of("identifier")
    email_key: Mapped[str] = key_of("email")


class Activity(Tenant, Row, kw_only=True):
    """Something that happened with a lead. `identifier` is the company's own, or made up here."""

    __tablename__ = "activities"
    __table_args__ = (
        UniqueConstraint("company_id", "identifier"),
        Index("ix_activities_of_lead", "lead_id", "kind", "at", "company_id"),
        *list_indexes("activities", (), ("at",)),
    )

    identifier: Mapped[str] = mapped_column(String(200))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]


class StageChange(Tenant, Row, kw_only=True):
    """A stage that a lead reached, and when; its first row is where the lead began."""

    __tablename__ = "stage_changes"
    __table_args__ = (
        UniqueConstraint("lead_id", "stage", "at"),
        Index("ix_stage_changes_of_lead", "lead_id", "at", "stage", "company_id"),
    )

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    stage: Mapped[Stage]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200), default="")


class LeadFact(Tenant, Row, kw_only=True):
    """What was known of a lead from a moment on: an attribute, or its source or value, and what it became.

    Written when something changes after the lead's first record, with what it was before, so that a closed
    lead can be replayed as it stood. Before the first row of a name the value was `before`. Names are
    `source`, `value` (in minor units) and `attributes.<name>`.
    """

    __tablename__ = "lead_facts"
    __table_args__ = (Index("ix_lead_facts_of_lead", "lead_id", "at"),)

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    before: Mapped[dict[str, Any]]  # {"value": …}, or {} where nothing was known
    after: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class ScoringModel(Tenant, Row, kw_only=True):
    """One version of one salesperson's model; `number` counts for the person in the company, from 1.

    `model` is what `rules.personal` reads, `evaluation` what `rules.evaluation` wrote, `cases` the closed
    leads it learned from as the model saw them. None of them changes once written. `weights` are the four
    headline shares, `multipliers` what a kind of activity counts beside the default's points.
    """

    __tablename__ = "scoring_models"
    __table_args__ = (UniqueConstraint("company_id", "staff_id", "number"),)

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    adopted: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(500))
    sample: Mapped[int]
    judged: Mapped[int]  # of them, as leads that a training had not seen
    won: Mapped[int]
    first_closed_at: Mapped[datetime]
    last_closed_at: Mapped[datetime]
    trained_at: Mapped[datetime]
    trained_by: Mapped[str] = mapped_column(String(200), default="")
    weights: Mapped[dict[str, Any]]
    multipliers: Mapped[dict[str, Any]]
    log_loss: Mapped[float]
    log_loss_error: Mapped[float]
    accuracy: Mapped[float]
    accuracy_low: Mapped[float]
    accuracy_high: Mapped[float]
    calibration_error: Mapped[float]
    digest: Mapped[str] = mapped_column(String(64))
    model: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    evaluation: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    cases: Mapped[dict[str, Any]] = mapped_column(deferred=True)


class ModelEvent(Tenant, Row, kw_only=True):
    """What happened to a salesperson's model: trained, put in force, rolled back, and why."""

    __tablename__ = "scoring_model_events"
    __table_args__ = (Index("ix_scoring_model_events_of", "company_id", "staff_id", "at"),)

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    deed: Mapped[ModelDeed]
    number: Mapped[int]  # 0: the default
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(500), default="")
    by: Mapped[str] = mapped_column(String(200), default="")


class Salesperson(Tenant, Row, kw_only=True):
    """What one company keeps of a staff account that sells: the version in force, the preferences.

    `number` 0 is the default. Preferences carry the names of the wire in `preferences.py`.
    """

    __tablename__ = "salespeople"
    __table_args__ = (UniqueConstraint("company_id", "staff_id"),)

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(default=0)
    drifting: Mapped[bool] = mapped_column(default=False)
    tone: Mapped[Tone] = mapped_column(default=Tone.PROFESSIONAL)
    suggests_actions: Mapped[bool] = mapped_column(default=True)
    proactive: Mapped[bool] = mapped_column(default=True)
    contact_time: Mapped[str] = mapped_column(String(20), default="")
    digest: Mapped[Frequency] = mapped_column(default=Frequency.DAILY)
    instructions: Mapped[str] = mapped_column(String(2000), default="")
    digested_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)


class Prediction(Tenant, Row, kw_only=True):
    """What was predicted for a lead, by whose model; the row is its own trail.

    `staff_id` is None for the default of nobody in particular. The outcome is the lead's, once closed.
    """

    __tablename__ = "predictions"
    __table_args__ = (
        Index("ix_predictions_of_lead", "lead_id", "staff_id", "at"),
        Index("ix_predictions_of_model", "company_id", "staff_id", "at"),
    )

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), default=None)
    model_number: Mapped[int]
    probability: Mapped[float]
    at: Mapped[datetime]


class Notice(Tenant, Row, kw_only=True):
    """Something a salesperson is told in the application, once: `key` keeps it from being said again."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("company_id", "staff_id", "key"),
        Index("ix_notices_of", "company_id", "staff_id", "at"),
        Index("ix_notices_lead", "lead_id"),
    )

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    kind: Mapped[NoticeKind]
    key: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(500))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), default=None)
    body: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    at: Mapped[datetime]
    read_at: Mapped[datetime | None] = mapped_column(default=None)
