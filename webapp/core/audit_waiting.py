"""Entries that wait for their unit's end: in memory, and beyond some thousands in a file of their own."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from typing import IO, Any
from uuid import UUID

from webapp.core.chain import ChainKey

AT_ONCE = 1_000


class Waiting:
    """The entries of one company's unit, in their order; an import may bring a hundred thousand."""

    def __init__(self, chain: ChainKey, company_id: UUID) -> None:
        self.chain, self.company_id = chain, company_id
        self._last: list[dict[str, Any]] = []
        self._file: IO[bytes] | None = None
        self._sets = 0

    def put(self, entry: dict[str, Any]) -> None:
        """Keep one entry more."""
        self._last.append(entry)
        if len(self._last) >= AT_ONCE:
            self._file = self._file or tempfile.TemporaryFile(prefix="atelier-audit-")  # noqa: SIM115  # closed with the unit
            pickle.dump(self._last, self._file)
            self._last, self._sets = [], self._sets + 1

    def sets(self) -> Iterator[list[dict[str, Any]]]:
        """Go through them, a set at a time, in the order they came."""
        if self._file is not None:
            self._file.seek(0)
            for _ in range(self._sets):
                yield pickle.load(self._file)  # noqa: S301  # our own words, in a file without a name
        if self._last:
            yield self._last

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
