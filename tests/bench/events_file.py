"""Imports a large file of events: `python -m tests.bench.events_file [--rows N] [--engine sqlite|postgres]`.

Dry run and write of events of twenty thousand customers whom nobody knew, then the same file once more, each
a process of its own; beside it executemany of the same rows, in the order of the file, in one transaction.
With `--kill` the write is killed half-way and taken up by another process: each event counts once.
Prints seconds and each process's peak of memory, with `--json` one document.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from tests import databases
from tests.bench.imports import flask_command

CUSTOMERS = 20_000
MOST_S, MOST_MB = 60.0, 500.0
KINDS = ("product_view", "product_view", "product_view", "add_to_cart", "purchase")
ALL_COMPANIES = "SELECT set_config('app.company', '*', true)"
GO_ON = """
import sys
from uuid import UUID
from app import app
from webapp.core.services import services
with app.app_context():
    services().runner.run(UUID(sys.argv[1]))
"""
COLUMNS = (
    "id company_id identifier person_id kind at item query value currency session properties received_at"
)


def main() -> int:
    """Write the file, import it, print; the status is 0 when the limits are kept and all counts are right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    os.environ["ATELIER_TEST_DATABASE"] = given.engine
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as name:
        folder = Path(name)
        with (folder / "events.csv").open("w", encoding="utf-8") as file:
            file.writelines(_lines(given.rows))
        with databases.maker(folder / "databases") as make, make() as urls, make() as others:
            measured = _killed if given.kill else _imported
            found = measured(folder, given.rows, urls, others)
    if given.json:
        sys.stdout.write(json.dumps(found))
    else:
        sys.stdout.writelines(f"{label:30}{seen}\n" for label, seen in found.items())
    return int(found["missed"])


def _lines(rows: int) -> Iterator[str]:
    chance, now = random.Random(3), datetime.now(UTC)
    yield "user_id,event_type,timestamp,product_id,query,value,currency,session_id,event_id\n"
    for number in range(rows):
        at = (now - timedelta(seconds=chance.randrange(86_400, 120 * 86_400))).strftime("%Y-%m-%dT%H:%M:%SZ")
        kind, item = KINDS[number % len(KINDS)], f"p{chance.randrange(10_000)}"
        value = "19.90,EUR" if kind == "purchase" else ","
        yield f"u{chance.randrange(CUSTOMERS)},{kind},{at},{item},,{value},s{number // 5},e{number}\n"


def _environment(folder: Path, urls: dict[str, str]) -> dict[str, str]:
    environment = {**os.environ, **{name.upper(): value for name, value in urls.items()}}
    environment |= {"INSTANCE_PATH": str(folder / "instance"), "ATELIER_ENV": "test", "LOG_LEVEL": "ERROR"}
    environment |= {"REDIS_URL": "redis://127.0.0.1:1", "GDPR_COMPLIANT": "false"}
    return environment | {"IMPORT_LIMIT": str(4 * 1024**3)}


def _imported(folder: Path, rows: int, urls: dict[str, str], others: dict[str, str]) -> dict[str, Any]:
    environment, engine = _environment(folder, urls), create_engine(urls["database_url"])
    flask_command(environment, "company", "create", "bench", "--name", "Bench")
    words = ("import", "events", str(folder / "events.csv"), "--company", "bench", "--json")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    first = flask_command(environment, *words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = _seconds(engine)
    again = flask_command(environment, *words)
    counts = (first.get("created"), again.get("created"), again.get("unchanged"), _count(engine))
    found = {
        "dry run, seconds": seconds.get("imports.check", -1.0),
        "write, seconds": seconds.get("imports.write", -1.0),
        "the command, seconds": first["seconds"],
        "of the processor, seconds": round(_busy(after) - _busy(before), 1),
        "peak, MB": first["MB"],
        "the same again, seconds": again["seconds"],
        "the same again, peak, MB": again["MB"],
        "created, again, unchanged, saved": counts,
    }
    right = counts == (rows, 0, rows, rows)
    slow = found["write, seconds"] >= MOST_S or max(first["MB"], again["MB"]) >= MOST_MB
    if engine.dialect.name == "sqlite":
        found["executemany, seconds"] = _ceiling(_path(urls), _path(others))
    return {**found, "missed": slow or not right}


def _busy(used: resource.struct_rusage) -> float:
    return used.ru_utime + used.ru_stime


def _path(urls: dict[str, str]) -> str:
    return urls["database_url"].removeprefix("sqlite:///")


def _rows_of(engine: Engine, asked: str) -> list[Any]:
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(ALL_COMPANIES))
        return list(connection.execute(text(asked)).all())


def _seconds(engine: Engine) -> dict[str, float]:
    """How long each job of the newest import took, by its kind."""
    found = dict[str, float]()
    for kind, begun, ended in _rows_of(engine, "SELECT kind, started_at, finished_at FROM jobs"):
        times = [datetime.fromisoformat(str(one)) for one in (begun, ended)]
        found[kind] = round((times[1] - times[0]).total_seconds(), 1)
    return found


def _count(engine: Engine) -> int:
    return int(_rows_of(engine, "SELECT count(*) FROM customer_events")[0][0])


def _ceiling(path: str, fresh: str) -> float:
    """Seconds in which the driver alone puts the same rows, made ready before, into a fresh database."""
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        for pragma in ("synchronous=NORMAL", "cache_size=-262144", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("ATTACH ? AS filled", (path,))
        for table in ("companies", "persons"):
            connection.execute(f"INSERT INTO {table} SELECT * FROM filled.{table}")
        names = ", ".join(COLUMNS.split())
        in_order = "ORDER BY CAST(substr(identifier, 2) AS INTEGER)"
        rows = connection.execute(f"SELECT {names} FROM filled.customer_events {in_order}").fetchall()
        marks = ", ".join("?" for _ in COLUMNS.split())
        begun = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO main.customer_events ({names}) VALUES ({marks})", rows)
        connection.execute("COMMIT")
        return round(time.perf_counter() - begun, 1)


def _killed(folder: Path, rows: int, urls: dict[str, str], others: dict[str, str]) -> dict[str, Any]:
    del others
    environment, engine = _environment(folder, urls), create_engine(urls["database_url"])
    flask_command(environment, "company", "create", "bench", "--name", "Bench")
    words = ("import", "events", str(folder / "events.csv"), "--company", "bench", "--json")
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        while _count(engine) < rows // 3 and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    stood = _count(engine)
    job = _rows_of(engine, "SELECT id FROM jobs WHERE kind = 'imports.write'")[0][0]
    with engine.begin() as connection:  # its lease would run out by itself
        if engine.dialect.name == "postgresql":
            connection.execute(text(ALL_COMPANIES))
        connection.execute(text("UPDATE jobs SET lease_until = NULL"))
    subprocess.run([sys.executable, "-c", GO_ON, str(job)], env=environment, check=True)
    told = _rows_of(engine, "SELECT state, creates, unchanged, bad FROM imports")[0]
    twice = _rows_of(engine, "SELECT count(*) - count(DISTINCT identifier) FROM customer_events")[0][0]
    found = {"saved at the kill": stood, "saved": _count(engine), "twice": twice, "told": tuple(told)}
    right = 0 < stood < rows == found["saved"] and not twice and tuple(told) == ("done", rows, 0, 0)
    return {**found, "missed": not right}


if __name__ == "__main__":
    sys.exit(main())
