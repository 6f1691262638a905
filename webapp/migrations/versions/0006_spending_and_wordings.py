"""reservations of the daily limit, a company's own wordings of prompts."""

import sqlalchemy as sa
from alembic import op

from webapp.core.db.migrate import protect

revision = "0006"
down_revision = "0005"


def upgrade():
    with op.batch_alter_table("llm_calls") as table:
        table.add_column(sa.Column("reserved", sa.BigInteger(), nullable=False, server_default="0"))
        table.alter_column(
            "version", type_=sa.String(20), existing_nullable=False, postgresql_using="version::varchar"
        )
    with op.batch_alter_table("llm_calls") as table:
        table.alter_column("reserved", server_default=None)
    op.create_index("ix_llm_calls_company_fingerprint", "llm_calls", ["company_id", "fingerprint", "at"])
    op.create_index("ix_llm_calls_company_at", "llm_calls", ["company_id", "at", "id"])
    op.create_table(
        "llm_limits",
        sa.Column("daily", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        *of_a_company("llm_limits"),
    )
    op.create_index("ix_llm_limits_company_id", "llm_limits", ["company_id"])
    op.create_table(
        "llm_wordings",
        sa.Column("prompt", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        *of_a_company("llm_wordings"),
        sa.UniqueConstraint(
            "company_id", "prompt", "number", name=op.f("uq_llm_wordings_company_id_prompt_number")
        ),
    )
    op.create_index("ix_llm_wordings_company_id", "llm_wordings", ["company_id"])
    op.create_index("ix_llm_wordings_in_force", "llm_wordings", ["company_id", "prompt", "in_force"])
    protect(op, "llm_limits")
    protect(op, "llm_wordings")


def of_a_company(table):
    return (
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f(f"fk_{table}_company_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def downgrade():
    op.drop_table("llm_wordings")
    op.drop_table("llm_limits")
    op.drop_index("ix_llm_calls_company_at", table_name="llm_calls")
    op.drop_index("ix_llm_calls_company_fingerprint", table_name="llm_calls")
    # A company's wording is told as "2.1": the file's version is what stands before the point.
    number = "cast(split_part(version, '.', 1) as integer)"
    if op.get_bind().dialect.name == "sqlite":
        op.execute("UPDATE llm_calls SET version = CAST(version AS INTEGER)")
    with op.batch_alter_table("llm_calls") as table:
        table.alter_column("version", type_=sa.Integer(), existing_nullable=False, postgresql_using=number)
        table.drop_column("reserved")
