"""the audit chain, append-only; invitations, confirmed sessions, tokens that expire.

A later batch operation on audit_entries rebuilds the table on SQLite and loses its triggers: it must
make them anew with `guard()` and drop them with `unguard()` before.
"""

import sqlalchemy as sa
from alembic import op
from flask import current_app

from webapp.core.chain import FIRST, ChainKey
from webapp.core.db.base import Json, UtcDateTime, new_id
from webapp.core.db.migrate import protect

revision = "0007"
down_revision = "0006"
MOMENT = sa.DateTime(timezone=True)

ENTRIES = sa.table(
    "audit_entries",
    *(sa.column(name, sa.Uuid()) for name in ("id", "company_id", "subject_id", "staff_id", "token_id")),
    sa.column("at", UtcDateTime()),
    sa.column("changes", Json),
    *(sa.column(name, sa.String()) for name in ("action", "subject", "address", "request_id", "reason")),
    sa.column("seq", sa.BigInteger()),
    sa.column("previous", sa.String()),
    sa.column("hash", sa.String()),
)
HEADS = sa.table(
    "audit_heads",
    sa.column("id", sa.Uuid()),
    sa.column("company_id", sa.Uuid()),
    sa.column("seq", sa.BigInteger()),
    sa.column("hash", sa.String()),
    sa.column("seal", sa.String()),
)
COMPANIES = sa.table("companies", sa.column("id", sa.Uuid()))


def upgrade():
    if postgres():
        op.execute("SELECT set_config('app.company', '*', true)")
    with op.batch_alter_table("audit_entries") as table:
        table.add_column(sa.Column("seq", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("previous", sa.String(64), nullable=True))
        table.add_column(sa.Column("hash", sa.String(64), nullable=True))
    heads_and_keys()
    chain_what_is_there()
    with op.batch_alter_table("audit_entries") as table:
        for name, kind in (("seq", sa.BigInteger()), ("previous", sa.String(64)), ("hash", sa.String(64))):
            table.alter_column(name, existing_type=kind, nullable=False)
        table.create_unique_constraint(op.f("uq_audit_entries_company_id_seq"), ["company_id", "seq"])
    op.create_index("ix_audit_entries_company_at", "audit_entries", ["company_id", "at", "id"])
    op.create_index("ix_audit_entries_company_subject", "audit_entries", ["company_id", "subject"])
    guard()
    people()
    protect(op, "audit_heads", "audit_person_keys", "invitations")


def heads_and_keys():
    op.create_table(
        "audit_heads",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        *of_a_company("audit_heads"),
        sa.UniqueConstraint("company_id", name=op.f("uq_audit_heads_company_id")),
    )
    op.create_index("ix_audit_heads_company_id", "audit_heads", ["company_id"])
    op.create_table(
        "audit_person_keys",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        *of_a_company("audit_person_keys"),
        sa.UniqueConstraint(
            "company_id", "person_id", name=op.f("uq_audit_person_keys_company_id_person_id")
        ),
    )
    op.create_index("ix_audit_person_keys_company_id", "audit_person_keys", ["company_id"])


def chain_what_is_there():
    connection = op.get_bind()
    chain = ChainKey(current_app.extensions["atelier"].settings.audit_secret())
    for company_id in connection.scalars(sa.select(COMPANIES.c.id)).all():
        seq, last = 0, FIRST
        mine = (
            sa.select(ENTRIES).where(ENTRIES.c.company_id == company_id).order_by(ENTRIES.c.at, ENTRIES.c.id)
        )
        for row in connection.execute(mine).mappings().all():
            seq += 1
            link = {"seq": seq, "previous": last}
            last = chain.hash({**row, **link})
            connection.execute(sa.update(ENTRIES).where(ENTRIES.c.id == row["id"]).values(**link, hash=last))
        if seq:
            seal = chain.seal(company_id, seq, last)
            connection.execute(
                sa.insert(HEADS).values(id=new_id(), company_id=company_id, seq=seq, hash=last, seal=seal)
            )


def people():
    op.create_table(
        "invitations",
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        *of_a_company("invitations"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index("ix_invitations_company_id", "invitations", ["company_id"])
    with op.batch_alter_table("memberships") as table:
        table.add_column(sa.Column("disabled", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("staff_sessions") as table:
        table.add_column(sa.Column("confirmed_at", MOMENT, nullable=True))
    with op.batch_alter_table("api_tokens") as table:
        table.add_column(sa.Column("created_by", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("publishable", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("origins", Json, nullable=False, server_default="[]"))
        table.add_column(sa.Column("used_at", MOMENT, nullable=True))
        table.add_column(sa.Column("expires_at", MOMENT, nullable=True))
    for name, columns in {"memberships": ("disabled",), "api_tokens": ("publishable", "origins")}.items():
        with op.batch_alter_table(name) as table:
            for column in columns:
                table.alter_column(column, server_default=None)


def guard():
    """Let no statement change or remove an entry whose company is there."""
    if postgres():
        op.execute(
            "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM companies WHERE id = OLD.company_id) "
            "THEN RETURN OLD; END IF; "
            "RAISE EXCEPTION 'audit entries are append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_entries_kept BEFORE UPDATE OR DELETE ON audit_entries "
            "FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()"
        )
        op.execute(
            "CREATE TRIGGER audit_entries_full BEFORE TRUNCATE ON audit_entries "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )
        return
    refuse = "BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END"
    op.execute(f"CREATE TRIGGER audit_entries_unchanged BEFORE UPDATE ON audit_entries {refuse}")
    living = "WHEN EXISTS (SELECT 1 FROM companies WHERE id = OLD.company_id)"
    op.execute(f"CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries {living} {refuse}")


def unguard():
    if postgres():
        op.execute("DROP TRIGGER audit_entries_full ON audit_entries")
        op.execute("DROP TRIGGER audit_entries_kept ON audit_entries")
        op.execute("DROP FUNCTION audit_is_append_only()")
        return
    op.execute("DROP TRIGGER audit_entries_unchanged")
    op.execute("DROP TRIGGER audit_entries_kept")


def postgres():
    return op.get_bind().dialect.name == "postgresql"


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
    with op.batch_alter_table("api_tokens") as table:
        for column in ("expires_at", "used_at", "origins", "publishable", "created_by"):
            table.drop_column(column)
    with op.batch_alter_table("staff_sessions") as table:
        table.drop_column("confirmed_at")
    with op.batch_alter_table("memberships") as table:
        table.drop_column("disabled")
    op.drop_table("invitations")
    unguard()
    op.drop_index("ix_audit_entries_company_subject", table_name="audit_entries")
    op.drop_index("ix_audit_entries_company_at", table_name="audit_entries")
    with op.batch_alter_table("audit_entries") as table:
        table.drop_constraint(op.f("uq_audit_entries_company_id_seq"), type_="unique")
        for column in ("hash", "previous", "seq"):
            table.drop_column(column)
    op.drop_table("audit_person_keys")
    op.drop_table("audit_heads")
