"""A whole instance as people start it: every process real, on a folder and a port of its own."""

from __future__ import annotations

import contextlib
import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parent.parent
START_SECONDS = 90


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Answers 303 instead of following it."""

    def redirect_request(self, *_args: Any, **_keywords: Any) -> None:
        return None


@dataclass
class Answer:
    """An HTTP answer, whatever its status."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Http:
    """A small client with cookies; it follows nothing and raises nothing."""

    base: str
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar, NoRedirect())

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        request = urllib.request.Request(self.base + path, data=body, method=method)
        for name, value in {**self.headers, **headers}.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.read().decode(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode(), dict(error.headers))

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def form(self, path: str, data: dict[str, str], **headers: str) -> Answer:
        return self.send("POST", path, urllib.parse.urlencode(data).encode(), **headers)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        return self.send(method, path, data, Content_Type="application/json", **headers)

    def token_of(self, path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(path).text)
        assert found
        return found.group(1)


class Instance:
    """`python app.py` in a folder of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.environment = environment
        self.lines: list[str] = []
        self.password = ""
        self.email = ""
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        self._ready.clear()
        self.process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env={**os.environ, "INSTANCE_PATH": str(self.folder), "PORT": str(self.port), **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._ready.wait(START_SECONDS), "".join(self.lines)

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            found = re.search(r"Sign in as (\S+) with the password (\S+)", line)
            if found:
                self.email, self.password = found.groups()
            if "Ctrl-C stops it" in line:
                self._ready.set()
        self._ready.set()

    def stop(self) -> int:
        """Press Ctrl-C and wait; answers the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        status = self.process.wait(60)
        self._reader.join()
        assert self.process.stdout
        self.process.stdout.close()
        return status

    def http(self, **headers: str) -> Http:
        """A client that is not signed in."""
        return Http(self.base, headers)

    def signed_in(self) -> Http:
        """A client signed in as the first admin."""
        client = self.http()
        data = {"email": self.email, "password": self.password, "csrf_token": client.token_of("/sign-in")}
        assert client.form("/sign-in", data).status == 303
        return client

    def flask(self, *words: str, stdin: str = "") -> str:
        """Run a command against this instance; answers its output."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *words],
            cwd=ROOT,
            env={**os.environ, "INSTANCE_PATH": str(self.folder), **self.environment},
            input=stdin,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def api(self, *scopes: str) -> Http:
        """A client with a token of the demo company."""
        words = [word for scope in scopes or ("all",) for word in ("--scope", scope)]
        made = json.loads(self.flask("tokens", "create", "--company", "demo", *words, "--json"))
        return self.http(Authorization=f"Bearer {made['token']}")

    def processes(self) -> dict[int, str]:
        """Every process that lives on this folder: its id and its command line."""
        return dict(self._processes())

    def _processes(self) -> Iterator[tuple[int, str]]:
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                here = f"INSTANCE_PATH={self.folder}\0".encode() in (entry / "environ").read_bytes() + b"\0"
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                if command and (here or str(self.folder) in command):
                    yield int(entry.name), f"{(entry / 'comm').read_text().strip()}: {command}"

    def kill(self, what: str) -> list[int]:
        """kill -9 every process whose command holds the word; answers their ids."""
        hit = [pid for pid, command in self.processes().items() if what in command]
        for pid in hit:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return hit


def until(condition: Any, seconds: float = 40.0) -> Any:
    """Answer the condition's first true value; look ten times a second, for so long at most."""
    pause = threading.Event()
    for _ in range(int(seconds * 10)):
        value = condition()
        if value:
            return value
        pause.wait(0.1)
    raise AssertionError(f"it did not become true within {seconds:.0f} s")
