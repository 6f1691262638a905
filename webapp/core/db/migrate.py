"""Bringing the database up to date, and PostgreSQL's own guard around the companies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url

from webapp.settings import Settings

# The column stands bare, so that the planner knows how many rows a company has and its indexes serve. It is
# asked for each row, and therefore plain: nothing set, or what is no id at all, is no company's.
SET = "current_setting('app.company', true)"
POLICY = f"USING (company_id = nullif(nullif({SET}, ''), '*')::uuid OR {SET} = '*')"


def protect(operations: Any, *tables: str) -> None:
    """Force row-level security onto tenants' tables; SQLite has none and is left alone.

    Without `app.company` set in the transaction no row is seen, by whatever statement.
    """
    if operations.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        operations.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        operations.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        operations.execute(f"CREATE POLICY company ON {table} {POLICY}")


def protect_again(operations: Any) -> None:
    """Renew the policy of every table that has one, where it is written differently now."""
    connection = operations.get_bind()
    if connection.dialect.name != "postgresql":
        return
    tables = connection.execute(text("SELECT tablename FROM pg_policies WHERE policyname = 'company'"))
    for table in sorted(tables.scalars()):
        operations.execute(f"DROP POLICY company ON {table}")
        operations.execute(f"CREATE POLICY company ON {table} {POLICY}")


def grant_to_application(connection: Connection, settings: Settings) -> None:
    """Let the application's own role work on the tables that another role owns."""
    if not settings.database_owner_url or connection.dialect.name != "postgresql":
        return
    role = make_url(settings.database).username
    quoted = connection.dialect.identifier_preparer.quote(role or "")
    connection.execute(
        text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted}")
    )
    connection.execute(text(f"REVOKE UPDATE, DELETE ON audit_entries FROM {quoted}"))
    connection.commit()


def measure(connection: Connection) -> None:
    """Let SQLite measure its tables, and think of companies' tables as large whatever they hold now.

    Unmeasured, or measured while it was small, it takes a company for ten rows and walks through all
    of them where an index would serve; open connections never hear of a later measure. PostgreSQL
    measures by itself.
    """
    if connection.dialect.name != "sqlite":
        return
    connection.exec_driver_sql("PRAGMA analysis_limit=1000")
    connection.exec_driver_sql("ANALYZE")
    for table, index in connection.exec_driver_sql(
        "SELECT tbl_name, name FROM sqlite_schema WHERE type = 'index'"
    ).all():
        parts = connection.exec_driver_sql("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,))
        columns = list(parts.scalars())
        if columns[0] == "company_id" or columns == ["id"]:
            connection.exec_driver_sql("DELETE FROM sqlite_stat1 WHERE tbl = ? AND idx = ?", (table, index))
            words = _assumed(columns)
            connection.exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", (table, index, words))
    connection.exec_driver_sql("ANALYZE sqlite_schema")  # this connection reads them too


ROWS, OF_A_COMPANY, OF_A_VALUE = 1_000_000, 200_000, 2_000


def _assumed(columns: list[str]) -> str:
    """How many rows share the first columns of an index, as `sqlite_stat1` writes it."""
    if columns == ["id"]:
        return f"{ROWS} 1"
    shared = [ROWS, OF_A_COMPANY, *(max(1, OF_A_VALUE // 20**number) for number in range(len(columns)))]
    counts = shared[: len(columns) + 1]
    if columns[-1] == "id":
        counts[-1] = 1
    return " ".join(map(str, counts))


def newest_revision(folder: Path) -> str:
    """Answer the newest migration's id: files are numbered, so names tell without loading Alembic."""
    return max(path.stem.split("_")[0] for path in folder.joinpath("versions").glob("[0-9]*.py"))


def is_current(connection: Connection, folder: Path) -> bool:
    """Whether the database stands at the newest migration."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == newest_revision(
        folder
    )
