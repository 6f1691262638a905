"""Which column of a file is which of ours, by their headers."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.core.folded import fold
from webapp.core.imports.kind import ImportKind


def mapped(kind: ImportKind, headers: Sequence[str]) -> dict[str, str]:
    """Our columns by the headers that seem to mean them."""
    known = {_plain(header): header for header in headers if header}
    found = dict[str, str]()
    for column in kind.columns:
        names = (column.name, column.label, *column.also)
        header = next((known[_plain(name)] for name in names if _plain(name) in known), None)
        if header and header not in found.values():
            found[column.name] = header
    return found


def _plain(name: str) -> str:
    return "".join(sign for sign in fold(name) if sign.isalnum())
