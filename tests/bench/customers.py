"""Times the personalization service: events in, what customers are shown.

`python -m tests.bench.customers [--part events|shown …] [--items N] [--customers N] [--seconds N] [--json]`

*events*: batch calls of a thousand and single calls through granian, beside executemany of the same rows into
the same table. *shown*: recommendations and homepages of so many customers with so many items, ten events a
customer, for one client and for eight, few of them asked twice, beside a bare view of one dict look-up. The
model is made up: factors drawn at random, written by the application's own keeper of models, since only their
size decides how long an answer takes (what is recommended is worth nothing).
Not part of any suite.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from tests.bench.filling import loader_of
from tests.bench.load import bare_server, clients
from tests.instance import Instance
from webapp.core.db import new_id
from webapp.customers.model_files import ModelFiles
from webapp.customers.rules.scoring import ALS

PARTS = ("events", "shown")
BATCH = 1_000
EACH = 10  # events of a customer
SHELVES = 200
LEAST_BATCH, LEAST_SINGLE = 5_000.0, 600.0  # events a second
MOST_SHOWN_MS, MOST_HOME_MS = 10.0, 25.0
API = "/api/v1"
STAMP = "%Y-%m-%d %H:%M:%S.%f"
KINDS = ("product_view", "product_view", "product_view", "add_to_cart", "purchase")
OPEN = {"API_CALLS_PER_MINUTE": "100000000", "GDPR_COMPLIANT": "false"}
EVENT = "id company_id identifier person_id kind at item value properties received_at"
MODEL = (
    "id company_id number method adopted reason events customers items seconds quality trained_at trained_by"
    " in_force"
)
Row = tuple[Any, ...]


def main() -> int:
    """Measure the parts, print; the status is 0 when the limits are kept and no call failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    measured = {"events": _events, "shown": _shown}
    found = dict[str, dict[str, Any]]()
    for part in given.part:
        with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
            found |= measured[part](Path(folder), given)
    if given.json:
        sys.stdout.write(json.dumps(found))
    else:
        for name, seen in found.items():
            told = "".join(f"{label} {value:>10,}   " for label, value in seen.items())
            sys.stdout.write(f"{name:42}{told}\n")
    return int(any(one.get("missed") for one in found.values()))


def _events(folder: Path, given: argparse.Namespace) -> dict[str, dict[str, Any]]:
    batch = {"events": [_event(number) for number in range(BATCH)]}
    with Instance(folder / "instance", **OPEN) as instance:
        token = instance.api("all").headers["Authorization"]

        def ask(path: str, body: Any, count: int) -> dict[str, Any]:
            how = argparse.Namespace(seconds=given.seconds, clients=count)
            return clients(instance.port, "POST", f"{API}/behavior/{path}", token, body, how)

        ask("track", _event(1), 1)  # the first calls make the customers
        many, one = ask("track/batch", batch, 2), ask("track", _event(1), 8)
    rates = many["requests per second"] * BATCH, one["requests per second"]
    path = folder / "instance" / "atelier.db"
    return {
        "events by batch call": {
            "events a second": rates[0],
            "missed": int(bool(many["failed"]) or rates[0] < LEAST_BATCH),
            **many,
        },
        "executemany by a thousand": {"events a second": _ceiling(path, BATCH, given.seconds)},
        "events singly": {
            "events a second": rates[1],
            "missed": int(bool(one["failed"]) or rates[1] < LEAST_SINGLE),
            **one,
        },
        "one insert a transaction": {"events a second": _ceiling(path, 1, given.seconds)},
    }


def _event(number: int) -> dict[str, Any]:
    return {
        "user_id": f"bench-{number % 200}",
        "event_type": KINDS[number % len(KINDS)],
        "product_id": f"p{number % 977}",
        "session_id": f"s{number % 50}",
        "properties": {"city": "Hamburg"},
    }


def _ceiling(path: Path, size: int, seconds: float) -> float:
    """Rows a second that the driver itself puts into the table, so many a transaction."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=NORMAL")
        company, persons = _company(connection), _persons(connection)
        done, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < seconds:
            rows = [_row(company, persons[n % len(persons)], datetime.now(UTC), n) for n in range(size)]
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_statement(), rows)
            connection.execute("COMMIT")
            done += size
        return round(done / (time.perf_counter() - begun), 1)


def _statement() -> str:
    marks = ", ".join("?" for _ in EVENT.split())
    return f"INSERT INTO customer_events ({', '.join(EVENT.split())}) VALUES ({marks})"


def _row(company: str, person: str, at: datetime, number: int) -> Row:
    name, stamp = new_id().hex, at.strftime(STAMP)
    item = f"p{number % 977}"
    return (name, company, f"~{name}", person, KINDS[number % len(KINDS)], stamp, item, None, "{}", stamp)


def _company(connection: sqlite3.Connection) -> str:
    return str(connection.execute("SELECT id FROM companies ORDER BY id LIMIT 1").fetchone()[0])


def _persons(connection: sqlite3.Connection) -> list[str]:
    return [one for (one,) in connection.execute("SELECT id FROM persons ORDER BY id")]


def _shown(folder: Path, given: argparse.Namespace) -> dict[str, dict[str, Any]]:
    instance = Instance(folder / "instance", **OPEN)
    with instance:
        token = instance.api("all").headers["Authorization"]
    _fill(instance.folder, given)
    found = dict[str, dict[str, Any]]()
    calls = (
        (
            "recommendations",
            "POST",
            f"{API}/personalize/recommendations/u{{n}}",
            {"limit": 20},
            MOST_SHOWN_MS,
        ),
        ("homepage", "GET", f"{API}/personalize/homepage/u{{n}}", None, MOST_HOME_MS),
    )
    with instance:
        for count in (1, 8):
            how = argparse.Namespace(seconds=given.seconds, clients=count)
            for name, method, path, body, most in calls:
                seen = clients(instance.port, method, path, token, body, how, given.customers)
                missed = bool(seen["failed"]) or (count == 1 and seen["p95 ms"] >= most)
                found[f"{name}, {count} at once"] = {**seen, "missed": int(missed)}
    with bare_server(instance.folder, "tests.bench.bare_lookup:app") as port:
        for count in (1, 8):
            how = argparse.Namespace(seconds=given.seconds, clients=count)
            for name, method, path, body, _ in calls:
                bare = path.replace(f"{API}/personalize", "")
                seen = clients(port, method, bare, "none", body, how, given.customers)
                found[f"{name}, bare look-up, {count} at once"] = seen
    return found


def _fill(folder: Path, given: argparse.Namespace) -> None:
    """Items, customers and their events beside the demo's, and a model of that size in force."""
    path = folder / "atelier.db"
    with closing(sqlite3.connect(path)) as connection:
        company = _company(connection)
    load, now = loader_of(str(path)), datetime.now(UTC).replace(tzinfo=None)
    stamp = now.strftime(STAMP)
    load(
        "catalog_items",
        "id company_id identifier identifier_key title title_key category price_minor currency available"
        " attributes version created_at updated_at",
        (
            (
                *(f"a{n:031x}", company, f"p{n}", f"p{n}", f"Item {n}", f"item {n}", f"Shelf {n % SHELVES}"),
                *(1_000 + n % 9_000, "EUR", 1, "{}", 1, stamp, stamp),
            )
            for n in range(given.items)
        ),
    )
    load(
        "persons",
        "id company_id identifier identifier_key name name_key email email_key language timezone version"
        " created_at updated_at",
        (
            (
                f"b{n:031x}",
                company,
                f"u{n}",
                f"u{n}",
                f"Name {n}",
                f"name {n}",
                "",
                "",
                "",
                "",
                1,
                stamp,
                stamp,
            )
            for n in range(given.customers)
        ),
    )
    load("customer_events", EVENT, _deeds(company, now, given))
    _model(folder, company, stamp, given.items)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ANALYZE")


def _deeds(company: str, now: datetime, given: argparse.Namespace) -> Iterator[Row]:
    """Each customer keeps to one shelf; the popular items are everybody's."""
    chance = np.random.default_rng(7)
    on_shelf = max(1, given.items // SHELVES)
    for customer in range(given.customers):
        shelf, person = customer % SHELVES, f"b{customer:031x}"
        places = chance.integers(0, on_shelf, EACH).tolist()
        days = chance.uniform(0, 120, EACH).tolist()
        for number, (place, ago) in enumerate(zip(places, days, strict=True)):
            item = min(given.items - 1, place * SHELVES + shelf)
            name = f"c{customer * EACH + number:031x}"
            at = (now - timedelta(days=ago)).strftime(STAMP)
            yield (name, company, name, person, KINDS[number % len(KINDS)], at, f"p{item}", None, "{}", at)


def _model(folder: Path, company: str, stamp: str, items: int) -> None:
    chance, number = np.random.default_rng(1), 900
    weights = chance.normal(0, 0.1, (items, ALS.factors)).astype(np.float32)
    names = [f"p{n}" for n in range(items)]
    files = ModelFiles(folder / "recommenders")
    files.keep(UUID(hex=company), number, "als", names, weights, chance.random(items))
    columns = [
        "id",
        "company_id",
        "number",
        "method",
        "adopted",
        "reason",
        "events",
        "customers",
        "items",
        "seconds",
        "quality",
        "trained_at",
        "trained_by",
        "in_force",
    ]
    values = (f"d{0:031x}", company, number, "als", 1, "made up", 1, 1, items, 1.0)
    with closing(sqlite3.connect(folder / "atelier.db")) as connection, connection:
        connection.execute("UPDATE recommender_models SET in_force = 0")
        marks = ", ".join("?" for _ in columns)
        insert = f"INSERT INTO recommender_models ({', '.join(columns)}) VALUES ({marks})"
        connection.execute(insert, (*values, "{}", stamp, "bench", 1))


if __name__ == "__main__":
    sys.exit(main())
