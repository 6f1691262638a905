"""product fits with their proposals, contact analyses with their versions, and indexes of the cross-section."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from webapp.core.db.migrate import protect

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
revision = "0005"
down_revision = "0004"
TABLES = ("contact_analysis_versions", "contact_analyses", "fit_proposals", "product_fits")


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
        "product_fits",
        sa.Column("persona_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("value_prop_to_them", sa.Text(), nullable=False),
        sa.Column("alignment_reasoning", sa.Text(), nullable=False),
        sa.Column("provenance", JSON, nullable=False),
        sa.Column("unreviewed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["persona_id"], ["personas.id"], name=op.f("fk_product_fits_persona_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_fits_product_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("persona_id", "product_id", name=op.f("uq_product_fits_persona_id_product_id")),
    )
    op.create_index(op.f("ix_product_fits_product_id"), "product_fits", ["product_id"])
    tenants(
        "fit_proposals",
        sa.Column("persona_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("product_description", sa.Text(), nullable=False),
        sa.Column("value_prop_to_them", sa.Text(), nullable=False),
        sa.Column("alignment_reasoning", sa.Text(), nullable=False),
        sa.Column("provenance", JSON, nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["persona_id"], ["personas.id"], name=op.f("fk_fit_proposals_persona_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_fit_proposals_product_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("persona_id", name=op.f("uq_fit_proposals_persona_id")),
    )
    op.create_index(op.f("ix_fit_proposals_product_id"), "fit_proposals", ["product_id"])
    tenants(
        "contact_analyses",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("provenance", JSON, nullable=False),
        sa.Column("built_from", JSON, nullable=False),
        sa.Column("unreviewed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("draft", JSON, nullable=False),
        sa.Column("drafted_by", sa.String(length=200), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_contact_analyses_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_contact_analyses_product_id"), ondelete="SET NULL"
        ),
        sa.UniqueConstraint("contact_id", name=op.f("uq_contact_analyses_contact_id")),
    )
    op.create_index(op.f("ix_contact_analyses_product_id"), "contact_analyses", ["product_id"])
    tenants(
        "contact_analysis_versions",
        sa.Column("analysis_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("provenance", JSON, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=200), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["contact_analyses.id"],
            name=op.f("fk_contact_analysis_versions_analysis_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "analysis_id", "number", name=op.f("uq_contact_analysis_versions_analysis_id_number")
        ),
    )
    protect(op, *TABLES)
    op.create_index(
        "ix_personas_in_size", "personas", ["company_id", "company_size", "person_name_key", "id"]
    )
    op.create_index("ix_personas_by_group", "personas", ["company_id", "industry", "company_size"])


def downgrade():
    for name in ("ix_personas_in_size", "ix_personas_by_group"):
        op.drop_index(name, table_name="personas")
    for table in TABLES:
        op.drop_table(table)
