"""indexes for the order, search and filters of the persona area's lists.

Texts are indexed as lists compare them. A batch operation that rebuilds one of these tables on
SQLite loses such indexes (their expressions cannot be read back): it must make them anew.
"""

import sqlalchemy as sa
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
INDUSTRIES = {
    "ix_contacts_in_industry": ("contacts", "name"),
    "ix_personas_in_industry": ("personas", "person_name"),
}


def folded(column):
    on_postgres = op.get_bind().dialect.name == "postgresql"
    return sa.text(f'(lower({column}) COLLATE "C")' if on_postgres else f"lower({column})")


def upgrade():
    for name, (table, _) in OLD.items():
        op.drop_index(name, table_name=table)
    for table, columns in TEXTS.items():
        for column in columns:
            op.create_index(f"ix_{table}_by_{column}", table, ["company_id", folded(column), "id"])
        op.create_index(f"ix_{table}_by_updated_at", table, ["company_id", "updated_at", "id"])
    for name, (table, column) in INDUSTRIES.items():
        op.create_index(name, table, ["company_id", "industry", folded(column), "id"])


def downgrade():
    for name, (table, _) in INDUSTRIES.items():
        op.drop_index(name, table_name=table)
    for table, columns in TEXTS.items():
        for column in (*columns, "updated_at"):
            op.drop_index(f"ix_{table}_by_{column}", table_name=table)
    for name, (table, column) in OLD.items():
        op.create_index(name, table, ["company_id", column, "id"])
