"""One application with real parts for the benches: a throw-away database, a queue server, two companies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import databases
from tests.conftest import World, people
from webapp import Clients, create_app
from webapp.accounts.secrets import Passwords
from webapp.core.clock import ShiftedClock
from webapp.core.db import db
from webapp.core.store import embedded
from webapp.settings import load_settings


@contextmanager
def bench_world(folder: Path) -> Iterator[World]:
    """Yield the world on the engine that ATELIER_TEST_DATABASE names; its folder stays behind."""
    socket = load_settings(instance_path=str(folder)).socket
    embedded.ensure_running(socket, folder)
    with databases.maker(folder / "databases") as make, make() as urls:
        settings = load_settings(
            atelier_env="test",
            instance_path=str(folder / "instance"),
            redis_url=f"unix://{socket}",
            secret_key="a secret of the benches, long enough to pass",
            log_level="ERROR",
            **urls,
        )
        clock = ShiftedClock()
        app = create_app(settings, Clients(clock=clock, passwords=Passwords(cheap=True)))
        with app.app_context():
            yield people(app, clock)
            db.session.remove()
            db.engine.dispose()
    embedded.stop(socket)
