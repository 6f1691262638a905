"""Whether the application is alive, and whether every part it needs is there."""

from __future__ import annotations

from flask import Blueprint, jsonify, make_response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.services import services

pages = Blueprint("health", __name__)


@pages.get("/health")
@requires(Permission.PUBLIC)
def alive() -> Response:
    """Answer that the process serves."""
    return make_response(jsonify(status="alive"))


@pages.get("/health/ready")
@requires(Permission.PUBLIC)
def ready() -> Response:
    """Answer part by part; 503 when one is missing."""
    parts = {"database": _database(), "queue": services().store.alive()}
    parts["worker"] = parts["queue"] and services().doorbell.workers() > 0
    status = 200 if all(parts.values()) else 503
    return make_response(jsonify(status="ready" if status == 200 else "not ready", parts=parts), status)


def _database() -> bool:
    try:
        db.session.execute(text("SELECT version_num FROM alembic_version"))
        db.session.commit()
    except SQLAlchemyError:
        return False
    return True
