"""A throw-away PostgreSQL cluster on a unix socket, from the server's installed binaries."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

DEBIAN = Path("/usr/lib/postgresql")


class Cluster:
    """Starts in its own folder and is gone afterwards. As root it runs as `postgres`, as it must."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sockets = Path(tempfile.mkdtemp(prefix="atelier-pg-"))
        self._data = self._sockets / "data"
        self._bin = _binaries()

    def url(self, database: str, role: str = "postgres") -> str:
        """The address of one of its databases under one of its roles."""
        return f"postgresql://{role}@/{database}?host={quote(str(self._sockets))}"

    def restart(self) -> None:
        """Stop at once, as a crash would, and start again."""
        self._ctl("restart", "-m", "immediate")

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(self._sockets, "postgres", "postgres")
        self._run(
            "initdb",
            "-D",
            str(self._data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        )
        self._ctl("start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ctl("stop", "-m", "immediate")
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _ctl(self, *words: str) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self._sockets} "
        options += "-c fsync=off -c max_connections=200"
        self._run(
            "pg_ctl", "-D", str(self._data), "-w", "-o", options, "-l", str(self._sockets / "log"), *words
        )

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._bin / program), *words]
        if os.getuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


def _binaries() -> Path:
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).parent
    raise RuntimeError("PostgreSQL's server binaries are not installed")
