"""Whether words stand in a file, in small or capital letters: read part by part, whatever its size."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

PART = 8 * 1024 * 1024


def stands_in(path: Path, needles: Iterable[bytes]) -> bool:
    """Whether one of the words stands in the file's bytes; no file holds none.

    Letters of ASCII are the same in either size; of others the spellings given are looked for.
    """
    wanted = {one.lower() for one in needles}
    overlap, last = max(map(len, wanted), default=1), b""
    try:
        with path.open("rb") as file:
            while wanted and (part := file.read(PART)):
                whole = last + part.lower()
                if any(one in whole for one in wanted):
                    return True
                last = whole[-overlap:]
    except FileNotFoundError:
        return False
    return False
