"""What kind of file this is: table or JSON, its encoding, its separator. Nothing is unpacked or executed."""

from __future__ import annotations

import codecs
import csv
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from webapp.core.errors import DomainError

HEAD = 64 * 1024
SEPARATORS = ",;\t|"
SAMPLED = 20
PACKED = {
    b"PK\x03\x04": "a ZIP archive or a spreadsheet",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNKNOWN_TO_CP1252 = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])


class Unreadable(DomainError):
    """The file as a whole cannot be imported; the sentence says why and what to do."""

    code = "unreadable_file"


@dataclass(frozen=True)
class Shape:
    """How to read a file. `form` is csv, json (an array or `{"items": […]}`) or lines (of JSON objects)."""

    form: str
    encoding: str
    separator: str = ""


def sniff(path: Path, name: str = "") -> Shape:
    """Look at the file. Raises Unreadable when it is empty, packed, or no text."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        if not head.strip(b"\x00 \r\n\t"):
            raise Unreadable("This file is empty.")
        for magic, what in PACKED.items():
            if head.startswith(magic):
                raise Unreadable(f"This is {what}. Unpack it, or save it as CSV, and upload that.")
        encoding = _encoding(head, file)
    text = head.decode(encoding, errors="ignore").lstrip("\ufeff \r\n\t")
    if name.lower().endswith((".jsonl", ".ndjson")) or _is_lines(text):
        return Shape("lines", encoding)
    if text.startswith(("[", "{")):
        return Shape("json", encoding)
    return Shape("csv", encoding, _separator(text))


def _encoding(head: bytes, file: BinaryIO) -> str:
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return encoding
    if head[1:200:2].count(0) > len(head[1:200:2]) * 0.6:
        return "utf-16-le"
    if head[0:200:2].count(0) > len(head[0:200:2]) * 0.6:
        return "utf-16-be"
    file.seek(0)
    utf8, beyond = codecs.getincrementaldecoder("utf-8")(), False
    try:
        while part := file.read(1024 * 1024):
            utf8.decode(part)
        utf8.decode(b"", final=True)
    except UnicodeDecodeError:
        beyond = True
    return _one_byte(file) if beyond else "utf-8"


def _one_byte(file: BinaryIO) -> str:
    """Windows' western encoding, or Latin-1 where a byte stands that it does not know."""
    file.seek(0)
    while part := file.read(1024 * 1024):
        if len(part.translate(None, UNKNOWN_TO_CP1252)) != len(part):
            return "latin-1"
    return "cp1252"


def _is_lines(text: str) -> bool:
    """Whether the first line is a whole JSON object that is no list of items itself."""
    first = text.split("\n", 1)[0].strip()
    if not first.startswith("{"):
        return False
    try:
        found = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return not isinstance(found.get("items"), list)


def _separator(text: str) -> str:
    """The separator that makes most of the first rows as wide as the header, the widest of them."""
    scores = {}
    for separator in SEPARATORS:
        try:
            rows = [row for row in csv.reader(text.splitlines()[:SAMPLED], delimiter=separator) if row]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        scores[separator] = (width > 1, Counter(map(len, rows))[width] * width)
    return max(scores, key=lambda one: scores[one]) if scores else ","
