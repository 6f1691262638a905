"""Uploaded files in which a person stands: they go whole, and have to be uploaded again without them."""

from __future__ import annotations

from pathlib import Path

from webapp.core.privacy import Counts, Keeper, Subject
from webapp.core.services import services

PART = 8 * 1024 * 1024


def _remove(subject: Subject) -> Counts:
    root = services().settings.imports / subject.company_id.hex
    stems = {path.name.partition(".")[0] for path in root.glob("*") if _holds(path, subject)}
    files = [path for path in root.glob("*") if path.name.partition(".")[0] in stems]
    for path in files:
        path.unlink(missing_ok=True)
    return {"uploaded files": len(files)}


def _holds(path: Path, subject: Subject) -> bool:
    """Whether one of the words stands in the file, as it is or in UTF-16; read part by part."""
    needles = [form for one in subject.needles for form in (one, one.decode().encode("utf-16-le"))]
    overlap, last = max(map(len, needles), default=1), b""
    try:
        with path.open("rb") as file:
            while needles and (part := file.read(PART)):
                if any(one in last + part for one in needles):
                    return True
                last = part[-overlap:]
    except FileNotFoundError:
        return False
    return False


KEEPER = Keeper(outside=_remove)
