"""Where uploaded files wait: below the instance's folder, under their company and a random name."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from webapp.core.errors import DomainError

PART = 1024 * 1024
DAY = 86_400


@dataclass(frozen=True)
class Folder:
    """The folder of one company. Web processes and workers share it."""

    root: Path
    company_id: UUID

    def path(self, stored: str) -> Path:
        """Where the file of this name is."""
        return self.root / self.company_id.hex / Path(stored).name

    def store(self, source: BinaryIO, most: int) -> str:
        """Copy the file part by part and answer its name. Raises DomainError when it has more bytes."""
        name = secrets.token_hex(16)
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        with path.open("wb") as file:
            while part := source.read(PART):
                file.write(part)
                if file.tell() > most:
                    path.unlink()
                    size = f"{most // PART:,} MB"
                    raise DomainError(f"This file is larger than {size}.", code="too_large", status=413)
        return name

    def remove(self, stored: str) -> None:
        """Remove the file and what was read of it."""
        for path in self.path(stored).parent.glob(f"{Path(stored).name}*"):
            path.unlink(missing_ok=True)


def tidy(root: Path, days: float) -> int:
    """Remove every company's files that nobody has touched for so many days; answers how many."""
    old = [path for path in root.glob("*/*") if path.stat().st_mtime < time.time() - days * DAY]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
