"""The RQ worker, and with `--scheduler` the sweeper: `python worker.py [QUEUE …]`."""

from __future__ import annotations

import argparse
import itertools
import signal
import threading
from collections.abc import Callable

import structlog
from flask import Flask
from sqlalchemy.orm import Session

from webapp import create_app
from webapp.core.db import db
from webapp.core.jobs.kinds import Queue
from webapp.core.jobs.workers import AppWorker
from webapp.core.services import Services
from webapp.core.store.embedded import ensure_running

log = structlog.get_logger()
ORDER = [queue.value for queue in Queue]


def work(app: Flask, queues: list[str]) -> None:
    """Answer the doorbell until told to stop."""
    services: Services = app.extensions["atelier"]
    if not services.llm.by_rules:
        # The client library is heavy: loaded here once, it is there in every fork.
        import openai  # noqa: F401, PLC0415
    worker = AppWorker(app, queues)
    worker.work(logging_level="WARNING", with_scheduler=False)


def sweep(app: Flask) -> None:
    """Look over all jobs and what is due every few seconds until told to stop."""
    services: Services = app.extensions["atelier"]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    rounds = itertools.cycle([services.scheduler.tick, *[None] * 4])
    while not stop.wait(services.settings.job_sweep):
        for deed in filter(None, (services.sweeper.sweep, next(rounds))):
            _safely(app, deed)


def _safely(app: Flask, deed: Callable[[Session], int]) -> None:
    with app.app_context():
        try:
            deed(db.session())
        except Exception:
            log.exception("a round of the sweeper or the scheduler failed; the next one follows")


def main() -> None:
    """Read the command line and begin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("queues", nargs="*", metavar="QUEUE", help=f"in order; default {' '.join(ORDER)}")
    parser.add_argument("--scheduler", action="store_true", help="sweep and schedule instead of working")
    given = parser.parse_args()
    app = create_app()
    settings = app.extensions["atelier"].settings
    if settings.embedded_queue:
        ensure_running(settings.socket, settings.instance)
    if given.scheduler:
        sweep(app)
    else:
        work(app, given.queues or ORDER)


if __name__ == "__main__":
    main()
