"""Keeps child processes alive, and ends all of them with itself.

Children are forked from a process that has everything loaded, so that they begin at once, also again.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

WARM_SECONDS = 4.0
COLD_SECONDS = 4.0
STEP = 0.05
SHORT_LIFE = 2.0  # seconds; a child that lives shorter is given a pause before the next try
PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15


@dataclass(frozen=True)
class Child:
    """A process to keep: its name in messages and what it runs until it is told to stop."""

    name: str
    run: Callable[[], None]


class Keeper:
    """Starts children, starts again those that die, and stops them together."""

    def __init__(self, children: list[Child]) -> None:
        self._children = children
        self._running: dict[str, int] = {}
        self._born: dict[str, float] = {}

    def start(self) -> None:
        """Start every child."""
        for child in self._children:
            self._launch(child)

    def look(self) -> None:
        """Start again what has died; what died young waits a moment first."""
        for child in self._children:
            if self._alive(child.name) or time.monotonic() - self._born[child.name] < SHORT_LIFE:
                continue
            print(f"{child.name} has ended; starting it again", file=sys.stderr)
            self._launch(child)

    def stop(self) -> None:
        """End all children: asked once, asked again (workers then drop their job), then killed."""
        leaders = dict(self._running)
        for seconds in (WARM_SECONDS, COLD_SECONDS):
            for name, pid in leaders.items():
                if self._alive(name):
                    os.kill(pid, signal.SIGTERM)
            if self._gone(seconds):
                break
        for name, pid in leaders.items():
            _kill_session(pid)
            self._alive(name)

    def _launch(self, child: Child) -> None:
        self._born[child.name] = time.monotonic()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            _live(child)
        self._running[child.name] = pid

    def _alive(self, name: str) -> bool:
        pid = self._running.get(name)
        if pid is None:
            return False
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG)[0] == 0:
                return True
        del self._running[name]
        return False

    def _gone(self, seconds: float) -> bool:
        for _ in range(int(seconds / STEP)):
            alive = [child.name for child in self._children if self._alive(child.name)]
            if not alive:
                return True
            time.sleep(STEP)  # children that end have no event to wait on
        return False


def _live(child: Child) -> None:
    """Be the child, and never return."""
    status = 1
    try:
        _settle_in(child.name)
        child.run()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  # nothing above may run twice
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _settle_in(name: str) -> None:
    os.setsid()  # Ctrl-C at the terminal reaches the keeper alone
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    # A keeper that is killed cannot stop anybody; Linux can tell its children.
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        libc.prctl(PR_SET_NAME, name.encode()[:15])  # what `ps -o comm` shows


def _kill_session(leader: int) -> None:
    """Kill what is left of a child's session: a work horse has a process group of its own."""
    for pid in _session_members(leader):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _session_members(leader: int) -> list[int]:
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader:
                members.append(int(stat.parent.name))
    return members
