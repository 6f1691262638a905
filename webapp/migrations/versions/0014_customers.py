"""Customers: preferences, consents, catalog, events, offers, contents, models, prices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from webapp.core.db.migrate import protect

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=40)
revision = "0014"
down_revision = "0013"
TABLES = (
    "tombstones",
    "price_quotes",
    "price_rules",
    "recommender_models",
    "content_blocks",
    "offers_given",
    "offers",
    "customer_dislikes",
    "customer_events",
    "catalog_items",
    "consents",
    "customer_preferences",
    "customer_settings",
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
        "tombstones",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("company_id", "digest", name=op.f("uq_tombstones_company_id_digest")),
    )
    tenants(
        "customer_settings",
        sa.Column("defaults", JSON, nullable=False),
        sa.Column("consent_first", sa.Boolean(), nullable=False),
        sa.Column("wording", sa.String(length=40), nullable=False),
        sa.Column("off", JSON, nullable=False),
        sa.Column("search_shift", sa.Integer(), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.UniqueConstraint("company_id", name=op.f("uq_customer_settings_company_id")),
    )
    tenants(
        "customer_preferences",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("theme", WORD, nullable=True),
        sa.Column("layout", WORD, nullable=True),
        sa.Column("timezone", sa.String(length=60), nullable=True),
        sa.Column("email", sa.Boolean(), nullable=True),
        sa.Column("sms", sa.Boolean(), nullable=True),
        sa.Column("push", sa.Boolean(), nullable=True),
        sa.Column("tracking_enabled", sa.Boolean(), nullable=True),
        sa.Column("personalized_ads", sa.Boolean(), nullable=True),
        sa.Column("data_sharing", sa.Boolean(), nullable=True),
        sa.Column("functional", sa.Boolean(), nullable=True),
        sa.Column("analytics", sa.Boolean(), nullable=True),
        sa.Column("marketing", sa.Boolean(), nullable=True),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_customer_preferences_person_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "company_id", "person_id", name=op.f("uq_customer_preferences_company_id_person_id")
        ),
    )
    op.create_index("ix_customer_preferences_person_id", "customer_preferences", ["person_id"])
    tenants(
        "consents",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", WORD, nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("wording", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_consents_person_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_consents_by_at", "consents", ["company_id", "at", "id"])
    op.create_index("ix_consents_of_person", "consents", ["company_id", "person_id", "at"])
    op.create_index("ix_consents_person_id", "consents", ["person_id"])
    tenants(
        "catalog_items",
        sa.Column("identifier", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("attributes", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("title_key", KEY, nullable=False),
        sa.Column("identifier_key", KEY, nullable=False),
        sa.UniqueConstraint("company_id", "identifier", name=op.f("uq_catalog_items_company_id_identifier")),
    )
    op.create_index("ix_catalog_items_by_identifier", "catalog_items", ["company_id", "identifier_key", "id"])
    op.create_index("ix_catalog_items_by_price_minor", "catalog_items", ["company_id", "price_minor", "id"])
    op.create_index("ix_catalog_items_by_title", "catalog_items", ["company_id", "title_key", "id"])
    op.create_index("ix_catalog_items_by_updated_at", "catalog_items", ["company_id", "updated_at", "id"])
    op.create_index("ix_catalog_items_in_category", "catalog_items", ["company_id", "category", "available"])
    tenants(
        "customer_events",
        sa.Column("identifier", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("item", sa.String(length=200), nullable=True),
        sa.Column("query", sa.String(length=500), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("session", sa.String(length=200), nullable=True),
        sa.Column("properties", JSON, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_customer_events_person_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "company_id", "identifier", name=op.f("uq_customer_events_company_id_identifier")
        ),
    )
    op.create_index("ix_customer_events_at", "customer_events", ["company_id", "at"])
    op.create_index("ix_customer_events_of_item", "customer_events", ["company_id", "item", "at"])
    op.create_index(
        "ix_customer_events_of_person",
        "customer_events",
        ["person_id", "at", "kind", "item", "value", "company_id"],
    )
    tenants(
        "customer_dislikes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_customer_dislikes_person_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "company_id", "person_id", "item", name=op.f("uq_customer_dislikes_company_id_person_id_item")
        ),
    )
    op.create_index("ix_customer_dislikes_person_id", "customer_dislikes", ["person_id"])
    tenants(
        "offers",
        sa.Column("identifier", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("audience", JSON, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=True),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("title_key", KEY, nullable=False),
        sa.Column("identifier_key", KEY, nullable=False),
        sa.UniqueConstraint("company_id", "identifier", name=op.f("uq_offers_company_id_identifier")),
    )
    op.create_index("ix_offers_by_identifier", "offers", ["company_id", "identifier_key", "id"])
    op.create_index("ix_offers_by_starts_at", "offers", ["company_id", "starts_at", "id"])
    op.create_index("ix_offers_by_title", "offers", ["company_id", "title_key", "id"])
    op.create_index("ix_offers_by_updated_at", "offers", ["company_id", "updated_at", "id"])
    tenants(
        "offers_given",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name=op.f("fk_offers_given_offer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_offers_given_person_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "company_id", "offer_id", "person_id", name=op.f("uq_offers_given_company_id_offer_id_person_id")
        ),
    )
    op.create_index("ix_offers_given_offer_id", "offers_given", ["offer_id"])
    op.create_index("ix_offers_given_person_id", "offers_given", ["person_id"])
    tenants(
        "content_blocks",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slot", WORD, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("audience", JSON, nullable=False),
        sa.Column("fallbacks", JSON, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=True),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("name_key", KEY, nullable=False),
    )
    op.create_index("ix_content_blocks_by_name", "content_blocks", ["company_id", "name_key", "id"])
    op.create_index("ix_content_blocks_by_updated_at", "content_blocks", ["company_id", "updated_at", "id"])
    op.create_index("ix_content_blocks_in_slot", "content_blocks", ["company_id", "slot", "priority"])
    tenants(
        "recommender_models",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("quality", JSON, nullable=False),
        sa.Column("trained_at", MOMENT, nullable=False),
        sa.Column("trained_by", sa.String(length=200), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_recommender_models_company_id_number")),
    )
    tenants(
        "price_rules",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_price_rules_company_id_number")),
    )
    tenants(
        "price_quotes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("valid_until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_price_quotes_person_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_price_quotes_of", "price_quotes", ["company_id", "person_id", "item", "valid_until"])
    op.create_index("ix_price_quotes_at", "price_quotes", ["company_id", "at", "id"])
    op.create_index("ix_price_quotes_person_id", "price_quotes", ["person_id"])

    protect(op, *TABLES)


def downgrade():
    for table in TABLES:
        op.drop_table(table)
