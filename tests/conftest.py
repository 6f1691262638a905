"""The application under test with real parts: a real database, a real queue server, a shifted clock."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any
from uuid import UUID

import openai  # noqa: F401  # loaded before any test bounds a call's seconds
import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from tests import databases
from tests.pages import CheckedClient
from webapp import Clients, create_app
from webapp.accounts.companies import create_company
from webapp.accounts.secrets import Passwords
from webapp.accounts.staff import create_staff
from webapp.accounts.tokens import create_token
from webapp.core.access import Actor, Permission, Role
from webapp.core.clock import ShiftedClock
from webapp.core.db import db, scope_to
from webapp.core.services import Services
from webapp.core.store import embedded
from webapp.settings import Settings, load_settings

# Every world makes an application of its own; the usual collector would take half of the time for it.
gc.set_threshold(100_000, 50, 100)
PASSWORD = "correct horse battery"
OPERATOR = Actor(company_id=None, permissions=frozenset(Permission), name="tests")


@dataclass
class World:
    """One application with two companies, and the people in them."""

    app: Flask
    services: Services
    clock: ShiftedClock
    company_id: UUID
    other_id: UUID
    staff: dict[str, UUID]

    @property
    def session(self) -> Session:
        """The session of the test's application context, with a fresh view of the database."""
        db.session.rollback()
        return db.session()

    def actor(self, role: Role = Role.EDITOR, company_id: UUID | None = None) -> Actor:
        """An actor in the first company, with the session confined to it."""
        where = company_id or self.company_id
        scope_to(self.session, where)
        return Actor(
            company_id=where,
            permissions=role.permissions,
            staff_id=self.staff[role.value],
            name=f"{role.value.title()} Test",
        )

    def client(self, role: str | None = "editor") -> CheckedClient:
        """A browser signed in under a role of the first company; None is nobody."""
        browser = CheckedClient(self.app, self.app.response_class)
        if role:
            browser.sign_in(f"{role}@test.example", PASSWORD)
        return browser

    def token(self, *scopes: str, company_id: UUID | None = None, staff: str | None = None) -> str:
        """An API token of the first company."""
        scope_to(self.session, company_id or self.company_id)
        return create_token(
            self.session,
            OPERATOR,
            "test",
            scopes or ("all",),
            clock=self.clock,
            auditor=self.services.auditor,
            staff_id=self.staff[staff] if staff else None,
        ).secret

    def work(self) -> int:
        """Run every queued job here and now, as a worker would; answers how many were rung for."""
        return self.app.extensions["rung"].answer_all(self.services)


class Rung:
    """The doorbell's rings of this test, answered when the test says so."""

    def __init__(self) -> None:
        self.ids: list[UUID] = []

    def __call__(self, job_id: UUID, _queue: str) -> None:
        self.ids.append(job_id)

    def answer_all(self, services: Services) -> int:
        rung, self.ids = self.ids, []
        scope = dict(db.session().info)
        for job_id in rung:
            services.runner.run(job_id)
        db.session().rollback()
        db.session().info.clear()
        db.session().info.update(scope)
        return len(rung)


class Worker(Rung):
    """A doorbell with somebody behind it: a thread answers each ring at once, as a worker process would."""

    def __init__(self) -> None:
        super().__init__()
        self.app: Flask | None = None
        self._rings: Queue[UUID | None] = Queue()
        self._thread = Thread(target=self._answer, name="test-worker")
        self._thread.start()

    def __call__(self, job_id: UUID, _queue: str) -> None:
        self._rings.put(job_id)

    def _answer(self) -> None:
        while (job_id := self._rings.get()) is not None:
            assert self.app is not None
            with self.app.app_context():
                self.app.extensions["atelier"].runner.run(job_id)

    def close(self) -> None:
        self._rings.put(None)
        self._thread.join()


@pytest.fixture(scope="session")
def queue_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real embedded queue server for this test process."""
    folder = tmp_path_factory.mktemp("queue")
    socket = load_settings(instance_path=str(folder)).socket
    embedded.ensure_running(socket, folder)
    yield f"unix://{socket}"
    embedded.stop(socket)
    if socket.parent != folder:
        shutil.rmtree(socket.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def make_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[databases.Maker]:
    """Makes migrated databases, on the engine that ATELIER_TEST_DATABASE names."""
    with databases.maker(tmp_path_factory.mktemp("databases")) as maker:
        yield maker


@contextmanager
def instance(folder: Path, queue_server: str, make_database: databases.Maker) -> Iterator[Settings]:
    """The settings of an instance of its own, with an empty migrated database."""
    with make_database() as urls:
        yield load_settings(
            atelier_env="test",
            instance_path=str(folder / "instance"),
            redis_url=queue_server,
            secret_key="a secret of the tests, long enough to pass",
            log_level="ERROR",
            **urls,
        )


@pytest.fixture
def settings(tmp_path: Path, queue_server: str, make_database: databases.Maker) -> Iterator[Settings]:
    """The settings of a test's own instance, with an empty migrated database."""
    with instance(tmp_path, queue_server, make_database) as made:
        yield made


@pytest.fixture
def make_world(settings: Settings, queue_server: str) -> Iterator[Callable[..., World]]:
    """Builds a world; keywords are the application's clients (`provider=…`) and settings.

    With `bell` jobs are rung for in the real queue server, for real workers.
    """
    with worlds(settings, queue_server) as build:
        yield build


@pytest.fixture(scope="module")
def module_world(
    tmp_path_factory: pytest.TempPathFactory, queue_server: str, make_database: databases.Maker
) -> Iterator[Callable[..., World]]:
    """The same for worlds that all tests of a module look at and none of them changes."""
    folder = tmp_path_factory.mktemp("module")
    with (
        instance(folder, queue_server, make_database) as made,
        worlds(made, queue_server) as build,
    ):
        yield build


@contextmanager
def worlds(settings: Settings, queue_server: str) -> Iterator[Callable[..., World]]:
    """Yield what builds worlds on these settings, and take them down again."""
    contexts: list[Any] = []
    workers: list[Worker] = []

    def build(provider: Any = None, *, worker: bool = False, bell: bool = False, **changes: Any) -> World:
        made = settings.model_copy(update=changes)
        clock, rung = ShiftedClock(), Worker() if worker else Rung()
        clients = Clients(
            clock=clock, passwords=Passwords(cheap=True), provider=provider, ring=None if bell else rung
        )
        app = create_app(made, clients)
        app.extensions["rung"] = rung
        if isinstance(rung, Worker):
            rung.app = app
            workers.append(rung)
        context = app.app_context()
        context.push()
        contexts.append((app, context))
        return people(app, clock)

    yield build
    for one in workers:
        one.close()
    for app, context in reversed(contexts):
        with suppress(RedisError):  # a test may be about a server that is away
            app.extensions["atelier"].store.redis.flushall()
        db.session.remove()
        db.engine.dispose()
        context.pop()


def people(app: Flask, clock: ShiftedClock) -> World:
    """Fill the database with two companies and a person of each role in the first."""
    services: Services = app.extensions["atelier"]
    passwords, session = app.extensions["atelier.gate"].passwords, db.session()
    common: dict[str, Any] = {"clock": clock, "auditor": services.auditor}
    other = create_company(session, OPERATOR, "other", "Other Ltd", **common)
    create_staff(
        session, OPERATOR, "stranger@test.example", Role.ADMIN, PASSWORD, passwords=passwords, **common
    )
    company = create_company(session, OPERATOR, "acme", "Acme GmbH", **common)
    staff = {
        role.value: create_staff(
            session, OPERATOR, f"{role.value}@test.example", role, PASSWORD, passwords=passwords, **common
        ).id
        for role in Role
    }
    return World(app, services, clock, company.id, other.id, staff)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A world whose drafts are written by rules."""
    return make_world()


@pytest.fixture
def client(world: World) -> FlaskClient:
    """A browser of an editor."""
    return world.client()
