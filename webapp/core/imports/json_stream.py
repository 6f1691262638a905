"""JSON arrays read object by object, however long they are; only one object is in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, Any

from webapp.core.imports.sniff import Unreadable

CHUNK = 64 * 1024
LONGEST_OBJECT = 2_000_000  # characters
BROKEN = "The JSON breaks off or is wrong after object {number:,}. Nothing behind that place can be read."


class Problem(Exception):
    """Why one object cannot be a row."""


class _Twice(ValueError):
    """A key that stands twice in its object."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Twice(f"The key “{twice}” stands twice in this object.")
    return found


HALF = re.compile("[\ud800-\udfff]")
DECODER = json.JSONDecoder(object_pairs_hook=_pairs)
LENIENT = json.JSONDecoder()


def read_object(text: str) -> dict[str, str]:
    """The object's texts by key. Raises Problem with a sentence."""
    try:
        return cells_of(DECODER.decode(text))
    except _Twice as twice:
        raise Problem(str(twice)) from None
    except (ValueError, RecursionError):
        raise Problem("This line is no JSON object.") from None


def cells_of(found: Any) -> dict[str, str]:
    """Texts, numbers and truth values as texts; null is empty. Raises Problem for anything deeper."""
    if not isinstance(found, dict):
        raise Problem("A row must be an object with keys.")
    return {name: _cell(name, value) for name, value in found.items()}


def _cell(name: str, value: Any) -> str:
    if isinstance(value, dict | list):
        raise Problem(f"“{name}” holds a list or an object where a text belongs.")
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    if not text.isascii() and HALF.search(text):
        raise Problem(f"“{name}” holds half a sign (a lone surrogate).")
    return text


def array_objects(file: IO[str]) -> Iterator[dict[str, str] | Problem]:
    """The rows of an array, or of `{"items": […]}`. Raises Unreadable when the JSON itself is broken."""
    text = _Text(file)
    _enter(text)
    number = 0
    while text.peek() != "]":
        found = text.value(number)
        number += 1
        try:
            yield found if isinstance(found, Problem) else cells_of(found)
        except Problem as problem:
            yield problem
        if text.peek() == ",":
            text.skip()
            if text.peek() != "]":
                continue
        elif text.peek() == "]":
            break
        raise Unreadable(BROKEN.format(number=number))


def _enter(text: _Text) -> None:
    """Go behind the bracket that opens the rows."""
    first = text.peek()
    text.skip()
    if first == "[":
        return
    while text.peek() == '"':
        name = text.value(0)
        if text.peek() != ":":
            break
        text.skip()
        if name == "items" and text.peek() == "[":
            text.skip()
            return
        text.value(0)
        if text.peek() == ",":
            text.skip()
    raise Unreadable("This JSON is neither an array of objects nor an object with “items”.")


class _Text:
    """A file's text with a place in it; what lies behind is forgotten."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._buffer = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next sign that is no space; empty at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in " \t\r\n\ufeff":
                self._at += 1
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def skip(self) -> None:
        """Go one sign on."""
        self._at += 1

    def value(self, number: int) -> Any:
        """Read the value that begins here; a Problem in place of one with a key twice. Raises Unreadable."""
        self.peek()
        while True:
            try:
                found, end = LENIENT.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError):
                found, end = None, len(self._buffer)
            if end < len(self._buffer) or (self._ended and found is not None):
                break
            if len(self._buffer) - self._at > LONGEST_OBJECT or not self._more():
                raise Unreadable(BROKEN.format(number=number))
        raw, self._at = self._buffer[self._at : end], end
        if not isinstance(found, dict):
            return found
        try:
            return DECODER.decode(raw)
        except _Twice as twice:
            return Problem(str(twice))

    def _more(self) -> bool:
        part = "" if self._ended else self._file.read(CHUNK)
        self._ended = not part
        self._buffer, self._at = self._buffer[self._at :] + part, 0
        return bool(part)
