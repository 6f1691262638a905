"""Times the recalculation of archetypes, beside its ceiling.

`python -m tests.bench.recalculation [--members N …] [--requests N] [--engine sqlite|postgres] [--json]`

For each number of members a fresh database is filled with that many members and so many requests of each,
spread over a year; then one job recalculates everybody. The ceiling in the same run: two GROUP BYs over the
same rows that count, and an update of as many members' rows by the driver. Not part of any suite.
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
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select, text

from tests.bench.filling import loader, settle
from tests.bench.world import bench_world
from tests.conftest import World
from webapp.archetypes.models import RecalculationLog
from webapp.archetypes.recalculating import start_recalculation
from webapp.core.access import Role

TARGET = 1_000_000  # members a minute
BATCH = 20_000
KINDS = ("buyout", "crash", "swap")
ENDS = ("accepted", "accepted", "accepted", "declined", "declined", "expired")
REASONS = ("price", "timing", "other")
AVERAGE = "average_user"
STAMP = "%Y-%m-%d %H:%M:%S.%f"


def main() -> int:
    """Fill, recalculate, print; the status is 0 when each size keeps the target and nobody failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--requests", type=int, default=10)
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    os.environ["ATELIER_TEST_DATABASE"] = given.engine
    figures = [_measured(members, given) for members in given.members]
    if given.json:
        sys.stdout.write(json.dumps({"engine": given.engine, "target a minute": TARGET, "sizes": figures}))
    return sum(one["failed"] > 0 or one["members a minute"] < TARGET for one in figures)


def _measured(members: int, given: argparse.Namespace) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="atelier-bench-"))
    try:
        with bench_world(folder) as world:
            begun = time.perf_counter()
            world.session.rollback()  # an open reader would keep SQLite's log from being copied back
            filler = multiprocessing.get_context("fork").Process(
                target=_fill, args=(world, members, given.requests)
            )
            filler.start()  # in a process of its own: its memory is not the job's
            filler.join()
            assert filler.exitcode == 0
            settle(world, "member_requests", "members")
            filled = time.perf_counter() - begun
            ceiling = _ceiling(world)
            figures = {"members": members, "filled s": round(filled, 1), "ceiling s": round(ceiling, 1)}
            figures |= _recalculated(world, members)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not given.json:
        sys.stdout.write("  ".join(f"{name} {value:,}" for name, value in figures.items()) + "\n")
        sys.stdout.flush()
    return figures


def _recalculated(world: World, members: int) -> dict[str, Any]:
    actor = world.actor(Role.ADMIN)
    job = start_recalculation(world.session, actor, world.services.starter, everyone=False, size=10_000)
    begun = time.perf_counter()
    world.services.runner.run(job.id)
    took = time.perf_counter() - begun
    world.actor(Role.ADMIN)
    run = world.session.scalars(select(RecalculationLog).where(RecalculationLog.job_id == job.id)).one()
    assert run.processed == members, (run.processed, run.failures[:3])
    return {
        "seconds": round(took, 1),
        "members a minute": round(members / took * 60),
        "failed": run.failed,
        "peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _ceiling(world: World) -> float:
    """The same rows grouped and counted for both sides, and every member's row written once."""
    world.actor(Role.ADMIN)
    begun = time.perf_counter()
    connection = world.session.connection()
    for side in ("requester_id", "responder_id"):
        grouped = f"SELECT {side}, count(*), sum(offered_minor) FROM member_requests GROUP BY {side}"
        for _ in connection.execute(text(grouped), execution_options={"yield_per": 10_000}):
            pass
    connection.execute(text("UPDATE members SET confidence = 0.5, transactions = 0, stale = stale"))
    world.session.commit()
    return time.perf_counter() - begun


def _fill(world: World, members: int, requests: int) -> None:
    """By the driver, requests in order of time as a company's history grows."""
    load = loader(world)
    persons = [f"01{number:030x}" for number in range(members)]
    company, now = world.company_id.hex, world.clock.now()
    stamp = now.strftime(STAMP)
    load(
        "persons",
        "company_id id identifier identifier_key name name_key email email_key language timezone version"
        " created_at updated_at",
        (
            (company, one, f"m{n}", f"m{n}", f"M {n}", f"m {n}", "", "", "", "", 1, stamp, stamp)
            for n, one in enumerate(persons)
        ),
    )
    load(
        "members",
        "company_id id person_id in_force archetype confidence beliefs signals answers transactions stale"
        " override_reason override_by version",
        (
            (
                company,
                one,
                one,
                AVERAGE,
                AVERAGE,
                0.0,
                "{}",
                "{}",
                "{}",
                0,
                True,
                "",
                "",
                1,
            )
            for one in persons
        ),
    )
    load(
        "member_requests",
        "company_id id identifier identifier_key requester_id responder_id kind asked_at days_until_checkin"
        " base_minor offered_minor currency status decline_reason answered_at paid_ppm answer_seconds version"
        " created_at updated_at",
        (
            (company, f"{number:032x}", *row, 1, stamp, stamp)
            for number, row in enumerate(_requests(persons, members * requests, now))
        ),
    )


def _requests(persons: list[Any], count: int, now: datetime) -> Iterator[tuple[Any, ...]]:
    """Every member makes as many as every other; who is asked is chance."""
    chance, members = np.random.default_rng(5), len(persons)
    first = np.datetime64((now - timedelta(days=361)).replace(tzinfo=None), "us")
    for begin in range(0, count, BATCH):
        size = min(BATCH, count - begin)
        numbers = np.arange(begin, begin + size)
        asked = first + (numbers * (360 * 86_400_000_000 / count)).astype("timedelta64[us]")
        kinds, ends, reasons = (chance.integers(0, most, size) for most in (3, 6, 3))
        bases, seconds = chance.integers(900, 2_600, size) * 100, chance.integers(60, 90_000, size)
        bought = bases * chance.integers(80, 130, size) // 100
        offered = np.select([kinds == 0, kinds == 1], [bought, bases * 3 // 10], 0)
        answered = asked + seconds.astype("timedelta64[s]")
        columns = (
            numbers,
            chance.integers(0, members, size),
            kinds,
            chance.integers(0, 60, size),
            bases,
            offered,
        )
        plain = (one.tolist() for one in (*columns, ends, reasons, offered * 1_000_000 // bases, seconds))
        for number, other, kind, days, base, offer, end, reason, ppm, took, at, back in zip(
            *plain, _stamps(asked), _stamps(answered), strict=True
        ):
            name, status = f"r{number}", ENDS[end]
            known = status != "expired"
            yield (
                *(name, name, persons[number % members], persons[other], KINDS[kind], at, days, base, offer),
                *("EUR", status, REASONS[reason] if status == "declined" else None),
                *(back if known else None, ppm, took if known else None),
            )


def _stamps(moments: Any) -> list[str]:
    return [one.replace("T", " ") for one in moments.astype(str).tolist()]


if __name__ == "__main__":
    sys.exit(main())
