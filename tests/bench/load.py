"""Load for the benches of calls: clients in a process of their own, and a bare Flask view to compare with."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.instance import ROOT, free_port, until

LENGTH = re.compile(rb"(?i)content-length: *(\d+)")
LONGEST = 30.0  # seconds until any answer
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


class Line:
    """One client: its connection, the call it makes, and when it made the one that is not answered yet.

    Bare sockets: `http.client` takes a third of a millisecond of a core a call, which the servers miss.
    """

    def __init__(self, port: int, seed: int, head: str, sent: bytes, names: int) -> None:
        self.chance, self.head, self.sent, self.names = random.Random(seed), head, sent, names
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = b""
        self.started = 0.0

    def ask(self) -> None:
        """Send the call, with another number where the path says so."""
        self.started = time.perf_counter()
        self.socket.sendall(
            self.head.replace("{n}", str(self.chance.randrange(self.names))).encode() + self.sent
        )

    def status(self) -> int:
        """Take what came; the answer's status once all of it is there, else 0. Raises OSError at an end."""
        came = self.socket.recv(1 << 16)
        if not came:
            raise ConnectionResetError("the server hung up")
        self.got += came
        head, end, body = self.got.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or (length and len(body) < int(length[1])):
            return 0
        if not length:
            raise ValueError("the answer does not say how long it is")
        self.got = b""
        return int(head[9:12])


def main() -> int:
    """Ask with so many clients at once, each on one connection, and count after a moment of warming up."""
    port, method, path, token, body, seconds, count, names = json.load(sys.stdin)
    sent = b"" if body is None else json.dumps(body).encode()
    headers = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
    )
    begin = time.perf_counter() + WARM_UP
    times, failed = _asked(
        [Line(port, seed, headers, sent, names) for seed in range(count)], begin, begin + seconds
    )
    times.sort()
    found = {
        "requests per second": round(len(times) / seconds, 1),
        "median ms": round(statistics.median(times), 1),
        "p95 ms": round(times[int(len(times) * 0.95)], 1),
        "failed": failed,
    }
    sys.stdout.write(json.dumps(found))
    return 0


def _asked(lines: list[Line], begin: float, end: float) -> tuple[list[float], int]:
    """How many milliseconds the calls that began in this time took, and how many failed.

    Raises TimeoutError when nobody is answered, ConnectionResetError when the server ends a connection.
    """
    times, failed = list[float](), 0
    with selectors.DefaultSelector() as waiting:
        for line in lines:
            waiting.register(line.socket, selectors.EVENT_READ, line)
            line.ask()
        while waiting.get_map():
            ready = waiting.select(LONGEST)
            if not ready:
                raise TimeoutError("the server answers nobody")
            for key, _ in ready:
                line = key.data
                status = line.status()
                if not status:
                    continue
                now = time.perf_counter()
                if line.started >= begin:
                    times.append((now - line.started) * 1000)
                    failed += status not in {200, 202}
                if now < end:
                    line.ask()
                else:
                    waiting.unregister(line.socket)
                    line.socket.close()
    return times, failed


if __name__ == "__main__":
    sys.exit(main())
