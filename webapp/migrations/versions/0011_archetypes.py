"""nights, requests, members with archetypes, versions of the rules, recommendations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from webapp.core.db.migrate import protect

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=40)
revision = "0011"
down_revision = "0010"
TABLES = (
    "archetype_job_logs",
    "recommendations",
    "rule_simulations",
    "rule_events",
    "rules_in_force",
    "rule_sets",
    "archetype_counts",
    "archetype_changes",
    "members",
    "member_requests",
    "nights",
)


def tenants(table, *parts):
    op.create_table(
        table,
        *parts,
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f(f"fk_{table}_company_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_company_id"), table, ["company_id"])


def upgrade():
    tenants(
        "nights",
        sa.Column("identifier", sa.String(length=200), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("demand_ppm", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("identifier_key", KEY, nullable=False),
        sa.UniqueConstraint("company_id", "identifier", name=op.f("uq_nights_company_id_identifier")),
    )
    op.create_index("ix_nights_by_date", "nights", ["company_id", "date", "id"])
    op.create_index("ix_nights_by_identifier", "nights", ["company_id", "identifier_key", "id"])
    op.create_index("ix_nights_by_updated_at", "nights", ["company_id", "updated_at", "id"])
    op.create_index("ix_nights_company_currency", "nights", ["company_id", "currency"])
    tenants(
        "member_requests",
        sa.Column("identifier", sa.String(length=200), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("responder_id", sa.Uuid(), nullable=True),
        sa.Column("night_id", sa.Uuid(), nullable=True),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("days_until_checkin", sa.Integer(), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.Column("offered_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("decline_reason", WORD, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("paid_ppm", sa.BigInteger(), nullable=True),
        sa.Column("answer_seconds", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("identifier_key", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["night_id"], ["nights.id"], name=op.f("fk_member_requests_night_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["persons.id"], name=op.f("fk_member_requests_requester_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["responder_id"],
            ["persons.id"],
            name=op.f("fk_member_requests_responder_id"),
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint(
            "company_id", "identifier", name=op.f("uq_member_requests_company_id_identifier")
        ),
    )
    op.create_index("ix_member_requests_by_asked_at", "member_requests", ["company_id", "asked_at", "id"])
    op.create_index(
        "ix_member_requests_by_identifier", "member_requests", ["company_id", "identifier_key", "id"]
    )
    op.create_index("ix_member_requests_by_updated_at", "member_requests", ["company_id", "updated_at", "id"])
    op.create_index(
        "ix_member_requests_made",
        "member_requests",
        [
            "requester_id",
            "asked_at",
            "kind",
            "status",
            "decline_reason",
            "currency",
            "offered_minor",
            "paid_ppm",
            "company_id",
        ],
    )
    op.create_index("ix_member_requests_night_id", "member_requests", ["night_id"])
    op.create_index(
        "ix_member_requests_received",
        "member_requests",
        ["responder_id", "asked_at", "kind", "status", "answer_seconds", "company_id"],
    )
    tenants(
        "members",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("in_force", WORD, nullable=False),
        sa.Column("archetype", WORD, nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("beliefs", JSON, nullable=False),
        sa.Column("signals", JSON, nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("transactions", sa.Integer(), nullable=False),
        sa.Column("rule_set", sa.Integer(), nullable=True),
        sa.Column("detected_at", MOMENT, nullable=True),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("override", WORD, nullable=True),
        sa.Column("override_reason", sa.String(length=500), nullable=False),
        sa.Column("override_by", sa.String(length=200), nullable=False),
        sa.Column("override_at", MOMENT, nullable=True),
        sa.Column("override_expires_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_members_person_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("company_id", "person_id", name=op.f("uq_members_company_id_person_id")),
    )
    op.create_index("ix_members_company_confidence", "members", ["company_id", "confidence", "person_id"])
    op.create_index("ix_members_company_stale", "members", ["company_id", "stale", "detected_at"])
    op.create_index("ix_members_company_expires", "members", ["company_id", "override_expires_at"])
    op.create_index("ix_members_company_in_force", "members", ["company_id", "in_force", "person_id"])
    op.create_index("ix_members_company_override", "members", ["company_id", "override", "override_at"])
    op.create_index("ix_members_person", "members", ["person_id"])
    tenants(
        "archetype_changes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("cause", WORD, nullable=False),
        sa.Column("before", WORD, nullable=False),
        sa.Column("after", WORD, nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("rule_set", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_archetype_changes_person_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_archetype_changes_person", "archetype_changes", ["company_id", "person_id", "at"])
    op.create_index("ix_archetype_changes_person_id", "archetype_changes", ["person_id"])
    tenants(
        "archetype_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("archetype", WORD, nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("overridden", sa.Integer(), nullable=False),
        sa.UniqueConstraint(
            "company_id", "day", "archetype", name=op.f("uq_archetype_counts_company_id_day_archetype")
        ),
    )
    tenants(
        "rule_sets",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_rule_sets_company_id_number")),
    )
    tenants(
        "rules_in_force",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rollout", sa.Integer(), nullable=True),
        sa.Column("rollout_share", sa.Integer(), nullable=False),
        sa.Column("acceptance", JSON, nullable=False),
        sa.Column("counted_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.UniqueConstraint("company_id", name=op.f("uq_rules_in_force_company_id")),
    )
    tenants(
        "rule_events",
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("deed", WORD, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
    )
    op.create_index("ix_rule_events_company_at", "rule_events", ["company_id", "at"])
    tenants(
        "rule_simulations",
        sa.Column("rule_set_id", sa.Uuid(), nullable=False),
        sa.Column("rules_hash", sa.String(length=64), nullable=False),
        sa.Column("against", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("result", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_set_id"],
            ["rule_sets.id"],
            name=op.f("fk_rule_simulations_rule_set_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_rule_simulations_rule_set_id", "rule_simulations", ["rule_set_id"])
    op.create_index("ix_rule_simulations_set", "rule_simulations", ["company_id", "rule_set_id", "at"])
    tenants(
        "recommendations",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("rule_set", sa.Integer(), nullable=False),
        sa.Column("inputs", JSON, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("archetype", WORD, nullable=False),
        sa.Column("overridden", sa.Boolean(), nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.Column("new_member", sa.Boolean(), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.Integer(), nullable=False),
        sa.Column("recommended", WORD, nullable=False),
        sa.Column("unoverridden", WORD, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("selected", WORD, nullable=True),
        sa.Column("decided_seconds", sa.Integer(), nullable=True),
        sa.Column("revenue_minor", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_recommendations_person_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_recommendations_company_at", "recommendations", ["company_id", "at"])
    op.create_index("ix_recommendations_decided", "recommendations", ["company_id", "decided_at"])
    op.create_index("ix_recommendations_person_at", "recommendations", ["company_id", "person_id", "at"])
    op.create_index("ix_recommendations_person_id", "recommendations", ["person_id"])
    tenants(
        "archetype_job_logs",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("everyone", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("processed", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("reverted", sa.Integer(), nullable=False),
        sa.Column("failures", JSON, nullable=False),
        sa.UniqueConstraint("job_id", name=op.f("uq_archetype_job_logs_job_id")),
    )
    op.create_index("ix_archetype_job_logs_at", "archetype_job_logs", ["company_id", "started_at"])

    protect(op, *TABLES)


def downgrade():
    for table in TABLES:
        op.drop_table(table)
