"""How long what is kept, and who looked at whom."""

import sqlalchemy as sa
from alembic import op

from webapp.core.db.migrate import protect

MOMENT = sa.DateTime(timezone=True)
revision = "0015"
down_revision = "0014"
TABLES = ("looks", "retention_rules")


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
        "retention_rules",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.UniqueConstraint("company_id", "kind", name=op.f("uq_retention_rules_company_id_kind")),
    )
    whose = [(f"{one}_id", f"{one}s") for one in ("person", "contact", "lead")]
    tenants(
        "looks",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.String(length=80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name, _ in whose),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{table}.id"], name=op.f(f"fk_looks_{name}"), ondelete="CASCADE"
            )
            for name, table in whose
        ),
        sa.UniqueConstraint(
            "company_id",
            "subject_id",
            "staff_id",
            "page",
            "hour",
            name=op.f("uq_looks_company_id_subject_id_staff_id_page_hour"),
        ),
    )
    op.create_index("ix_looks_by_at", "looks", ["company_id", "at", "id"])
    op.create_index("ix_looks_of_staff", "looks", ["company_id", "staff_id", "at"])
    for name, _ in whose:
        op.create_index(op.f(f"ix_looks_{name}"), "looks", [name])
    protect(op, *TABLES)


def downgrade():
    for table in TABLES:
        op.drop_table(table)
