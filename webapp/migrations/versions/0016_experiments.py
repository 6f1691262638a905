"""Experiments: what they ask, what they count, who met which variant, what they did."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from webapp.core.db.migrate import protect

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=40)
revision = "0016"
down_revision = "0015"
TABLES = (
    "experiment_values",
    "experiment_exposures",
    "experiment_overrides",
    "experiment_metrics",
    "experiments",
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


def refers(table, column, other):
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE"
    )


def upgrade():
    tenants(
        "experiments",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("hypothesis", sa.Text(), nullable=False),
        sa.Column("seed", sa.String(length=200), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("variants", JSON, nullable=False),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column("namespace", JSON, nullable=False),
        sa.Column("audience", JSON, nullable=False),
        sa.Column("treatment", WORD, nullable=False),
        sa.Column("minimum_sample", sa.Integer(), nullable=False),
        sa.Column("minimum_effect", sa.Double(), nullable=False),
        sa.Column("baseline", sa.Double(), nullable=True),
        sa.Column("deviation", sa.Double(), nullable=True),
        sa.Column("a_day", sa.Double(), nullable=True),
        sa.Column("alpha", sa.Double(), nullable=False),
        sa.Column("power", sa.Double(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=True),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("paused_at", MOMENT, nullable=True),
        sa.Column("stopped_at", MOMENT, nullable=True),
        sa.Column("decision", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("key_key", KEY, nullable=False),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_experiments_company_id_key")),
    )
    op.create_index("ix_experiments_by_key", "experiments", ["company_id", "key_key", "id"])
    op.create_index("ix_experiments_by_name", "experiments", ["company_id", "name_key", "id"])
    op.create_index("ix_experiments_by_started_at", "experiments", ["company_id", "started_at", "id"])
    op.create_index("ix_experiments_by_updated_at", "experiments", ["company_id", "updated_at", "id"])
    op.create_index("ix_experiments_by_state", "experiments", ["company_id", "state", "treatment"])
    tenants(
        "experiment_metrics",
        sa.Column("experiment_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("higher_is_better", sa.Boolean(), nullable=False),
        sa.Column("event_kind", WORD, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        refers("experiment_metrics", "experiment_id", "experiments"),
        sa.UniqueConstraint("experiment_id", "key", name=op.f("uq_experiment_metrics_experiment_id_key")),
    )
    op.create_index("ix_experiment_metrics_of_kind", "experiment_metrics", ["company_id", "event_kind"])
    tenants(
        "experiment_overrides",
        sa.Column("experiment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("variant", sa.String(length=100), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        refers("experiment_overrides", "experiment_id", "experiments"),
        refers("experiment_overrides", "person_id", "persons"),
        sa.UniqueConstraint(
            "experiment_id", "person_id", name=op.f("uq_experiment_overrides_experiment_id_person_id")
        ),
    )
    op.create_index("ix_experiment_overrides_person_id", "experiment_overrides", ["person_id"])
    tenants(
        "experiment_exposures",
        sa.Column("experiment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("variant", sa.String(length=100), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        refers("experiment_exposures", "experiment_id", "experiments"),
        refers("experiment_exposures", "person_id", "persons"),
        sa.UniqueConstraint(
            "company_id",
            "experiment_id",
            "person_id",
            "variant",
            name=op.f("uq_experiment_exposures_company_id_experiment_id_person_id_variant"),
        ),
    )
    op.create_index(
        "ix_experiment_exposures_of",
        "experiment_exposures",
        ["experiment_id", "person_id", "variant", "at", "company_id"],
    )
    op.create_index("ix_experiment_exposures_person_id", "experiment_exposures", ["person_id"])
    tenants(
        "experiment_values",
        sa.Column("experiment_id", sa.Uuid(), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        refers("experiment_values", "experiment_id", "experiments"),
        refers("experiment_values", "metric_id", "experiment_metrics"),
        refers("experiment_values", "person_id", "persons"),
        sa.UniqueConstraint(
            "company_id",
            "metric_id",
            "identifier",
            name=op.f("uq_experiment_values_company_id_metric_id_identifier"),
        ),
    )
    op.create_index("ix_experiment_values_experiment_id", "experiment_values", ["experiment_id"])
    op.create_index(
        "ix_experiment_values_of",
        "experiment_values",
        ["metric_id", "person_id", "at", "value", "company_id"],
    )
    op.create_index("ix_experiment_values_person_id", "experiment_values", ["person_id"])

    protect(op, *TABLES)


def downgrade():
    for table in TABLES:
        op.drop_table(table)
