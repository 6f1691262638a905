"""Times serving a stored lesson: `python -m tests.bench.serving [--seconds N] [--clients N] [--json]`.

Requests a second and latency through granian, beside a bare Flask view under the same server that does
the same SELECT. The clients are one process of their own, so both are slowed by it alike.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.instance import ROOT, Instance, free_port, until

LEARNER, LESSON = "21179358", 1
WARM_UP = 1.0  # seconds


def main() -> int:
    """Serve for so many seconds each, print; the status is 0 when no call failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--client", nargs=3, metavar=("PORT", "PATH", "TOKEN"), help=argparse.SUPPRESS)
    parser.add_argument("--course", default="")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.client:
        port, path, token = given.client
        sys.stdout.write(json.dumps(_load(int(port), path, token, given)))
        return 0
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        found = _measured(Path(folder) / "instance", given)
    return _report(given, found)


def _measured(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    with Instance(folder, API_CALLS_PER_MINUTE="100000000") as instance:
        api = instance.api("all")
        given.course = str(api.call("GET", "/api/lessons?limit=1").json["items"][0]["course_id"])
        given.course = str(api.call("GET", f"/api/courses/{given.course}").json["key"])
        body = {"user_id": LEARNER, "lesson_number": LESSON, "course": given.course}
        first = api.call("POST", "/api/persona/personalize-template", body)
        assert first.status == 200, first.text
        token = api.headers["Authorization"]
        served = _clients(instance.port, "/api/persona/personalize-template", token, given)
    with _bare(folder) as port:
        bare = _clients(port, "/lesson", "none", given)
    return {"served": served, "bare": bare}


@contextmanager
def _bare(folder: Path) -> Iterator[int]:
    port = free_port()
    words = ["--interface", "wsgi", "--port", str(port), "--workers", "2", "--blocking-threads", "24"]
    words += ["--no-ws", "--log-level", "error", "tests.bench.bare:app"]
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *words],
        cwd=ROOT,
        env={**os.environ, "BARE_DATABASE": f"sqlite:///{folder / 'atelier.db'}"},
    )
    try:
        until(lambda: _listens(port))
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    probe = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        probe.request("GET", "/")
        return probe.getresponse().status == 404
    except OSError:
        return False
    finally:
        probe.close()


def _clients(port: int, path: str, token: str, given: argparse.Namespace) -> dict[str, Any]:
    """The load from a process of its own."""
    words = ["--seconds", str(given.seconds), "--clients", str(given.clients), "--course", given.course]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.serving", "--client", str(port), path, token, *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _load(port: int, path: str, token: str, given: argparse.Namespace) -> dict[str, Any]:
    """Ask with so many clients at once, each on one connection, and count after a moment of warming up."""
    body = json.dumps({"user_id": LEARNER, "lesson_number": LESSON, "course": given.course}).encode()
    headers = {"Authorization": token, "Content-Type": "application/json"}
    begin = time.perf_counter() + WARM_UP
    end = begin + given.seconds
    times: list[float] = []
    failed: list[int] = []

    def ask() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while (started := time.perf_counter()) < end:
            line.request("POST", path, body, headers)
            answer = line.getresponse()
            answer.read()
            if started >= begin:
                times.append((time.perf_counter() - started) * 1000)
                if answer.status != 200:
                    failed.append(answer.status)
        line.close()

    threads = [threading.Thread(target=ask) for _ in range(given.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    return {
        "requests per second": round(len(times) / given.seconds, 1),
        "median ms": round(statistics.median(times), 1),
        "p95 ms": round(times[int(len(times) * 0.95)], 1),
        "failed": len(failed),
    }


def _report(given: argparse.Namespace, found: dict[str, Any]) -> int:
    served, bare = found["served"], found["bare"]
    share = served["requests per second"] / bare["requests per second"]
    found["share of the bare view"] = round(share, 2)
    bad = bool(served["failed"] or bare["failed"])
    if given.json:
        sys.stdout.write(json.dumps({"clients": given.clients, **found}))
        return bad
    sys.stdout.write(f"{given.clients} clients, {given.seconds:g} s each\n")
    for name, seen in (("stored lesson", served), ("bare view, same SELECT", bare)):
        told = "".join(f"{label} {value:>8}   " for label, value in seen.items())
        sys.stdout.write(f"{name:26}{told}\n")
    sys.stdout.write(f"share of the bare view's rate: {share:.2f}\n")
    return bad


if __name__ == "__main__":
    sys.exit(main())
