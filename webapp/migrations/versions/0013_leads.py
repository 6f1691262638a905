"""Leads with activities and stages, salespeople’s models, predictions, notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from webapp.core.db.migrate import protect

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=40)
revision = "0013"
down_revision = "0012"
TABLES = (
    "notices",
    "predictions",
    "salespeople",
    "scoring_model_events",
    "scoring_models",
    "lead_facts",
    "stage_changes",
    "activities",
    "leads",
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
        "leads",
        sa.Column("identifier", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("stage", WORD, nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("closer_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("stage_changed_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("attributes", JSON, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.Column("confidence", WORD, nullable=True),
        sa.Column("next_action", WORD, nullable=True),
        sa.Column("priority", WORD, nullable=True),
        sa.Column("at_risk", sa.Boolean(), nullable=False),
        sa.Column("model_number", sa.Integer(), nullable=True),
        sa.Column("scored_at", MOMENT, nullable=True),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("identifier_key", KEY, nullable=False),
        sa.Column("email_key", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["closer_id"], ["staff.id"], name=op.f("fk_leads_closer_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff.id"], name=op.f("fk_leads_owner_id"), ondelete="SET NULL"
        ),
        sa.UniqueConstraint("company_id", "identifier", name=op.f("uq_leads_company_id_identifier")),
    )
    op.create_index("ix_leads_by_email", "leads", ["company_id", "email_key", "id"])
    op.create_index("ix_leads_by_identifier", "leads", ["company_id", "identifier_key", "id"])
    op.create_index("ix_leads_by_name", "leads", ["company_id", "name_key", "id"])
    op.create_index("ix_leads_by_probability", "leads", ["company_id", "probability", "id"])
    op.create_index("ix_leads_by_score", "leads", ["company_id", "score", "id"])
    op.create_index("ix_leads_by_updated_at", "leads", ["company_id", "updated_at", "id"])
    op.create_index("ix_leads_in_stage", "leads", ["company_id", "stage", "name_key", "id"])
    op.create_index("ix_leads_closer", "leads", ["closer_id"])
    op.create_index("ix_leads_of_closer", "leads", ["company_id", "closer_id", "stage", "closed_at"])
    op.create_index("ix_leads_of_owner", "leads", ["company_id", "owner_id", "stage", "closed_at"])
    op.create_index("ix_leads_owner", "leads", ["owner_id"])
    op.create_index("ix_leads_source", "leads", ["company_id", "source"])
    tenants(
        "activities",
        sa.Column("identifier", sa.String(length=200), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("fk_activities_lead_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("company_id", "identifier", name=op.f("uq_activities_company_id_identifier")),
    )
    op.create_index("ix_activities_by_at", "activities", ["company_id", "at", "id"])
    op.create_index("ix_activities_of_lead", "activities", ["lead_id", "kind", "at", "company_id"])
    tenants(
        "stage_changes",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("stage", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("fk_stage_changes_lead_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("lead_id", "stage", "at", name=op.f("uq_stage_changes_lead_id_stage_at")),
    )
    op.create_index("ix_stage_changes_of_lead", "stage_changes", ["lead_id", "at", "stage", "company_id"])
    tenants(
        "lead_facts",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("fk_lead_facts_lead_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_lead_facts_of_lead", "lead_facts", ["lead_id", "at"])
    tenants(
        "scoring_models",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("won", sa.Integer(), nullable=False),
        sa.Column("first_closed_at", MOMENT, nullable=False),
        sa.Column("last_closed_at", MOMENT, nullable=False),
        sa.Column("trained_at", MOMENT, nullable=False),
        sa.Column("trained_by", sa.String(length=200), nullable=False),
        sa.Column("weights", JSON, nullable=False),
        sa.Column("multipliers", JSON, nullable=False),
        sa.Column("log_loss", sa.Double(), nullable=False),
        sa.Column("log_loss_error", sa.Double(), nullable=False),
        sa.Column("accuracy", sa.Double(), nullable=False),
        sa.Column("accuracy_low", sa.Double(), nullable=False),
        sa.Column("accuracy_high", sa.Double(), nullable=False),
        sa.Column("calibration_error", sa.Double(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("model", JSON, nullable=False),
        sa.Column("evaluation", JSON, nullable=False),
        sa.Column("cases", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_scoring_models_staff_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "company_id", "staff_id", "number", name=op.f("uq_scoring_models_company_id_staff_id_number")
        ),
    )
    op.create_index("ix_scoring_models_staff_id", "scoring_models", ["staff_id"])
    tenants(
        "scoring_model_events",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("deed", WORD, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_scoring_model_events_staff_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_scoring_model_events_of", "scoring_model_events", ["company_id", "staff_id", "at"])
    op.create_index("ix_scoring_model_events_staff_id", "scoring_model_events", ["staff_id"])
    tenants(
        "salespeople",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("drifting", sa.Boolean(), nullable=False),
        sa.Column("tone", WORD, nullable=False),
        sa.Column("suggests_actions", sa.Boolean(), nullable=False),
        sa.Column("proactive", sa.Boolean(), nullable=False),
        sa.Column("contact_time", sa.String(length=20), nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("instructions", sa.String(length=2000), nullable=False),
        sa.Column("digested_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_salespeople_staff_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("company_id", "staff_id", name=op.f("uq_salespeople_company_id_staff_id")),
    )
    op.create_index("ix_salespeople_staff_id", "salespeople", ["staff_id"])
    tenants(
        "predictions",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("model_number", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("fk_predictions_lead_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_predictions_staff_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_predictions_of_lead", "predictions", ["lead_id", "staff_id", "at"])
    op.create_index("ix_predictions_of_model", "predictions", ["company_id", "staff_id", "at"])
    tenants(
        "notices",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("body", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("fk_notices_lead_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_notices_staff_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("company_id", "staff_id", "key", name=op.f("uq_notices_company_id_staff_id_key")),
    )
    op.create_index("ix_notices_lead", "notices", ["lead_id"])
    op.create_index("ix_notices_of", "notices", ["company_id", "staff_id", "at"])
    op.create_index("ix_notices_staff_id", "notices", ["staff_id"])

    protect(op, *TABLES)


def downgrade():
    for table in TABLES:
        op.drop_table(table)
