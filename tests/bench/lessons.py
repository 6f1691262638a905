"""Times a lesson batch against a model of 500 ms: `python -m tests.bench.lessons [--learners N] [--json]`.

Ten lessons of the demo course for so many learners, by the worker's own code on a throw-away database;
the ceiling is calls (lessons, and the repairs of those that failed a check) × the model's time ÷ calls in
flight.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from tests import databases
from tests.conftest import World, people
from tests.instance import free_port
from tests.lessons.making import DEMO, confined, course, learner
from webapp import Clients, create_app
from webapp.accounts.secrets import Passwords
from webapp.core.access import Role
from webapp.core.clock import SystemClock
from webapp.core.db import db
from webapp.core.jobs.models import Job
from webapp.core.llm.ledger import CACHED, LlmCall
from webapp.core.store import embedded
from webapp.lessons.batch import Choice, start_batch
from webapp.lessons.models import PersonalLesson
from webapp.settings import load_settings

TARGET = 1.1
DELAY = 0.5


def main() -> int:
    """Fill, write, print; the status is 0 when the time keeps to the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=200)
    parser.add_argument("--in-flight", type=int, default=8)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--profile", action="store_true", help="print where one hand's time goes")
    given = parser.parse_args()
    os.environ["ATELIER_TEST_DATABASE"] = given.engine
    port = free_port()
    words = ["llm", "stand-in", "--port", str(port), "--mode", "slow", "--delay", str(DELAY)]
    model = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", *words], stdout=subprocess.PIPE, text=True
    )
    try:
        assert model.stdout
        address = model.stdout.readline().strip()
        found = _measured(given, address)
    finally:
        model.terminate()
        model.wait()
    sys.stdout.write(json.dumps(found) + "\n" if given.json else _table(found))
    return int(found["ratio"] > TARGET or found["written"] != found["lessons"])


def _measured(given: argparse.Namespace, address: str) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="atelier-bench-"))
    socket = load_settings(instance_path=str(folder)).socket
    embedded.ensure_running(socket, folder)
    try:
        with databases.maker(folder / "databases") as make, make() as urls:
            settings = load_settings(
                atelier_env="test",
                instance_path=str(folder / "instance"),
                redis_url=f"unix://{socket}",
                secret_key="a secret of the benches, long enough to pass",
                log_level="ERROR",
                openai_base_url=address,
                openai_api_key="k",
                llm_in_flight=given.in_flight,
                llm_daily_limit=1000,
                **urls,
            )
            clients = Clients(clock=SystemClock(), passwords=Passwords(cheap=True), ring=lambda *_: None)
            app = create_app(settings, clients)
            with app.app_context():
                return _timed(people(app, clients.clock), given)  # type: ignore[arg-type]  # the bench counts real seconds, so its clock is never shifted
    finally:
        embedded.stop(socket)


def _timed(world: World, given: argparse.Namespace) -> dict[str, Any]:
    made = course(world, len(DEMO.lessons))
    for number in range(given.learners):
        answers = {"motivation": f"To work on my own in {number} months.", "fears": "Hurting someone"}
        learner(world, f"b{number}", name=f"Lena Berg{number}", answers=answers)
    who = world.actor(Role.EDITOR)
    began = time.perf_counter()
    job, _ = start_batch(confined(world), who, Choice(course_id=made), world.services.starter)
    accepted = time.perf_counter() - began
    job_id, total = job.id, job.total
    db.session().commit()
    profile = cProfile.Profile()
    began = time.perf_counter()
    if given.profile:
        profile.enable()
    world.services.runner.run(job_id)
    seconds = time.perf_counter() - began
    if given.profile:
        profile.disable()
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(30)
    session = confined(world)
    ended = session.get_one(Job, job_id)
    calls = session.scalar(select(func.count(LlmCall.id)).where(LlmCall.outcome != CACHED)) or 0
    ideal = calls * DELAY / given.in_flight
    found = {
        "engine": given.engine,
        "lessons": total,
        "written": session.scalar(select(func.count(PersonalLesson.id))),
        "failed": ended.failed,
        "why": ended.problem,
        "calls": calls,
        "in flight": given.in_flight,
        "accepted in s": round(accepted, 2),
        "seconds": round(seconds, 1),
        "ideal": ideal,
        "ratio": round(seconds / ideal, 3),
        "target": TARGET,
    }
    db.session.remove()
    db.engine.dispose()
    return found


def _table(found: dict[str, Any]) -> str:
    return "".join(f"{name:16}{value}\n" for name, value in found.items())


if __name__ == "__main__":
    sys.exit(main())
