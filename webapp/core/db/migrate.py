"""Bringing the database up to date, and PostgreSQL's own guard around the companies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url

from webapp.settings import Settings

POLICY = (
    "USING (company_id::text = current_setting('app.company', true) "
    "OR current_setting('app.company', true) = '*')"
)


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
    """Let SQLite measure its tables: milliseconds, whatever their size. PostgreSQL does so by itself.

    Unmeasured it takes a company for ten rows and walks through all of them where an index would serve.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA analysis_limit=1000")
        connection.exec_driver_sql("ANALYZE")


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
