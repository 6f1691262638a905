"""The word-level difference between two texts, exact to the last space, and of mappings field by field."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "ins", "del"]

# Scripts written without spaces are cut into characters; else a word, a run of space, or one other sign.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORDS = re.compile(rf"[{UNSPACED}]|\s+|(?:(?![{UNSPACED}])\w)+|.", re.DOTALL)
LINES = re.compile(r"[^\n]*\n|[^\n]+")
MOST_WORDS = 4_000  # difflib is quadratic at worst: longer middles are compared line by line
MOST_LINES = 2_000  # and texts of more lines than this are shown as replaced


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text that stands in both (`same`), only in the new (`ins`) or only in the old (`del`)."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """What became of one field. Lists are compared as texts of one line per item."""

    name: str
    old: str
    new: str
    tokens: tuple[Token, ...]

    @property
    def changed(self) -> bool:
        """Whether the field differs."""
        return self.old != self.new


def diff(old: str, new: str) -> list[Token]:
    """The tokens that turn `old` into `new`: same+del joined is `old`, same+ins joined is `new`."""
    a, b = WORDS.findall(old), WORDS.findall(new)
    head = shared(a, b)
    tail = shared(reversed(a[head:]), reversed(b[head:]))
    middle = compare(a[head : len(a) - tail], b[head : len(b) - tail])
    last = a[len(a) - tail :] if tail else []
    return readable([Token("same", "".join(a[:head])), *middle, Token("same", "".join(last))])


def compare(a: list[str], b: list[str]) -> Iterable[Token]:
    """Match word by word, or more coarsely where that would take too long."""
    if max(len(a), len(b)) > MOST_WORDS:
        a, b = LINES.findall("".join(a)), LINES.findall("".join(b))
    if max(len(a), len(b)) > MOST_WORDS or len(a) * len(b) > MOST_WORDS * MOST_LINES * 2:
        return [Token("del", "".join(a)), Token("ins", "".join(b))]
    return matched(a, b)


def matched(a: list[str], b: list[str]) -> Iterable[Token]:
    """The opcodes of difflib as tokens; a replacement is a deletion, then an insertion."""
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=len(a) > 400).get_opcodes():
        if tag == "equal":
            yield Token("same", "".join(a[i1:i2]))
            continue
        yield Token("del", "".join(a[i1:i2]))
        yield Token("ins", "".join(b[j1:j2]))


def shared(a: Iterable[str], b: Iterable[str]) -> int:
    """How many items from the start are the same in both."""
    count = 0
    for left, right in zip(a, b, strict=False):
        if left != right:
            break
        count += 1
    return count


def readable(tokens: Iterable[Token]) -> list[Token]:
    """One deletion and one insertion per changed place: a lone space or comma between changes joins them."""
    result: list[Token] = []
    gap = old = new = ""
    for token in tokens:
        if token.kind == "same":
            gap += token.text
            continue
        if token.text and gap and not ((old or new) and is_thin(gap)):
            result += [*change(old, new), Token("same", gap)]
            old = new = gap = ""
        if token.text:
            old += gap + token.text * (token.kind == "del")
            new += gap + token.text * (token.kind == "ins")
            gap = ""
    return [*result, *change(old, new), *([Token("same", gap)] if gap else [])]


def is_thin(text: str) -> bool:
    """Whether a text holds no word, only space and signs."""
    return not any(sign.isalnum() for sign in text)


def change(old: str, new: str) -> Iterable[Token]:
    """What went and what came, without the empty one."""
    return [token for token in (Token("del", old), Token("ins", new)) if token.text]


def diff_fields(old: Mapping[str, object], new: Mapping[str, object]) -> list[FieldDiff]:
    """Field by field, in the order of the new mapping; a field that went away stands at the end."""
    names = [*new, *(name for name in old if name not in new)]
    pairs = [(name, as_text(old.get(name)), as_text(new.get(name))) for name in names]
    return [FieldDiff(name, before, after, tuple(diff(before, after))) for name, before, after in pairs]


def as_text(value: object) -> str:
    """A field's value as the text that is compared: nothing is empty, a list is one line per item."""
    if value is None:
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\n".join(str(item) for item in value)
    return str(value)
