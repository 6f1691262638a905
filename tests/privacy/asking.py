"""Privacy requests made, worked on, and looked for in every byte."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from tests.conftest import World
from webapp.core.access import Role
from webapp.core.db import db, scope_to
from webapp.privacy.models import PrivacyRequest, RequestKind
from webapp.privacy.pages import deeds
from webapp.privacy.requests import find_request


def begin(world: World, kind: RequestKind, who: str) -> UUID:
    """Ask for it and have it begin; answers the request."""
    actor = world.actor(Role.ADMIN)
    asked = deeds().ask(world.session, actor, kind, who).id
    deeds().start(world.session, actor, asked, confirmed=who)
    return asked


def done(world: World, kind: RequestKind, who: str) -> PrivacyRequest:
    """The request, worked on to its end with all that it started."""
    asked = begin(world, kind, who)
    while world.work():
        pass
    world.actor(Role.ADMIN)
    return find_request(world.session, asked)


def erase_elsewhere(world: World, who: str) -> None:
    """Erase by another process's means: an application context and a session of its own."""
    with world.app.app_context():
        session, made = db.session(), world.services
        actor = world.actor(Role.ADMIN)
        scope_to(session, world.company_id)
        asked = deeds().ask(session, actor, RequestKind.ERASE, who).id
        job_id = deeds().start(session, actor, asked, confirmed=who).job_id
        assert job_id is not None
        made.runner.run(job_id)
        db.session.remove()


def everything(world: World) -> bytes:
    """Every byte of every file, and of Redis: keys and values, in small letters."""
    instance = world.services.settings.instance
    database = Path(str(db.engine.url.database))
    files = [one for one in instance.rglob("*") if one.is_file()]
    files += list(database.parent.glob(f"{database.name}*"))
    redis = world.services.store.redis
    texts = [key for key in redis.scan_iter() if redis.type(key) == b"string"]
    kept = [key + b"=" + (redis.get(key) or b"") for key in texts] + list(redis.scan_iter())
    return b"\0".join([*(one.read_bytes() for one in files), *kept]).lower()
