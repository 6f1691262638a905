"""Nights, requests, members with their archetypes, versions of the rules, and what was recommended."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.archetypes.facts import (
    Archetype,
    Cause,
    DeclineReason,
    RequestStatus,
    RuleDeed,
    Selected,
    Way,
)
from webapp.core.db import Row, Tenant
from webapp.core.folded import key_of, list_indexes


class Night(Tenant, Row, kw_only=True):
    """A night that members may want. Money in the currency's minor units, demand in millionths."""

    __tablename__ = "nights"
    __table_args__ = (
        UniqueConstraint("company_id", "identifier"),
        Index("ix_nights_company_currency", "company_id", "currency"),
        *list_indexes("nights", ("identifier",), ("date", "updated_at")),
    )

    identifier: Mapped[str] = mapped_column(String(200))
    date: Mapped[date]
    base_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    demand_ppm: Mapped[int | None] = mapped_column(BigInteger, default=None)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    identifier_key: Mapped[str] = key_of("identifier")


class MemberRequest(Tenant, Row, kw_only=True):
    """One member's request of another. Money in the currency's minor units.

    `paid_ppm` is offered ÷ base in millionths and `answer_seconds` how long the answer took: both follow
    from the other columns and stand here so that sums over many requests are whole numbers, and exact.
    The two long indexes hold everything that detection reads, so that it never reads the table.
    """

    __tablename__ = "member_requests"
    __table_args__ = (
        UniqueConstraint("company_id", "identifier"),
        Index(
            "ix_member_requests_made",
            "requester_id",
            "asked_at",
            "kind",
            "status",
            "decline_reason",
            "currency",
            "offered_minor",
            "paid_ppm",
            "company_id",
        ),
        Index(
            "ix_member_requests_received",
            "responder_id",
            "asked_at",
            "kind",
            "status",
            "answer_seconds",
            "company_id",
        ),
        *list_indexes("member_requests", ("identifier",), ("asked_at", "updated_at")),
    )

    identifier: Mapped[str] = mapped_column(String(200))
    requester_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    responder_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.id", ondelete="SET NULL"), default=None
    )
    night_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("nights.id", ondelete="SET NULL"), default=None, index=True
    )
    kind: Mapped[Way]
    asked_at: Mapped[datetime]
    days_until_checkin: Mapped[int]
    base_minor: Mapped[int] = mapped_column(BigInteger)
    offered_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[RequestStatus]
    decline_reason: Mapped[DeclineReason | None] = mapped_column(default=None)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    paid_ppm: Mapped[int | None] = mapped_column(BigInteger, default=None)
    answer_seconds: Mapped[int | None] = mapped_column(BigInteger, default=None)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    identifier_key: Mapped[str] = key_of("identifier")


class Member(Tenant, Row, kw_only=True):
    """What is known of a person as a member: detected archetype, override, how requests were answered.

    A person has a row from their first request, recommendation or override on. `in_force` is the
    override's archetype while there is one, else the detected one. How `beliefs`, `signals` and
    `answers` are to be read is said in `detecting`. `stale` is set when the history changes.
    """

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("company_id", "person_id"),
        Index("ix_members_person", "person_id"),
        Index("ix_members_company_in_force", "company_id", "in_force", "person_id"),
        Index("ix_members_company_confidence", "company_id", "confidence", "person_id"),
        Index("ix_members_company_stale", "company_id", "stale", "detected_at"),
        Index("ix_members_company_expires", "company_id", "override_expires_at"),
        Index("ix_members_company_override", "company_id", "override", "override_at"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    in_force: Mapped[Archetype] = mapped_column(default=Archetype.AVERAGE_USER)
    archetype: Mapped[Archetype] = mapped_column(default=Archetype.AVERAGE_USER)
    confidence: Mapped[float] = mapped_column(default=0.0)
    beliefs: Mapped[list[Any]] = mapped_column(default_factory=list)
    signals: Mapped[list[Any]] = mapped_column(default_factory=list)
    answers: Mapped[list[Any]] = mapped_column(default_factory=list)
    transactions: Mapped[int] = mapped_column(default=0)
    rule_set: Mapped[int | None] = mapped_column(default=None)
    detected_at: Mapped[datetime | None] = mapped_column(default=None)
    stale: Mapped[bool] = mapped_column(default=True)
    override: Mapped[Archetype | None] = mapped_column(default=None)
    override_reason: Mapped[str] = mapped_column(String(500), default="")
    override_by: Mapped[str] = mapped_column(String(200), default="")
    override_at: Mapped[datetime | None] = mapped_column(default=None)
    override_expires_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)


class ArchetypeChange(Tenant, Row, kw_only=True):
    """A change of the archetype in force of a member, with why."""

    __tablename__ = "archetype_changes"
    __table_args__ = (Index("ix_archetype_changes_person", "company_id", "person_id", "at"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    cause: Mapped[Cause]
    before: Mapped[Archetype]
    after: Mapped[Archetype]
    confidence: Mapped[float]
    rule_set: Mapped[int | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(String(500), default="")
    by: Mapped[str] = mapped_column(String(200), default="")


class ArchetypeCount(Tenant, Row, kw_only=True):
    """How many members had an archetype in force on a day, and how many of them by override."""

    __tablename__ = "archetype_counts"
    __table_args__ = (UniqueConstraint("company_id", "day", "archetype"),)

    day: Mapped[date]
    archetype: Mapped[Archetype]
    members: Mapped[int]
    overridden: Mapped[int] = mapped_column(default=0)


class RuleSet(Tenant, Row, kw_only=True):
    """One version of the rules. Once published its values never change; `number` counts in the company."""

    __tablename__ = "rule_sets"
    __table_args__ = (UniqueConstraint("company_id", "number"),)

    number: Mapped[int]
    rules: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(String(500), default="")
    by: Mapped[str] = mapped_column(String(200), default="")
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RulesInForce(Tenant, Row, kw_only=True):
    """Which version a company's members get; one row a company.

    `rollout` is a version that `rollout_share` percent of the members get instead. `acceptance` counts by
    way how many of the company's requests were accepted and decided within the look-back.
    """

    __tablename__ = "rules_in_force"
    __table_args__ = (UniqueConstraint("company_id"),)

    number: Mapped[int]
    rollout: Mapped[int | None] = mapped_column(default=None)
    rollout_share: Mapped[int] = mapped_column(default=0)
    acceptance: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    counted_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]


class RuleEvent(Tenant, Row, kw_only=True):
    """When which version was published, rolled out, withdrawn or put in force again, by whom, why."""

    __tablename__ = "rule_events"
    __table_args__ = (Index("ix_rule_events_company_at", "company_id", "at"),)

    at: Mapped[datetime]
    deed: Mapped[RuleDeed]
    number: Mapped[int]
    share: Mapped[int] = mapped_column(default=100)
    reason: Mapped[str] = mapped_column(String(500), default="")
    by: Mapped[str] = mapped_column(String(200), default="")


class Simulation(Tenant, Row, kw_only=True):
    """What one version of the rules would have done with the stored history, beside another."""

    __tablename__ = "rule_simulations"
    __table_args__ = (Index("ix_rule_simulations_set", "company_id", "rule_set_id", "at"),)

    rule_set_id: Mapped[UUID] = mapped_column(ForeignKey("rule_sets.id", ondelete="CASCADE"), index=True)
    rules_hash: Mapped[str] = mapped_column(String(64))
    against: Mapped[int]
    at: Mapped[datetime]
    result: Mapped[dict[str, Any]]


class Recommendation(Tenant, Row, kw_only=True):
    """One answer: what it was made from, a digest of its bytes, and what the member did.

    `inputs` is everything the answer follows from; with the version of the rules it gives the same bytes
    again. `unoverridden` is the default that the member would have got without the override.
    """

    __tablename__ = "recommendations"
    __table_args__ = (
        Index("ix_recommendations_company_at", "company_id", "at"),
        Index("ix_recommendations_person_at", "company_id", "person_id", "at"),
        Index("ix_recommendations_decided", "company_id", "decided_at"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    rule_set: Mapped[int]
    inputs: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    archetype: Mapped[Archetype]
    overridden: Mapped[bool]
    held_out: Mapped[bool]
    new_member: Mapped[bool]
    urgency: Mapped[str] = mapped_column(String(10))
    rule: Mapped[int]
    recommended: Mapped[Way]
    unoverridden: Mapped[Way | None] = mapped_column(default=None)
    currency: Mapped[str] = mapped_column(String(3))
    selected: Mapped[Selected | None] = mapped_column(default=None)
    decided_seconds: Mapped[int | None] = mapped_column(default=None)
    revenue_minor: Mapped[int | None] = mapped_column(BigInteger, default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)


class RecalculationLog(Tenant, Row, kw_only=True):
    """One run of the recalculation: when, how many members, what became of them, what failed and why."""

    __tablename__ = "archetype_job_logs"
    __table_args__ = (
        UniqueConstraint("job_id"),
        Index("ix_archetype_job_logs_at", "company_id", "started_at"),
    )

    job_id: Mapped[UUID]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    everyone: Mapped[bool] = mapped_column(default=False)
    by: Mapped[str] = mapped_column(String(200), default="")
    found: Mapped[int] = mapped_column(default=0)
    processed: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    reverted: Mapped[int] = mapped_column(default=0)
    failures: Mapped[list[Any]] = mapped_column(default_factory=list)
