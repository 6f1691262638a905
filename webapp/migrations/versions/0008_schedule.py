"""a job's log and progress, schedules, indexes for the lists of jobs and items."""

import sqlalchemy as sa
from alembic import op

from webapp.core.db.migrate import protect

revision = "0008"
down_revision = "0007"
JOB_INDEXES = {
    "ix_jobs_company_created": ["company_id", "created_at", "id"],
    "ix_jobs_company_state": ["company_id", "state"],
    "ix_jobs_company_kind": ["company_id", "kind"],
    "ix_jobs_company_asked_by": ["company_id", "asked_by"],
    "ix_jobs_company_queue": ["company_id", "queue"],
}


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
    protect(op, table)


def upgrade():
    with op.batch_alter_table("jobs") as table:
        table.add_column(sa.Column("progress_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    for name, columns in JOB_INDEXES.items():
        op.create_index(name, "jobs", columns)
    op.create_index("ix_job_items_job_state", "job_items", ["job_id", "state", "position"])
    tenants(
        "job_events",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deed", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_events_job_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_job_events_job", "job_events", ["job_id", "id"])
    tenants(
        "schedules",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("plan", sa.String(length=120), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_job_id", sa.Uuid(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_by", sa.String(length=200), nullable=False),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_schedules_company_id_name")),
    )


def downgrade():
    op.drop_table("schedules")
    op.drop_table("job_events")
    op.drop_index("ix_job_items_job_state", table_name="job_items")
    for name in JOB_INDEXES:
        op.drop_index(name, table_name="jobs")
    with op.batch_alter_table("jobs") as table:
        table.drop_column("forgotten_at")
        table.drop_column("progress_at")
