"""Load for the benches of calls: clients in a process of their own, and a bare Flask view to compare with."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.instance import ROOT, free_port, until

WARM_UP = 6.0  # seconds; the first call makes what is kept


@contextmanager
def bare_server(folder: Path, app: str) -> Iterator[int]:
    """The bare application under the same server, on the instance's own database; yields its port."""
    port = free_port()
    words = ["--interface", "wsgi", "--port", str(port), "--workers", "2", "--blocking-threads", "24"]
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *words, "--no-ws", "--log-level", "error", app],
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


def clients(
    port: int, method: str, path: str, token: str, body: Any, given: argparse.Namespace, names: int = 1
) -> dict[str, Any]:
    """What so many clients saw, from a process of their own, so that all servers are slowed by it alike.

    Each call puts another number below `names` where the path says `{n}`.
    """
    asked = json.dumps([port, method, path, token, body, given.seconds, given.clients, names])
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        cwd=ROOT,
        input=asked,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> int:
    """Ask with so many clients at once, each on one connection, and count after a moment of warming up."""
    port, method, path, token, body, seconds, count, names = json.load(sys.stdin)
    sent = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": token, "Content-Type": "application/json"}
    begin = time.perf_counter() + WARM_UP
    end = begin + seconds
    times: list[float] = []
    failed: list[int] = []

    def ask(chance: random.Random) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while (started := time.perf_counter()) < end:
            line.request(method, path.replace("{n}", str(chance.randrange(names))), sent, headers)
            answer = line.getresponse()
            answer.read()
            if started >= begin:
                times.append((time.perf_counter() - started) * 1000)
                if answer.status not in {200, 202}:
                    failed.append(answer.status)
        line.close()

    threads = [threading.Thread(target=ask, args=(random.Random(seed),)) for seed in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    found = {
        "requests per second": round(len(times) / seconds, 1),
        "median ms": round(statistics.median(times), 1),
        "p95 ms": round(times[int(len(times) * 0.95)], 1),
        "failed": len(failed),
    }
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
