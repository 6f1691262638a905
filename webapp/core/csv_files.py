"""CSV as Atelier writes and reads it: no cell is a formula to a spreadsheet, every text comes back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

MARK = "'"
FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
MARKED = re.compile(r"'+[=+\-@\t\r\n]")
BOM = "\ufeff"  # by it spreadsheets know that the file is UTF-8
CHUNK = 64 * 1024


def safe_cell(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would calculate it.

    Texts that already look so marked get one more, so that `plain_cell` gives each back exactly.
    """
    return MARK + text if FORMULA.match(text) else text


def plain_cell(cell: str) -> str:
    """The text that `safe_cell` made the cell of."""
    return cell[1:] if cell.startswith(MARK) and MARKED.match(cell) else cell


def csv_parts(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The file in parts of some 64 KB, however many rows there are."""
    text = io.StringIO()
    text.write(BOM)
    writer = csv.writer(text)
    writer.writerow(map(safe_cell, header))
    for row in rows:
        writer.writerow(map(safe_cell, row))
        if text.tell() > CHUNK:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()
