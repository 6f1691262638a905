"""keys and indexes for the order, search and filters of the persona area's lists; see core/folded.py."""

from alembic import op

revision = "0003"
down_revision = "0002"
OLD = {
    "ix_products_name": ("products", "name"),
    "ix_contacts_name": ("contacts", "name"),
    "ix_contacts_employer": ("contacts", "company"),
    "ix_personas_name": ("personas", "person_name"),
}
TEXTS = {
    "products": ("name",),
    "contacts": ("name", "company", "email"),
    "personas": ("person_name", "title", "company", "industry"),
}
INDUSTRIES = {"contacts": "name_key", "personas": "person_name_key"}


def upgrade():
    for name, (table, _) in OLD.items():
        op.drop_index(name, table_name=table)
    for table, columns in TEXTS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column}_key {key_type(column)}")
            op.create_index(f"ix_{table}_by_{column}", table, ["company_id", f"{column}_key", "id"])
        op.create_index(f"ix_{table}_by_updated_at", table, ["company_id", "updated_at", "id"])
    for table, key in INDUSTRIES.items():
        op.create_index(f"ix_{table}_in_industry", table, ["company_id", "industry", key, "id"])


def key_type(column):
    """SQLite adds only virtual columns to a table; PostgreSQL 15 knows only stored ones."""
    if op.get_bind().dialect.name == "postgresql":
        return f'text COLLATE "C" GENERATED ALWAYS AS (lower({column})) STORED'
    return f"TEXT GENERATED ALWAYS AS (lower({column})) VIRTUAL"


def downgrade():
    for table in INDUSTRIES:
        op.drop_index(f"ix_{table}_in_industry", table_name=table)
    for table, columns in TEXTS.items():
        op.drop_index(f"ix_{table}_by_updated_at", table_name=table)
        for column in columns:
            op.drop_index(f"ix_{table}_by_{column}", table_name=table)
            op.drop_column(table, f"{column}_key")
    for name, (table, column) in OLD.items():
        op.create_index(name, table, ["company_id", column, "id"])
