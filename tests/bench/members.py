"""Times the list of members at a million of them.

`python -m tests.bench.members [--rows N] [--engine sqlite|postgres]`

Prints a table of server times with the statements each page took; the status is 0 when all keep the limits.
Not part of any suite: it fills a throw-away database first, which takes a minute or more.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import create_engine, insert, text

from tests.bench.lists import BATCH, FIRST, LAST, LIMIT_MS, MOST_STATEMENTS, ROUNDS, _heard, _world
from tests.conftest import World
from tests.pages import CheckedClient
from webapp.archetypes.facts import Archetype
from webapp.archetypes.models import Member
from webapp.core.db import db, new_id, scope_to
from webapp.core.db.migrate import measure
from webapp.core.folded import keys_of
from webapp.people.models import Person

QUERIES: dict[str, dict[str, str]] = {
    "first page": {},
    "by user id, from the end": {"sort": "-identifier"},
    "one archetype": {"archetype": "big_spender"},
    "low confidence": {"confidence": "low"},
    "high confidence": {"confidence": "high"},
    "overridden (one in a thousand)": {"override": "yes"},
    "not overridden": {"override": "no"},
    "override expires soon": {"override": "soon"},
    "fresh": {"fresh": "fresh"},
    "stale (one in fifty)": {"fresh": "stale"},
    "search selective": {"q": "m-12345"},
    "search many": {"q": "m"},
    "search and archetype": {"q": "anna", "archetype": "big_spender"},
    "search and overridden": {"q": "m", "override": "yes"},
    "archetype, confidence, not overridden": {
        "archetype": "average_user",
        "confidence": "low",
        "override": "no",
    },
}


def main() -> int:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    given = parser.parse_args()
    os.environ["ATELIER_TEST_DATABASE"] = given.engine
    slow = 0
    with _world(Path(tempfile.mkdtemp(prefix="atelier-bench-"))) as world:
        _fill(world, given.rows)
        browser = world.client("viewer")
        sys.stdout.write(f"{given.engine}, {given.rows:,} members\n")
        for name, query in QUERIES.items():
            slow += _told(name, *_ask(browser, f"/archetypes?{urlencode(query)}"))
        slow += _told("overrides in force", *_ask(browser, "/archetypes/overrides"))
        slow += _told("home", *_ask(browser, "/"))
    return slow


def _told(name: str, took: float, statements: int) -> bool:
    bad = took > LIMIT_MS or statements > MOST_STATEMENTS + 2  # two more: the rules, and the days counted
    mark = "  <-- over the limit" if bad else ""
    sys.stdout.write(f"{name:40}{took:9.1f} ms{statements:5} statements{mark}\n")
    return bad


def _ask(browser: CheckedClient, path: str) -> tuple[float, int]:
    times, sent = [], list[str]()
    for _ in range(ROUNDS):
        sent.clear()
        with _heard(sent):
            started = time.perf_counter()
            answer = browser.get(path)
            times.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200
    return sorted(times)[ROUNDS // 2], len(sent)


def _fill(world: World, rows: int) -> None:
    chance = random.Random(7)
    scope_to(world.session, world.company_id)
    for start in range(0, rows, BATCH):
        persons = [_person(world, chance, number) for number in range(start, min(rows, start + BATCH))]
        world.session.connection().execute(insert(Person.__table__), persons)
        members = [_member(world, chance, person["id"]) for person in persons]
        db.session().connection().execute(insert(Member.__table__), members)
        db.session().commit()
    measure(world.session.connection())
    if world.session.get_bind().dialect.name == "postgresql":
        engine = create_engine(world.services.settings.owner_database, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("VACUUM ANALYZE persons"))
            connection.execute(text("VACUUM ANALYZE members"))
        engine.dispose()
    db.session().commit()


def _person(world: World, chance: random.Random, number: int) -> dict[str, Any]:
    texts = {
        "identifier": f"m-{number}",
        "name": f"{chance.choice(FIRST.split())} {chance.choice(LAST.split())}",
        "email": "",
    }
    at = world.clock.now()
    ids = {"id": new_id(), "company_id": world.company_id, "version": 1, "language": "", "timezone": ""}
    return {**texts, **keys_of(Person, texts), **ids, "created_at": at, "updated_at": at}


def _member(world: World, chance: random.Random, person: Any) -> dict[str, Any]:
    found, now = chance.choice(list(Archetype)), world.clock.now()
    held = chance.random() < 0.001
    return {
        "id": new_id(),
        "company_id": world.company_id,
        "person_id": person,
        "in_force": found,
        "archetype": found,
        "confidence": round(chance.random(), 4),
        "beliefs": {one.value: 0.3333 for one in Archetype},
        "signals": {f"a_signal_of_this_length_{one}": [0.5, 12] for one in range(9)},
        "answers": {"made": {"buyout": [3, 4]}, "received": {"swap": [1, 2]}},
        "transactions": chance.randrange(40),
        "rule_set": 1,
        "detected_at": now - timedelta(hours=1),
        "stale": chance.random() < 0.02,
        "override": found if held else None,
        "override_reason": "A reason" if held else "",
        "override_by": "Staff" if held else "",
        "override_at": now if held else None,
        "override_expires_at": now + timedelta(days=chance.randrange(1, 90)) if held else None,
        "version": 1,
    }


if __name__ == "__main__":
    sys.exit(main())
