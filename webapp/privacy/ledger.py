"""A file of all erasures beside the database: what was erased stays so when an older copy is put back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

NAME = "erasures.jsonl"


@dataclass(frozen=True)
class Erased:
    """That somebody of a company was erased, known by a digest."""

    company_id: UUID
    digest: str
    at: datetime


def note(instance: Path, erased: Iterable[Erased]) -> None:
    """Add lines to the instance's file; they are on the disk when this returns."""
    lines = "".join(
        json.dumps({"company": str(one.company_id), "digest": one.digest, "at": one.at.isoformat()}) + "\n"
        for one in erased
    )
    handle = os.open(instance / NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "ab") as file:
        file.write(lines.encode())  # one write: two erasures at once never mix their lines
        file.flush()
        os.fsync(file.fileno())


def noted(instance: Path) -> Iterator[Erased]:
    """All lines; one that was cut off by a crash is passed over."""
    path = instance / NAME
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            told = json.loads(line)
            yield Erased(UUID(told["company"]), str(told["digest"]), datetime.fromisoformat(told["at"]))
        except (ValueError, KeyError, TypeError):
            continue
