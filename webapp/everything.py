"""All processes of one instance in the foreground: web, workers, scheduler, embedded queue server."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from importlib import import_module

from flask import Flask

from webapp.core.keeper import Child, Keeper
from webapp.core.store import embedded
from webapp.prepare import prepare
from webapp.settings import Settings, SettingsError, load_settings

READY_SECONDS = 60.0
# A request waits for Redis and the database a dozen times, each time then for Python's lock: not 5 ms.
SWITCH_SECONDS = 0.002


class AlreadyRunning(Exception):
    """Another process holds this instance's folder."""


class PortTaken(Exception):
    """Somebody else listens where the web server should."""


def main() -> int:
    """Start everything, say where it is, keep it alive until Ctrl-C; answers the exit status."""
    try:
        settings = load_settings()
        settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(settings):
            _check_port(settings)
            return _run(settings)
    except (SettingsError, AlreadyRunning, PortTaken, embedded.EmbeddedServerFailed) as error:
        print(f"Atelier cannot start: {error}", file=sys.stderr)
        return 2


def _run(settings: Settings) -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    _meeting_place(settings)
    # Loaded once, here: every process is forked from this one and has the application at hand.
    app = import_module("app").app
    keeper = Keeper(_children(app, settings))
    try:
        if settings.embedded_queue:
            embedded.ensure_running(settings.socket, settings.instance)
        signs = prepare(app)
        keeper.start()
        if _ready(settings, keeper, stop):
            print(f"\nAtelier is ready: {settings.address}\n{signs}\nCtrl-C stops it.\n", flush=True)
        while not stop.wait(0.5):
            keeper.look()
            if settings.embedded_queue and not embedded.answers(settings.socket):
                embedded.ensure_running(settings.socket, settings.instance)
    finally:
        print("Stopping…", flush=True)
        keeper.stop()
        if settings.embedded_queue:
            embedded.stop(settings.socket)
    return 0


def _meeting_place(settings: Settings) -> None:
    """Give the processes a fresh folder to add up their counters in, before the library is loaded."""
    folder = settings.instance / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _children(app: Flask, settings: Settings) -> list[Child]:
    worker = import_module("worker")
    # The first worker takes what people wait for; the others help with batches first.
    lines = [["llm", "default", "batch"], *[["batch", "default", "llm"]] * (settings.workers - 1)]
    workers = [
        Child(f"worker {number}", partial(worker.work, app, queues))
        for number, queues in enumerate(lines, start=1)
    ]
    web = Child("web", partial(_serve, settings))
    return [web, *workers, Child("scheduler", partial(worker.sweep, app))]


def _serve(settings: Settings) -> None:
    """Be the web server. Its own workers are forked too and find `app:app` loaded."""
    from granian import Granian  # noqa: PLC0415  # the other processes do without it
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    sys.setswitchinterval(SWITCH_SECONDS)
    Granian(
        "app:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        blocking_threads=settings.web_threads,
        websockets=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=3,
    ).serve()


def _check_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left is free
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise PortTaken(
                f"port {settings.port} is not free ({error.strerror}). Set PORT to another."
            ) from None


def _ready(settings: Settings, keeper: Keeper, stop: threading.Event) -> bool:
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104  # a comparison
    url = f"http://{host}:{settings.port}/health/ready"
    deadline = time.monotonic() + READY_SECONDS
    while not stop.wait(0.05):
        with (
            contextlib.suppress(OSError, urllib.error.URLError),
            urllib.request.urlopen(url, timeout=2),
        ):  # our own address
            return True
        keeper.look()
        if time.monotonic() > deadline:
            print(f"Atelier is not ready after {READY_SECONDS:.0f} s; see {url}", file=sys.stderr)
            return False
    return False


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    path = settings.instance / "atelier.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"it runs already in {settings.instance}. For a second one set INSTANCE_PATH and PORT."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
