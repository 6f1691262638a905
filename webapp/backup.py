"""A whole instance in one file, taken while it serves, and put back before it serves again."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from flask_migrate import upgrade
from sqlalchemy.engine import URL, make_url

from webapp.core.cli import as_json, plainly, told
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.services import services
from webapp.core.text import plural
from webapp.privacy.ledger import NAME as LEDGER
from webapp.privacy.replay import catch_up
from webapp.settings import Settings

backup = AppGroup("backup", help="The whole instance in one file.")
MANIFEST, LITE, DUMP = "manifest.json", "database.sqlite", "database.dump"
# What lies beside the database and cannot be made anew. The queue can: jobs stand in the database.
BESIDE = ("secret_key", LEDGER, "recommenders", "store")
MIGRATIONS = Path(__file__).parent / "migrations"


@backup.command("create")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@as_json
@plainly
def create_command(target: Path, *, as_json: bool) -> None:
    """Write everything this instance holds into TARGET (a zip), while it serves."""
    size = create(services().settings, target)
    told(
        {"success": True, "file": str(target), "bytes": size}, f"{size:,} bytes in {target}.", as_json=as_json
    )


@backup.command("restore")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@plainly
def restore_command(source: Path, *, as_json: bool) -> None:
    """Put what SOURCE holds in place of this instance, which must not run. Erasures since are done again."""
    settings = services().settings
    with _stopped(settings):
        old = restore(settings, source)
        upgrade(directory=str(MIGRATIONS))
        again = catch_up(db.session())
    aside = f" What stood here before lies in {old}; erasures do not reach it: remove it soon." if old else ""
    document = {"success": True, "erased_again": again, "before": str(old) if old else None}
    told(document, f"Restored; {plural(again, 'person')} erased again.{aside}", as_json=as_json)


def create(settings: Settings, target: Path) -> int:
    """Write the backup; answers its bytes. It is whole, or it is not there.

    The database is copied as it stands at one moment, whatever is written meanwhile. Raises DomainError
    when the copy is not sound, or when PostgreSQL's own tool is missing.
    """
    url = make_url(settings.owner_database)
    with tempfile.TemporaryDirectory(dir=target.absolute().parent) as name:
        folder = Path(name)
        database = folder / (LITE if url.get_backend_name() == "sqlite" else DUMP)
        (_copy if database.name == LITE else _dump)(url, database)
        fresh = folder / "backup.zip"
        fresh.touch(mode=0o600)
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            archive.write(database, database.name)
            for path in _beside(settings.instance):
                archive.write(path, path.relative_to(settings.instance))
            made = {"made_at": datetime.now(UTC).isoformat(), "database": database.name}
            archive.writestr(MANIFEST, json.dumps(made))
        fresh.replace(target)
    return target.stat().st_size


def restore(settings: Settings, source: Path) -> Path | None:
    """Put the backup's database and files in place; answers the folder where what was there lies now.

    Everything is unpacked and proven first. The instance's list of erasures is kept and joined with the
    backup's. Raises DomainError for a file that is no backup, another database, or another instance's key.
    """
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=settings.instance, prefix="restoring-") as name:
        fresh = Path(name)
        database = _unpacked(source, fresh)
        url = make_url(settings.owner_database)
        if (database.name == LITE) != (url.get_backend_name() == "sqlite"):
            raise DomainError("The backup is of another kind of database.", code="other_database")
        _check_key(settings.instance, fresh)
        _join_ledgers(settings.instance, fresh)
        if database.name == DUMP:
            _load(url, database)
            database.unlink()
        else:
            _sound(database)
        return _exchanged(settings, fresh, url)


def _beside(instance: Path) -> Iterator[Path]:
    for name in BESIDE:
        path = instance / name
        yield from sorted(one for one in (path.rglob("*") if path.is_dir() else [path]) if one.is_file())


def _copy(url: URL, target: Path) -> None:
    """Copy SQLite's file through its own backup call: one moment's state, with writers at work."""
    with closing(sqlite3.connect(str(url.database))) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
    _sound(target)


def _sound(database: Path) -> None:
    try:
        with closing(sqlite3.connect(database)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise DomainError(f"The database is not sound: {found}", code="not_sound")


def _tool(name: str, url: URL, *options: str) -> None:
    """Run one of PostgreSQL's tools; the password stands in its environment, not among its words."""
    found = shutil.which(name)
    if found is None:
        raise DomainError(f"{name} is not installed here; it comes with PostgreSQL.", code="no_tool")
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    # The tables' owner is confined to a company, too: this says that all rows are meant.
    told_to = {**os.environ, "PGOPTIONS": "-c app.company=*"}
    told_to |= {"PGPASSWORD": url.password} if url.password else {}
    done = subprocess.run(  # noqa: S603  # PostgreSQL's own tool, no shell
        [found, f"--dbname={plain}", *options], env=told_to, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DomainError(f"{name} failed: {done.stderr.strip()[-500:]}", code="tool_failed")


def _dump(url: URL, target: Path) -> None:
    _tool("pg_dump", url, "--format=custom", "--enable-row-security", f"--file={target}")


def _load(url: URL, source: Path) -> None:
    _tool("pg_restore", url, "--clean", "--if-exists", "--single-transaction", "--no-owner", str(source))


def _unpacked(source: Path, folder: Path) -> Path:
    """Unpack the backup; answers its database. Raises DomainError when it is none."""
    try:
        with zipfile.ZipFile(source) as archive:
            archive.extractall(folder)  # zipfile keeps every name below the folder
        database = folder / str(json.loads((folder / MANIFEST).read_text())["database"])
        (folder / MANIFEST).unlink()
    except (zipfile.BadZipFile, OSError, ValueError, KeyError) as error:
        raise DomainError(f"{source} is no backup of Atelier.", code="no_backup") from error
    if database.name not in {LITE, DUMP} or not database.is_file():
        raise DomainError(f"{source} holds no database.", code="no_backup")
    return database


def _check_key(instance: Path, fresh: Path) -> None:
    here, there = instance / "secret_key", fresh / "secret_key"
    if here.exists() and there.exists() and here.read_bytes() != there.read_bytes():
        raise DomainError(
            "The backup is another instance’s: its key differs. Restore it into an empty folder.",
            code="other_instance",
        )


def _join_ledgers(instance: Path, fresh: Path) -> None:
    """The list of erasures only grows: what either of the two knows stays known."""
    lines = dict.fromkeys(
        line for folder in (instance, fresh) if (folder / LEDGER).exists() for line in _lines(folder / LEDGER)
    )
    if lines:
        (fresh / LEDGER).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        (fresh / LEDGER).chmod(0o600)


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line]


def _exchanged(settings: Settings, fresh: Path, url: URL) -> Path | None:
    """Move what is here aside, and what was unpacked in its place; the list of erasures goes first."""
    if (fresh / LEDGER).exists():
        (fresh / LEDGER).replace(settings.instance / LEDGER)
    aside = settings.instance / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    aside.mkdir(mode=0o700)
    database = Path(str(url.database)) if (fresh / LITE).exists() else None
    for path in _replaced(settings, database):
        path.replace(aside / path.name)
    for path in sorted(fresh.iterdir()):
        path.replace(database if database and path.name == LITE else settings.instance / path.name)
    if any(aside.iterdir()):
        return aside
    aside.rmdir()
    return None


def _replaced(settings: Settings, database: Path | None) -> Iterator[Path]:
    """What the restored instance replaces: files beside the database, the queue's, the database itself."""
    beside = [settings.instance / name for name in BESIDE if name != LEDGER]
    queue = [settings.instance / "appendonlydir", settings.instance / "dump.rdb"]
    files = [Path(f"{database}{end}") for end in ("", "-wal", "-shm")] if database else []
    yield from (path for path in (*beside, *queue, *files) if path.exists())


@contextmanager
def _stopped(settings: Settings) -> Iterator[None]:
    """Hold the instance's lock, so that nothing starts meanwhile. Raises DomainError while it runs."""
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    db.engine.dispose()
    with (settings.instance / "atelier.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DomainError("The instance runs. Stop it first.", code="running", status=409) from None
        yield
