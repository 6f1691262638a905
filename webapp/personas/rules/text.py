"""Small tools for text: cleaning what was given, splitting, joining, cutting at words, choosing by hash."""

import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

_TAG = re.compile(r"<(script|style)\b.*?(</\1\s*>|$)|<[/!?a-zA-Z][^<>]*(>|$)", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+|\bjavascript:\S*|[^\s@]{1,64}@\S+", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.,])\+?\(?\d[\d ()/.-]{6,20}\d(?!\w)")
_ORDER = re.compile(
    r"\b(ignore|disregard|forget|override)\b.{0,60}\b(instruction|previous|above|prompt|rule)"
    r"|\bsystem prompt\b|\byou are now\b|\bas an ai\b|\b(hx-\w+|on(error|click|load))\s*=|api key"
    r"|\b(игнорир|забуд)\w*.{0,60}\b(инструкц|указан|предыдущ)",
    re.IGNORECASE | re.DOTALL,
)
_STOP = re.compile(r"(?<=[.!?…])\s+(?=[\"'«„(]?[A-ZÀ-ÞЀ-Я0-9])|[\n\r\u2028]+|(?<=[.!?])\s*[•·▪*-]\s+|;\s+")


def clean(text: str) -> str:
    """The text without markup, addresses, phone numbers and control characters; line ends are kept."""
    plain = _TAG.sub(" ", html.unescape(_TAG.sub(" ", text)))
    plain = _TAG.sub(" ", plain)
    plain = "".join(c if c.isprintable() or c in "\n\u200c\u200d" else " " for c in plain)
    plain = _PHONE.sub(_unless_a_range, _ADDRESS.sub(" ", plain)).replace("<", " ").replace(">", " ")
    return "\n".join(line for part in plain.split("\n") if (line := " ".join(part.split())))


def _unless_a_range(found: re.Match[str]) -> str:
    """Keep "5001-10000" and "2019-2024": a phone number starts with + or 0, or is longer."""
    if re.fullmatch(r"[1-9]\d{0,6}\s*-\s*\d{1,7}", found[0]):
        return found[0]
    digits = re.sub(r"\D", "", found[0])
    return " " if found[0].startswith(("+", "0", "(")) or len(digits) >= 9 else found[0]


def without_orders(text: str) -> str:
    """The text without the sentences that try to instruct a reader; what stays is data."""
    return "\n".join(sentence for sentence in sentences(text) if not _ORDER.search(sentence))


def sentences(text: str) -> list[str]:
    """The sentences of a text, bullets and lines counted as sentences, without their bullets."""
    parts = (part.strip(" \t•·▪*-–—") for part in _STOP.split(text) if part)
    return [part for part in parts if re.search(r"\w", part)]


def words(text: str) -> list[str]:
    """The lower-case words of a text."""
    return re.findall(r"[\w'’-]+", text.casefold())


def cut(text: str, longest: int) -> str:
    """The text, at most `longest` characters, ended after a whole sentence or else a whole word."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    head = text[:longest]
    stop = max(head.rfind(end) for end in (". ", "! ", "? "))
    if stop > longest // 2:
        return head[: stop + 1]
    return head[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"


def capital(text: str) -> str:
    """The text with its first letter upper case."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """The text with its first letter lower case, unless the first word is a name or an abbreviation."""
    first = text.split(" ", 1)[0]
    if first == "I" or first.startswith("I'") or any(c.isupper() or c.isdigit() for c in first[1:]):
        return text
    return text[:1].lower() + text[1:]


def ended(text: str) -> str:
    """The text closed by a full stop where it has no end of its own."""
    text = text.strip().rstrip(",;:–—-").strip()
    return text if not text or text[-1] in ".!?…" else text + "."


def listed(parts: Sequence[str], last: str = "and") -> str:
    """The parts as a list in a sentence: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    clause = "," if "," in parts[-2] else ""  # closes what the comma opened
    return f"{', '.join(parts[:-1])}{clause} {last} {parts[-1]}"


def number(*keys: str) -> int:
    """A number that depends on nothing but the keys."""
    raw = "\x1f".join(keys).encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(raw, digest_size=6).digest(), "big")


def pick(options: Sequence[T], *keys: str, shift: int = 0) -> T:
    """One of the options, the same one for the same keys; `shift` walks on from it."""
    return options[(number(*keys) + shift) % len(options)]


def distinct(texts: Iterable[str]) -> list[str]:
    """The texts without those that say what an earlier one says in nearly the same words."""
    kept: list[str] = []
    for text in texts:
        if text and not any(alike(text, other) for other in kept):
            kept.append(text)
    return kept


def alike(one: str, other: str) -> bool:
    """Whether two texts share most of their longer words."""
    left, right = ({word for word in words(text) if len(word) > 3} for text in (one, other))
    if not left or not right:
        return one.casefold() == other.casefold()
    return len(left & right) / min(len(left), len(right)) > 0.7
