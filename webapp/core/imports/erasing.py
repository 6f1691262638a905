"""Uploaded files in which a person stands: they go whole, and have to be uploaded again without them."""

from __future__ import annotations

from webapp.core.privacy import Counts, Keeper, Subject
from webapp.core.services import services
from webapp.core.traces import stands_in


def _remove(subject: Subject) -> Counts:
    """Files that hold one of the words, with what was read of them; all, where the words are gone already."""
    root = services().settings.imports / subject.company_id.hex
    needles = [form for one in subject.needles for form in (one, one.decode().encode("utf-16-le"))]
    held = [path for path in root.glob("*") if subject.forgotten or stands_in(path, needles)]
    stems = {path.name.partition(".")[0] for path in held}
    files = [path for path in root.glob("*") if path.name.partition(".")[0] in stems]
    for path in files:
        path.unlink(missing_ok=True)
    return {"uploaded files": len(files)}


KEEPER = Keeper(outside=_remove)
