"""O4, P4: a backup taken under writes is whole; an older one put back knows who was erased since."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import zipfile
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import World
from tests.databases import ROOT
from tests.people.records import make
from tests.privacy.asking import done
from webapp import Clients, create_app
from webapp.accounts.secrets import Passwords
from webapp.backup import create, restore
from webapp.core.audit_verify import verify
from webapp.core.db import db, scope_to
from webapp.core.errors import DomainError
from webapp.people.models import Person
from webapp.prepare import prepare
from webapp.privacy.models import RequestKind

POSTGRES = os.environ.get("ATELIER_TEST_DATABASE") == "postgres"
copies_a_file = pytest.mark.skipif(
    POSTGRES, reason="copies a SQLite file; PostgreSQL's tools are tried below"
)


@pytest.fixture
def here(world: World) -> World:
    """A world with a key of its own in its folder."""
    world.services.settings.secret()
    return world


def names(world: World) -> list[str]:
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return list(world.session.scalars(select(Person.identifier).order_by(Person.identifier)))


def run(world: World, *words: str) -> tuple[int, str]:
    """A command in a process of its own, as the operator runs it."""
    settings = world.services.settings
    told = {"INSTANCE_PATH": str(settings.instance), "DATABASE_URL": settings.database_url}
    told |= {"REDIS_URL": settings.redis_url, "SECRET_KEY": settings.secret_key, "ATELIER_ENV": "test"}
    command = [sys.executable, "-m", "flask", "--app", "app", "backup", *words]
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@copies_a_file
def test_O4_a_backup_under_writes_is_whole(here: World, tmp_path: Path) -> None:
    stop, made = threading.Event(), list[int]()

    def write() -> None:
        with here.app.app_context():
            while not stop.is_set():
                make(here, f"w-{len(made)}", email="")
                made.append(1)
                db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(made) < 5:
            stop.wait(0.01)
        before = len(made)
        create(here.services.settings, tmp_path / "whole.zip")
    finally:
        stop.set()
        writer.join()
    fresh = here.services.settings.model_copy(
        update={"instance_path": tmp_path / "new", "database_url": "", "redis_url": ""}
    )
    assert restore(fresh, tmp_path / "whole.zip") is None
    app = create_app(fresh, Clients(clock=here.clock, passwords=Passwords(cheap=True), ring=lambda *_: None))
    with app.app_context():
        session = db.session()
        scope_to(session, here.company_id)
        found = len(list(session.scalars(select(Person.id))))
        assert before <= found <= len(made)
        assert [one.broken for one in verify(session, app.extensions["atelier"].auditor.chain)] == [None] * 2
        db.engine.dispose()


@pytest.mark.thorough
@copies_a_file
def test_P4_an_older_backup_put_back_by_command_forgets_again(here: World, tmp_path: Path) -> None:
    make(here, "zqann", email="")
    make(here, "bo", email="")
    old = tmp_path / "old.zip"
    assert run(here, "create", str(old))[0] == 0
    done(here, RequestKind.ERASE, "zqann")
    assert names(here) == ["bo"]
    db.session.remove()
    db.engine.dispose()
    status, told = run(here, "restore", str(old))
    assert (status, "1 person erased again" in told) == (0, True), told
    assert names(here) == ["bo"]
    assert b"zqann" not in Path(here.services.settings.database.removeprefix("sqlite:///")).read_bytes()


def _put_back(world: World, copy: Path) -> None:
    """An operator who copies the file over, without any command."""
    file = Path(world.services.settings.database.removeprefix("sqlite:///"))
    db.session.remove()
    db.engine.dispose()
    for end in ("-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)
    shutil.copyfile(copy, file)


def _older(world: World, tmp_path: Path) -> Path:
    file = Path(world.services.settings.database.removeprefix("sqlite:///"))
    with closing(connect(file)) as live, closing(connect(tmp_path / "old.db")) as copy:
        live.backup(copy)
    return tmp_path / "old.db"


@copies_a_file
def test_P4_a_start_erases_again_before_it_serves(here: World, tmp_path: Path) -> None:
    make(here, "zqann", email="")
    old = _older(here, tmp_path)
    done(here, RequestKind.ERASE, "zqann")
    _put_back(here, old)
    prepare(here.app)
    assert names(here) == []


@copies_a_file
def test_P4_a_process_that_was_started_otherwise_erases_again_at_its_first_request(
    here: World, tmp_path: Path
) -> None:
    make(here, "zqann", email="")
    old = _older(here, tmp_path)
    done(here, RequestKind.ERASE, "zqann")
    _put_back(here, old)
    assert names(here) == ["zqann"]
    db.session.remove()
    settings = here.services.settings
    app: Flask = create_app(settings, Clients(clock=here.clock, passwords=Passwords(cheap=True)))
    assert app.test_client().get("/health").status_code == 200
    assert names(here) == []


@pytest.mark.skipif(not POSTGRES, reason="tries pg_dump and pg_restore")
def test_a_backup_by_postgresqls_own_tools_brings_all_rows_back(world: World, tmp_path: Path) -> None:
    settings = world.services.settings
    make(world, "zqann", email="")
    create(settings, tmp_path / "old.zip")
    make(world, "bo", email="")
    db.session.remove()
    db.engine.dispose()
    restore(settings, tmp_path / "old.zip")
    assert names(world) == ["zqann"]
    make(world, "cy", email="")  # the application's own role may still write, within its company
    assert names(world) == ["cy", "zqann"]
    scope_to(world.session, world.other_id)
    assert not list(world.session.scalars(select(Person.id)))


@copies_a_file
def test_what_is_no_backup_or_anothers_changes_nothing(here: World, tmp_path: Path) -> None:
    settings = here.services.settings
    make(here, "zqann", email="")
    junk = tmp_path / "junk.zip"
    junk.write_bytes(b"no zip")
    with pytest.raises(DomainError, match="no backup"):
        restore(settings, junk)
    with zipfile.ZipFile(junk, "w") as archive:
        archive.writestr("manifest.json", '{"database": "../x"}')
    with pytest.raises(DomainError, match="no database"):
        restore(settings, junk)
    with zipfile.ZipFile(junk, "w") as archive:
        archive.writestr("manifest.json", '{"database": "database.sqlite"}')
        archive.writestr("database.sqlite", "torn")
    with pytest.raises(DomainError, match="not sound"):
        restore(settings, junk)
    with zipfile.ZipFile(junk, "a") as archive:
        archive.writestr("secret_key", "another")
    (settings.instance / "secret_key").write_text("ours")
    with pytest.raises(DomainError, match="another instance"):
        restore(settings, junk)
    assert names(here) == ["zqann"]
    assert not list(settings.instance.glob("restoring-*"))
