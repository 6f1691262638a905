"""What the instance was told: each variable, the value in force, and where it comes from; no secret."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.core.db.migrate import newest_revision
from webapp.settings import Settings

SECRETS = {"secret_key", "audit_key", "openai_api_key", "metrics_token", "redis_password"}
PASSWORD = re.compile(r"(://[^:/@]*):.*@")  # up to the last @: a password may hold one
ASKED = re.compile(r"([?&](?:ssl)?password=)[^&]*", re.IGNORECASE)
MIGRATIONS = Path(__file__).parents[1] / "migrations"


@dataclass(frozen=True)
class Told:
    """One variable as the page shows it."""

    name: str
    value: str
    source: str


def told_settings(settings: Settings) -> list[Told]:
    """List every variable that Atelier reads."""
    return [_told(settings, name) for name in type(settings).model_fields]


def _told(settings: Settings, name: str) -> Told:
    value = getattr(settings, name)
    given = bool(os.environ.get(name.upper()))
    source = "environment" if given else "the start" if name in settings.model_fields_set else "default"
    if name in SECRETS:
        shown = "set" if value else "not set"
    else:
        shown = without_password(f"{value:g}" if isinstance(value, float) else str(value)) or "not set"
    return Told(name.upper(), shown, source)


def without_password(address: str) -> str:
    """An address without the password it carries, before its host or among its parameters."""
    return ASKED.sub(r"\1•••", PASSWORD.sub(r"\1:•••@", address))


def facts(session: Session, settings: Settings) -> list[tuple[str, str]]:
    """Say where rows, queue and files are, and at which migration the database stands."""
    here = session.connection().execute(text("SELECT version_num FROM alembic_version")).scalar()
    newest = newest_revision(MIGRATIONS)
    engine = session.get_bind().dialect.name
    return [
        ("Instance folder", str(settings.instance)),
        ("Database", f"{engine}{' in the instance folder' if settings.embedded_database else ''}"),
        ("Queue", "embedded" if settings.embedded_queue else without_password(settings.redis)),
        ("Migration", f"{here} (the newest)" if here == newest else f"{here}; {newest} is waiting"),
        ("Drafts", "by rules" if settings.drafts_by_rules else f"by {settings.openai_model}"),
    ]
