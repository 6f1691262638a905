"""Is this instance fit to serve real users? Every reason against it, in a sentence."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Company, Staff
from webapp.core.cli import as_json, plainly, told
from webapp.core.db import db
from webapp.core.db.migrate import is_current
from webapp.core.services import services
from webapp.settings import SHORTEST_SECRET, Settings

MIGRATIONS = Path(__file__).parents[1] / "migrations"
FEWEST_SIGNS = 12  # different signs in a secret that somebody made up by chance


@click.command("check")
@click.option("--deploy", is_flag=True, required=True, help="Check that it is fit for production.")
@with_appcontext
@as_json
@plainly
def check(deploy: bool, as_json: bool) -> None:  # noqa: FBT001  # click hands it over
    """Look for what must not be so in production; status 1 when something is."""
    del deploy
    settings = services().settings
    problems = [*_of_settings(settings), *_of_data(db.session(), settings)]
    sentence = "\n".join(f"- {one}" for one in problems) or "Fit for production."
    told({"ok": not problems, "problems": problems}, sentence, as_json=as_json)
    sys.exit(1 if problems else 0)


def _of_settings(settings: Settings) -> list[str]:
    secret = settings.secret_key
    weak = len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_SIGNS
    secure = current_app.config["SESSION_COOKIE_SECURE"] and settings.production
    found = {
        "ATELIER_ENV is not production.": not settings.production,
        "SECRET_KEY is missing or weak: give 32 random characters or more.": weak,
        "Debugging is on.": current_app.debug or os.environ.get("FLASK_DEBUG", "0") not in {"", "0", "false"},
        "Cookies are not confined to https: PUBLIC_URL must start with https://.": not secure,
        "DATABASE_URL is missing: rows would stand in a local file.": settings.embedded_database,
        "REDIS_URL is missing: the queue would be the embedded one.": settings.embedded_queue,
        "ATELIER_FAULT is set; it is for tests.": bool(os.environ.get("ATELIER_FAULT")),
    }
    return [sentence for sentence, wrong in found.items() if wrong]


def _of_data(session: Session, settings: Settings) -> list[str]:
    if not is_current(session.connection(), MIGRATIONS):
        return ["The database is not at the newest migration: flask --app app db upgrade"]
    demo = session.scalars(select(Company.key).where(Company.demo.is_(True))).all()
    accounts = session.scalars(
        select(Staff.email).where(Staff.email.endswith("@demo.example"), Staff.disabled.is_(False))
    ).all()
    found = [f"The demo company {key} is there: demo clear" for key in demo]
    found += [f"The demo account {email} can sign in." for email in accounts]
    owner_apart = settings.database_owner_url or not settings.database.startswith("postgresql")
    return (
        found if owner_apart else [*found, "DATABASE_OWNER_URL is missing: the application owns its tables."]
    )
