"""Times the contacts list at a million rows.

`python -m tests.bench.lists [--rows N] [--engine sqlite|postgres] [--json]`

Prints a table of server times with the statements each page took, and with `--json` one document.
Not part of any suite: it fills a throw-away database first, which takes a minute or more.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import event, insert, text

from tests.bench.world import bench_world
from tests.conftest import World
from tests.pages import CheckedClient
from webapp.core.db import db, new_id, scope_to
from webapp.core.db.migrate import measure
from webapp.core.folded import keys_of
from webapp.personas.models import Contact

BATCH = 10_000
ROUNDS = 3
LIMIT_MS = 100.0
FURTHER = 2  # statements of a page whose search matches very many: a second way to its rows
MOST_STATEMENTS = 12
FIRST = "Anna Ben Clara David Élodie Gösta Hana Ivan Jörg Kata Lena Mia Nils Olga Pál Rosa Søren Tim"
LAST = "Adler Bauer Costa Dumont Ferrari García Horvát Ilves Jensen Łuczak Müller Novák Øster Popov"
FIRMS = "Alpen Beta Cargo Delta Elbe Fjord Gamma Hanse Isar Jura Lago Main Nord Oder Prag Saar Theta"
INDUSTRIES = [f"Industry {number:02}" for number in range(20)]
SORTS = [f"{way}{name}" for name in ("name", "company", "updated") for way in ("", "-")]
QUERIES: dict[str, dict[str, str]] = {
    **{f"sort {sort}": {"sort": sort} for sort in SORTS},
    "industry": {"industry": INDUSTRIES[3]},
    **{
        f"industry, sort {sort}": {"industry": INDUSTRIES[3], "sort": sort}
        for sort in ("-name", "company", "-company", "updated", "-updated")
    },
    "industry nobody is in": {"industry": "Nowhere"},
    "search selective": {"q": "anna adler 1234"},
    "search a surname": {"q": "muller"},
    "search an address": {"q": "anna.adler.123"},
    "search nothing": {"q": "zzzzzz"},
    **{
        f"search {q}, sort {sort}": {"q": q, "sort": sort}
        for q in ("a", "s", "t")
        for sort in ("name", "-name", "company", "-updated")
    },
    "search a in an industry": {"q": "a", "industry": INDUSTRIES[3]},
    "search a rare one in an industry": {"q": "rare", "industry": INDUSTRIES[3]},
    "hundred a page": {"q": "a", "size": "100"},
}  # fmt: skip


def main() -> int:
    """Fill, ask, print; the status is 0 when every page keeps to the limits."""
    given = _arguments()
    os.environ["ATELIER_TEST_DATABASE"] = given.engine
    with bench_world(Path(tempfile.mkdtemp(prefix="atelier-bench-"))) as world:
        browser = world.client("editor")
        few = {name: _ask(browser, query)["statements"] for name, query in _cases(world, browser, 10).items()}
        started = time.perf_counter()
        _cases(world, browser, given.rows)
        filled = time.perf_counter() - started
        found = {name: _ask(browser, query) for name, query in _deep(browser, given.rows).items()}
    for name, seen in found.items():
        seen["statements of ten rows"] = few.get(name, seen["statements"])
    return _report(given, filled, found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _cases(world: World, browser: CheckedClient, rows: int) -> dict[str, dict[str, str]]:
    _fill(world, rows)
    return _deep(browser, rows)


def _fill(world: World, rows: int) -> None:
    chance = random.Random(7)
    scope_to(world.session, world.company_id)
    for start in range(0, rows, BATCH):
        batch = [_contact(world, chance, number) for number in range(start, min(rows, start + BATCH))]
        world.session.connection().execute(insert(Contact.__table__), batch)
        db.session().commit()
    measure(world.session.connection())
    if world.session.get_bind().dialect.name == "postgresql":
        _owner_measures(world)
    db.session().commit()


def _owner_measures(world: World) -> None:
    """What autovacuum does within a minute of such a load."""
    from sqlalchemy import create_engine  # noqa: PLC0415  # only here

    engine = create_engine(world.services.settings.owner_database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE contacts"))
    engine.dispose()


def _contact(world: World, chance: random.Random, number: int) -> dict[str, Any]:
    first, last, firm = (chance.choice(words.split()) for words in (FIRST, LAST, FIRMS))
    rare = "Rare " if number % 50_000 == 0 else ""
    name = f"{rare}{first} {last}"
    texts = {
        "name": name,
        "company": f"{firm} {chance.randrange(5_000)} AG",
        "email": f"{first}.{last}.{number}@{firm}.example".lower(),
        "industry": chance.choice(INDUSTRIES),
        **dict.fromkeys(("title", "seniority", "department", "headcount", "revenue", "location"), "x"),
        "notes": "",
    }
    at = world.clock.now()
    ids = {"id": new_id(), "company_id": world.company_id, "version": 1}
    return {**texts, **keys_of(Contact, texts), **ids, "created_at": at, "updated_at": at}


def _deep(browser: CheckedClient, rows: int) -> dict[str, dict[str, str]]:
    """Every query, and the pages far behind: the twentieth one, and the last but one from the end."""
    cases = {"first page": {}, **QUERIES}
    for name in ("first page", "industry", "search a, sort name", "sort -updated", "sort company"):
        cases[f"{name}, deep"] = _twentieth(browser, cases[name]) if rows > 1000 else cases[name]
    return cases


def _twentieth(browser: CheckedClient, query: dict[str, str]) -> dict[str, str]:
    for _ in range(20):
        page = browser.get(f"/contacts?{urlencode(query)}").get_data(as_text=True)
        cursor = page.split('rel="next"')[1].split("after=")[1].split('"')[0].split("&")[0]
        query = {**query, "after": cursor}
    return query


def _ask(browser: CheckedClient, query: dict[str, str]) -> dict[str, Any]:
    """Ask for the page a few times; the middle time counts, in milliseconds."""
    times, sent = [], 0
    for _ in range(ROUNDS):
        statements: list[str] = []
        with _heard(statements):
            started = time.perf_counter()
            answer = browser.get(f"/contacts?{urlencode(query)}")
            times.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200
        sent = len(statements)
    return {"ms": round(sorted(times)[ROUNDS // 2], 1), "statements": sent}


@contextmanager
def _heard(sent: list[str]) -> Iterator[None]:
    def hear(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.upper().startswith(("BEGIN", "COMMIT")) and "set_config" not in statement:
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    yield
    event.remove(db.engine, "before_cursor_execute", hear)


def _report(given: argparse.Namespace, filled: float, found: dict[str, dict[str, Any]]) -> int:
    bad = [
        name
        for name, seen in found.items()
        if seen["ms"] > LIMIT_MS
        or seen["statements"] > min(MOST_STATEMENTS, seen["statements of ten rows"] + FURTHER)
    ]
    if given.json:
        sys.stdout.write(
            json.dumps({"engine": given.engine, "rows": given.rows, "pages": found, "slow": bad})
        )
        return bool(bad)
    sys.stdout.write(f"{given.engine}, {given.rows:,} contacts, filled in {filled:.0f} s\n")
    for name, seen in found.items():
        mark = "  <-- over the limit" if name in bad else ""
        line = f"{name:36}{seen['ms']:9.1f} ms{seen['statements']:5} statements"
        sys.stdout.write(f"{line} ({seen['statements of ten rows']} of ten rows){mark}\n")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
