"""Times the scoring of open leads and the training of many salespeople, beside their ceilings.

`python -m tests.bench.leads [--leads N …] [--persons N] [--engine sqlite|postgres] [--json]`

For each number of open leads a fresh database is filled with that many leads of twenty salespeople, all with
a model in force, and six activities of each lead; then one job scores them all. The ceiling in the same run:
one GROUP BY over the same activities and an update of as many leads' rows. With `--persons` so many people
with 200 closed leads each are trained instead, beside as many logistic regressions of scikit-learn on
matrices of that size. The time of the processors stands beside the clock's, which other work slows. Not part
of any suite.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sqlalchemy import func, select, text

from tests.bench.filling import loader, postgres, settle
from tests.bench.world import bench_world
from tests.conftest import World
from tests.leads.selling import habits, newest, salesperson, seller, write
from webapp import create_app
from webapp.core.access import Role
from webapp.core.db import db
from webapp.leads.learning import live_trainings, start_training
from webapp.leads.models import Lead, ScoringModel
from webapp.leads.scoring import start_scoring

TARGET = 1_000_000  # leads a minute
SELLERS = 20
EACH = 6  # activities of a lead
KINDS = ("email_open", "email_click", "property_view", "page_view", "call", "email_reply")
CLOSED = 200  # of each person who is trained
STAMP = "%Y-%m-%d %H:%M:%S.%f"
Row = tuple[Any, ...]


def main() -> int:
    """Fill, score or train, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--persons", type=int, default=0)
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    os.environ["ATELIER_TEST_DATABASE"] = given.engine
    if given.persons:
        told = [_in_world(partial(_training, persons=given.persons))]
    else:
        told = [_in_world(partial(_scoring, leads=size)) for size in given.leads]
    for one in told:
        line = json.dumps(one) if given.json else "  ".join(f"{name} {one[name]:,}" for name in one)
        sys.stdout.write(line + "\n")
    return 0


def _in_world(measured: Any) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="atelier-bench-"))
    try:
        with bench_world(folder) as world:
            found: dict[str, Any] = measured(world)
            return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _scoring(world: World, leads: int) -> dict[str, Any]:
    names = [f"seller{number}" for number in range(SELLERS)]
    for name in names:
        staff_id = salesperson(world, name)
        write(world, staff_id, habits("call", 9), f"{name}-a")
        write(world, staff_id, habits("email_open", 2), f"{name}-b")
        job = start_training(world.session, seller(world, name), world.services.starter, [world.staff[name]])
        world.services.runner.run(job.id)
        assert newest(world, name).adopted
    owners = [world.staff[name].hex for name in names]
    world.session.rollback()  # an open reader would keep SQLite's log from being copied back
    filler = multiprocessing.get_context("fork").Process(target=_fill_open, args=(world, owners, leads))
    filler.start()
    filler.join()
    assert filler.exitcode == 0
    settle(world, "leads", "activities")
    ceiling = _ceiling(world)
    actor = world.actor(Role.ADMIN)
    size = world.services.settings.lead_set
    job = start_scoring(world.session, actor, world.services.starter, size=size)
    begun, busy = time.perf_counter(), time.process_time()
    world.services.runner.run(job.id)
    took, busy = time.perf_counter() - begun, time.process_time() - busy
    again = start_scoring(world.session, world.actor(Role.ADMIN), world.services.starter, size=size)
    begun = time.perf_counter()
    world.services.runner.run(again.id)
    anew = time.perf_counter() - begun
    world.actor(Role.ADMIN)
    done = world.session.scalar(select(func.count()).where(Lead.scored_at.is_not(None), ~Lead.stale))
    assert done == leads, done
    return {
        "leads": leads,
        "seconds": round(took, 1),
        "processor s": round(busy, 1),
        "leads a minute": round(leads / took * 60),
        "once more s": round(anew, 1),
        "once more a minute": round(leads / anew * 60),
        "ceiling s": round(ceiling, 1),
        "peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _ceiling(world: World) -> float:
    world.actor(Role.ADMIN)
    begun = time.perf_counter()
    connection = world.session.connection()
    grouped = "SELECT lead_id, count(*), max(at) FROM activities GROUP BY lead_id"
    for _ in connection.execute(text(grouped), execution_options={"yield_per": 10_000}):
        pass
    connection.execute(text("UPDATE leads SET score = 1, probability = 0.5 WHERE stage = 'NEW'"))
    world.session.commit()
    return time.perf_counter() - begun


def _fill_open(world: World, owners: list[str], leads: int) -> None:
    _fill(world, [(f"a{number:031x}", owners[number % len(owners)], None) for number in range(leads)])


def _fill(world: World, leads: list[tuple[str, str, bool | None]]) -> None:
    """Leads (id, owner, won or open) with six activities each, in the order of time."""
    load, company, now = loader(world), world.company_id.hex, world.clock.now()
    stamp, yes = now.strftime(STAMP), True if postgres(world) else 1
    chance = np.random.default_rng(7)
    begun = [
        (now - timedelta(days=float(days))).strftime(STAMP) for days in chance.uniform(40, 400, len(leads))
    ]
    ended = (now - timedelta(days=1)).strftime(STAMP)
    stages = {None: "NEW", True: "WON", False: "LOST"}
    load(
        "leads",
        "company_id id identifier identifier_key name name_key email email_key source value_minor currency"
        " stage owner_id closer_id opened_at stage_changed_at closed_at attributes score at_risk"
        " stale version created_at updated_at",
        (
            (
                *(company, one, f"l{n}", f"l{n}", f"Lead {n}", f"lead {n}", "", "", ("web", "portal")[n % 2]),
                *(
                    100_000 + n,
                    "EUR",
                    stages[won],
                    owner,
                    owner if won is not None else None,
                    at,
                    at,
                    ended if won is not None else None,
                ),
                *("{}", 0, not yes, yes, 1, at, stamp),
            )
            for n, ((one, owner, won), at) in enumerate(zip(leads, begun, strict=True))
        ),
    )
    load(
        "activities",
        "company_id id identifier lead_id kind at note by created_at",
        _activities(company, leads, now, chance),
    )


def _activities(
    company: str, leads: list[tuple[str, str, bool | None]], now: Any, chance: Any
) -> Iterator[Row]:
    number = 0
    for one, _, won in leads:
        kinds = chance.integers(0, len(KINDS), EACH).tolist()
        days = chance.uniform(2, 38, EACH).tolist()
        if won is not None:  # calls win here: there is something to learn
            kinds[:3] = [4 if won else 0] * 3
        for kind, ago in zip(kinds, days, strict=True):
            number += 1
            at = (now - timedelta(days=ago)).strftime(STAMP)
            yield (company, f"b{number:031x}", f"a{number}", one, KINDS[kind], at, "", "", at)


def _training(world: World, persons: int) -> dict[str, Any]:
    ids = [salesperson(world, f"person{number}") for number in range(persons)]
    chance = np.random.default_rng(3)
    leads = [
        (f"c{place * CLOSED + n:031x}", staff_id.hex, bool(chance.random() < 0.5))
        for place, staff_id in enumerate(ids)
        for n in range(CLOSED)
    ]
    world.session.rollback()
    _fill(world, leads)
    settle(world, "leads", "activities")
    world.actor(Role.ADMIN)
    start_training(world.session, world.actor(Role.ADMIN), world.services.starter, ids)
    jobs = [one.id for one in live_trainings(world.session)]
    settings = world.services.settings
    begun, busy = time.perf_counter(), _of_children()
    workers = [
        multiprocessing.get_context("spawn").Process(target=_work, args=(settings, some))
        for some in (jobs, jobs[::-1])
    ]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    took, busy = time.perf_counter() - begun, _of_children() - busy
    world.actor(Role.ADMIN)
    done = world.session.scalar(select(func.count(ScoringModel.id)))
    assert done == persons, done
    return {
        "persons": persons,
        "closed leads each": CLOSED,
        "seconds": round(took, 1),
        "processor s of both": round(busy, 1),
        "a person s": round(took / persons, 3),
        "ceiling s": round(_fits(persons), 1),
    }


def _of_children() -> float:
    """The processor's seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _work(settings: Any, jobs: list[Any]) -> None:
    """One worker: every job that no other one holds."""
    app = create_app(settings)
    with app.app_context():
        for one in jobs:
            app.extensions["atelier"].runner.run(one)
            db.session.remove()


def _fits(persons: int) -> float:
    """As many plain logistic regressions on matrices of that size, on one core, halved for two."""
    chance = np.random.default_rng(1)
    x, y = chance.normal(size=(4 * CLOSED, 24)), chance.integers(0, 2, 4 * CLOSED)
    begun = time.perf_counter()
    for _ in range(50):
        LogisticRegression(max_iter=1000).fit(x, y)
    return (time.perf_counter() - begun) / 50 * persons / 2


if __name__ == "__main__":
    sys.exit(main())
