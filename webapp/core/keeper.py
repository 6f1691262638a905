"""Keeps child processes alive, and ends all of them with itself."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

WARM_SECONDS = 4.0
COLD_SECONDS = 4.0
SHORT_LIFE = 2.0  # seconds; a child that lives shorter is given a pause before the next try
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Child:
    """A process to keep: its name in messages and its command."""

    name: str
    command: list[str]


class Keeper:
    """Starts children, starts again those that die, and stops them together."""

    def __init__(self, children: list[Child], folder: Path) -> None:
        self._children = children
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._born: dict[str, float] = {}

    def start(self) -> None:
        """Start every child."""
        for child in self._children:
            self._launch(child)

    def look(self) -> None:
        """Start again what has died; what died young waits a moment first."""
        for child in self._children:
            process = self._running[child.name]
            if process.poll() is None or time.monotonic() - self._born[child.name] < SHORT_LIFE:
                continue
            print(f"{child.name} ended with status {process.returncode}; starting it again", file=sys.stderr)
            self._launch(child)

    def stop(self) -> None:
        """End all children: asked once, asked again (workers then drop their job), then killed."""
        for seconds in (WARM_SECONDS, COLD_SECONDS):
            for process in self._running.values():
                if process.poll() is None:
                    process.terminate()
            if self._gone(seconds):
                break
        for process in self._running.values():
            _kill_session(process.pid)
            process.wait()

    def _launch(self, child: Child) -> None:
        self._born[child.name] = time.monotonic()
        # A session of its own: Ctrl-C at the terminal reaches the keeper alone.
        self._running[child.name] = subprocess.Popen(  # noqa: S603  # our own commands, no shell
            child.command,
            cwd=self._folder,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  # the keeper has one thread,
        )

    def _gone(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        for process in self._running.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                return False
        return True


def _die_with_parent() -> None:
    # A keeper that is killed cannot stop anybody; Linux can tell its children.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


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
