"""What leaves for a model: no text carries an address, a number or an id that names somebody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# The order matters: a profile's address holds an id, an id may look like a number.
PATTERNS = (
    (
        "[e-mail]",
        re.compile(r"(?<![^\s@<>(),;:\"'])[^\s@<>(),;:\"']{1,64}@[^\s@<>(),;:\"']{1,190}\.[^\W\d_]{2,63}"),
    ),
    (
        "[profile]",
        re.compile(
            r"(?:https?://)?(?<![\w.-])(?:[\w-]{1,63}\.){0,4}(?:linkedin\.com|xing\.com|facebook\.com|instagram\.com|x\.com"
            r"|twitter\.com|vk\.com|t\.me|telegram\.me|wa\.me)/\S+",
            re.IGNORECASE,
        ),
    ),
    ("[id]", re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.IGNORECASE)),
    ("[id]", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")),  # IBAN
    ("[phone]", re.compile(r"(?<![\w+])(?:\+|00)\d[\d\s().\-/]{5,}\d")),  # with the country's code
    ("[phone]", re.compile(r"(?<![\w.,-])\(?0\d[\d\s().\-/]{5,}\d(?![\d.,]*\d)")),  # with the trunk's zero
    ("[phone]", re.compile(r"(?<![\w.,-])8[\s(-]{1,2}\d{3}[\s)-]{1,2}\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)")),
    ("[phone]", re.compile(r"(?<![\w.,-])\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}(?!\d)")),  # North America
    ("[number]", re.compile(r"(?<![\w.,])\d{9,}(?![\w.,]*\d)")),
)


class AsWritten(str):
    """A text of the company's own that the prompt needs whole, such as a template with its address."""

    __slots__ = ()


def minimised(value: Any) -> Any:
    """Answer the plain value (texts, lists, mappings) with what names somebody replaced by its kind.

    E-mail addresses, telephone numbers, profiles, UUIDs, IBANs and digits of nine and more in a row.
    A text `AsWritten` stays. Names are not looked for: which fields leave at all is a list of the value's
    own (`for_model`).
    """
    if isinstance(value, AsWritten):
        return str(value)
    if isinstance(value, str):
        return _replaced(value)
    if isinstance(value, Mapping):
        return {key: minimised(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [minimised(entry) for entry in value]
    return value


def _replaced(text: str) -> str:
    for kind, pattern in PATTERNS:
        text = pattern.sub(kind, text)
    return text
