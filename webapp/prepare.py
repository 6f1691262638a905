"""Making an instance ready: migrations, and on a first start the demo company and its admin."""

from __future__ import annotations

import shlex

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp import ROOT
from webapp.accounts import identity
from webapp.accounts.models import Staff
from webapp.accounts.secrets import new_password
from webapp.accounts.staff import create_staff
from webapp.core.access import Role
from webapp.core.cli import operator
from webapp.core.db import db, every_company, scope_to, unit
from webapp.core.db.migrate import is_current, measure
from webapp.core.services import Services
from webapp.demo import load_demo
from webapp.privacy.replay import catch_up

MIGRATIONS = ROOT / "webapp" / "migrations"
FIRST_ADMIN = "ines@demo.example"
LATER = (
    "Sign in as {email}. Forgot the password? Set one with\n"
    "  echo NEW-PASSWORD | INSTANCE_PATH={instance} "
    ".venv/bin/flask --app app staff password {email} --password-stdin"
)


def prepare(app: Flask) -> str:
    """Bring the database up to date and answer the sentence that says how to sign in.

    No connection stays open: the processes forked afterwards open their own.
    """
    with app.app_context():
        try:
            return _prepared(db.session(), app.extensions["atelier"])
        finally:
            db.session.remove()
            db.engine.dispose()


def _prepared(session: Session, services: Services) -> str:
    if not _current(session):
        upgrade(directory=str(MIGRATIONS))
    with unit(session):
        measure(session.connection())
    catch_up(session)  # before anybody is served: the database may be an older copy
    scope_to(session, None)
    with every_company(session):  # before anybody has a company
        signs_in = select(Staff.email).where(Staff.password_hash != "").order_by(Staff.id)
        known = session.scalar(signs_in.limit(1))
    session.commit()
    if known:
        return LATER.format(email=known, instance=shlex.quote(str(services.settings.instance)))
    if services.settings.production or not services.settings.embedded_database:
        return "Nobody can sign in yet: flask --app app company create …, then staff create …"
    return _first_start(session, services)


def _current(session: Session) -> bool:
    try:
        return is_current(session.connection(), MIGRATIONS)
    except SQLAlchemyError:
        return False
    finally:
        session.rollback()


def _first_start(session: Session, services: Services) -> str:
    load_demo(session, services)
    password = new_password()
    create_staff(
        session,
        operator(),
        FIRST_ADMIN,
        Role.ADMIN,
        password,
        passwords=identity.gate().passwords,
        clock=services.clock,
        auditor=services.auditor,
        name="Ines Brandt",
    )
    return f"Sign in as {FIRST_ADMIN} with the password {password} (shown only now)."
