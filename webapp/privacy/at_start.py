"""Before the first answer of a process: whoever was erased does not come back with an older database."""

from __future__ import annotations

from threading import Lock

import structlog
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from webapp.core.db import db
from webapp.privacy.keeping_pages import pages
from webapp.privacy.replay import catch_up

CAUGHT_UP = "erasures.caught_up"
_one_at_a_time = Lock()


@pages.before_app_request
def _caught_up() -> None:
    """Erase again what an older database brought back. Where it cannot be read yet, the next request asks."""
    if CAUGHT_UP in current_app.extensions:
        return
    db.session.rollback()  # who asks is known; nothing may be held open while the file is written anew
    with _one_at_a_time, current_app.app_context():  # a session of its own, confined to nobody yet
        if CAUGHT_UP in current_app.extensions:
            return
        try:
            count = catch_up(db.session())
        except SQLAlchemyError:
            db.session.rollback()
            return
        current_app.extensions[CAUGHT_UP] = True
        if count:
            structlog.get_logger().warning("an older database was put back", erased_again=count)
