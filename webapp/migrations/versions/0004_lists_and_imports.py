"""folded keys in place of folded expressions, saved views, imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from webapp.core.db.migrate import protect
from webapp.core.folded import fold, last_name_first

revision = "0004"
down_revision = "0003"
BATCH = 5_000
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
KEYS = {
    "products": (("name_key", "name", fold),),
    "contacts": (
        ("name_key", "name", fold),
        ("name_by_surname", "name", last_name_first),
        ("company_key", "company", fold),
        ("email_key", "email", fold),
    ),
    "personas": (
        ("person_name_key", "person_name", fold),
        ("title_key", "title", fold),
        ("company_key", "company", fold),
        ("industry_key", "industry", fold),
    ),
    "jobs": (("title_key", "title", fold),),
}
OLD = {
    "products": ("name",),
    "contacts": ("name", "company", "email"),
    "personas": ("person_name", "title", "company", "industry"),
}
INDUSTRIES = {"contacts": "name", "personas": "person_name"}
NEW = {
    **{f"ix_{table}_by_{name}": (table, f"{name}_key") for table, names in OLD.items() for name in names},
    "ix_jobs_by_title": ("jobs", "title_key"),
}


def upgrade():
    drop_old_indexes()
    see_every_company()
    for table, keys in KEYS.items():
        for key, _, _ in keys:
            op.add_column(table, sa.Column(key, KEY, nullable=False, server_default=""))
        fill(table, keys)
    for name, (table, key) in NEW.items():
        op.create_index(name, table, ["company_id", key, "id"])
    for table, text in INDUSTRIES.items():
        op.create_index(f"ix_{table}_in_industry", table, ["company_id", "industry", f"{text}_key", "id"])
    op.create_index("ix_contacts_by_surname", "contacts", ["company_id", "name_by_surname", "name_key", "id"])
    create_saved_views()
    create_imports()
    protect(op, "saved_views", "imports")


def see_every_company():
    """Row-level security holds for the tables' owner too: this migration fills every company's keys."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT set_config('app.company', '*', true)")


def fill(table, keys):
    texts = sorted({text for _, text, _ in keys})
    rows = sa.table(
        table, sa.column("id", sa.Uuid()), *map(sa.column, texts), *(sa.column(key) for key, _, _ in keys)
    )
    page = sa.select(rows.c.id, *(rows.c[text] for text in texts)).order_by(rows.c.id).limit(BATCH)
    change = sa.update(rows).where(rows.c.id == sa.bindparam("row"))
    change = change.values({key: sa.bindparam(key) for key, _, _ in keys})
    found = op.get_bind().execute(page).mappings().all()
    while found:
        filled = [
            {"row": row["id"], **{key: rule(row[text] or "") for key, text, rule in keys}} for row in found
        ]
        op.get_bind().execute(change, filled)
        found = op.get_bind().execute(page.where(rows.c.id > found[-1]["id"])).mappings().all()


def drop_old_indexes():
    for table, names in OLD.items():
        for name in names:
            op.drop_index(f"ix_{table}_by_{name}", table_name=table)
    for table in INDUSTRIES:
        op.drop_index(f"ix_{table}_in_industry", table_name=table)


def create_saved_views():
    op.create_table(
        "saved_views",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("listing", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.String(length=2000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *company_and_id("saved_views"),
        sa.UniqueConstraint(
            "company_id",
            "staff_id",
            "listing",
            "name",
            name=op.f("uq_saved_views_company_id_staff_id_listing_name"),
        ),
    )
    op.create_index(op.f("ix_saved_views_company_id"), "saved_views", ["company_id"])


def create_imports():
    texts = {
        "kind": 40,
        "file_name": 200,
        "stored": 60,
        "staged": 100,
        "form": 10,
        "encoding": 20,
        "separator": 1,
        "state": 40,
        "asked_by": 200,
    }
    numbers = ("progress", "rows", "creates", "updates", "unchanged", "bad")
    op.create_table(
        "imports",
        *(sa.Column(name, sa.String(length=length), nullable=False) for name, length in texts.items()),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("skip_bad", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        *company_and_id("imports"),
    )
    op.create_index(op.f("ix_imports_company_id"), "imports", ["company_id"])
    op.create_index("ix_imports_newest", "imports", ["company_id", "created_at", "id"])


def company_and_id(table):
    return (
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f(f"fk_{table}_company_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def downgrade():
    op.drop_table("imports")
    op.drop_table("saved_views")
    op.drop_index("ix_contacts_by_surname", table_name="contacts")
    for table in INDUSTRIES:
        op.drop_index(f"ix_{table}_in_industry", table_name=table)
    for name, (table, _) in NEW.items():
        op.drop_index(name, table_name=table)
    for table, keys in KEYS.items():
        for key, _, _ in keys:
            op.drop_column(table, key)
    restore_old_indexes()


def restore_old_indexes():
    for table, names in OLD.items():
        for name in names:
            op.create_index(f"ix_{table}_by_{name}", table, ["company_id", lowered(name), "id"])
    for table, text in INDUSTRIES.items():
        op.create_index(f"ix_{table}_in_industry", table, ["company_id", "industry", lowered(text), "id"])


def lowered(column):
    on_postgres = op.get_bind().dialect.name == "postgresql"
    return sa.text(f'(lower({column}) COLLATE "C")' if on_postgres else f"lower({column})")
