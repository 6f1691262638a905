"""Templates as files: which file of a folder is a lesson's, what it says, writing it whole."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webapp.lessons.facts import LONGEST_SECTION, SECTIONS, LessonTexts

LARGEST = 1024 * 1024  # bytes
MOST_FILES = 20_000  # names of a folder that are looked at
MOST_KEYS = 5  # unknown keys that are named


class FolderUnreadable(Exception):
    """The folder is not there or cannot be listed; the sentence says why."""


@dataclass(frozen=True)
class Rule:
    """One way files are named. `pattern` holds {n} and {id}; `*` stands for anything."""

    pattern: str

    def names(self, number: int, code: str, among: Collection[str]) -> list[str]:
        """The names among these that the rule finds for the lesson, in the order of the alphabet."""
        wanted = self.pattern.replace("{n}", str(number)).replace("{id}", code)
        begin, star, end = wanted.partition("*")
        if not star:
            return [wanted] if wanted in among else []
        long = len(begin) + len(end)
        return sorted(one for one in among if len(one) > long and one.startswith(begin) and one.endswith(end))


RULES = (
    Rule("{n}-{n}-{id}-final.json"),
    Rule("{n}-{n}-*-final.json"),
    Rule("{n}-{id}-final.json"),
    Rule("lesson-{n}.json"),
    Rule("{n}.json"),
)
LIKE_A_TEMPLATE = re.compile(r"([0-9]{1,7})-.+-final\.json|lesson-([0-9]{1,7})\.json|([0-9]{1,7})\.json")


@dataclass(frozen=True)
class Named:
    """The file of a lesson by the first rule that finds one, and the others that mean the same lesson."""

    name: str
    rule: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read:
    """What a file says, or the sentence why it says nothing; `notes` are what was left out of it."""

    texts: LessonTexts | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()


def file_name(number: int, code: str) -> str:
    """The name under which a lesson's template is written."""
    return f"{number}-{number}-{code}-final.json"


def name_for(number: int, code: str, among: Collection[str]) -> Named | None:
    """Find a lesson's file by the rules, the first one that finds any wins; None when there is none."""
    found: dict[str, str] = {}
    for rule in RULES:
        for name in rule.names(number, code, among):
            found.setdefault(name, rule.pattern)
    if not found:
        return None
    first, *others = found
    return Named(first, found[first], tuple(others))


def code_in(name: str, number: int) -> str:
    """The lesson's id that a name of the newest form holds; empty for other forms."""
    begin, end = f"{number}-{number}-", "-final.json"
    return name[len(begin) : -len(end)] if name.startswith(begin) and name.endswith(end) else ""


def number_in(name: str) -> int | None:
    """The lesson's number in a name that looks like a template's; None for other names."""
    found = LIKE_A_TEMPLATE.fullmatch(name)
    return int(next(part for part in found.groups() if part)) if found else None


def _readable(name: str) -> str:
    """The name as it can be shown and stored; one that is not UTF-8 then opens nothing, which is told."""
    return os.fsencode(name).decode("utf-8", "replace")


def names_in(folder: Path) -> list[str]:
    """The names of all JSON files of a folder. Raises FolderUnreadable."""
    try:
        with os.scandir(folder) as entries:
            names = [_readable(entry.name) for entry in entries if entry.name.endswith(".json")]
    except FileNotFoundError:
        raise FolderUnreadable("This folder does not exist yet.") from None
    except NotADirectoryError:
        raise FolderUnreadable("This is a file, not a folder.") from None
    except OSError as error:
        raise FolderUnreadable(f"This folder cannot be read: {error.strerror}.") from None
    if len(names) > MOST_FILES:
        raise FolderUnreadable(f"This folder holds {len(names):,} files; {MOST_FILES:,} are looked at.")
    return sorted(names)


def read_file(folder: Path, name: str) -> Read:
    """Read a template; whatever is wrong with the file is a sentence."""
    path = folder / name
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return Read(problem="This is a link that leads out of the folder.")
        if not path.is_file():
            return Read(problem="This is no file." if path.exists() else "This is a link that leads nowhere.")
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, RuntimeError) as error:
        return Read(
            problem=f"This file cannot be read: {getattr(error, 'strerror', None) or 'a loop of links'}."
        )
    if len(raw) > LARGEST:
        return Read(problem="This file is larger than 1 MB.")
    return parsed(raw)


def parsed(raw: bytes) -> Read:
    """What a file's bytes say."""
    try:
        found: Any = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Read(problem="This file is not UTF-8. Save it as UTF-8.")
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        return Read(problem=f"This is not JSON{f': line {line} is wrong' if line else ''}.")
    if not isinstance(found, dict):
        return Read(problem="The file must hold one object with the sections as keys.")
    return _sections(found)


def _sections(found: Mapping[str, Any]) -> Read:
    texts = dict[str, str]()
    for name in SECTIONS:
        value = found.get(name)
        if value is not None and not isinstance(value, str):
            return Read(problem=f"“{name}” holds {_kind(value)} where a text belongs.")
        text = (value or "").replace("\r\n", "\n").strip()
        if len(text) > LONGEST_SECTION:
            return Read(problem=f"“{name}” has {len(text):,} characters; {LONGEST_SECTION:,} are the most.")
        if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
            return Read(problem=f"“{name}” holds a sign that cannot be stored.")
        texts[name] = text
    if not any(texts.values()):
        return Read(problem=f"None of the sections has a text. They are called {', '.join(SECTIONS)}.")
    unknown = [key for key in found if key not in SECTIONS]
    notes = (f"Left out, no section: {_listed(unknown)}.",) if unknown else ()
    return Read(LessonTexts(**texts), notes=notes)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(name[:40].encode("utf-8", "replace").decode() for name in names[:MOST_KEYS])
    return f"{shown} and {len(names) - MOST_KEYS} more" if len(names) > MOST_KEYS else shown


def _kind(value: object) -> str:
    kinds = {list: "a list", dict: "an object", bool: "true or false", int: "a number", float: "a number"}
    return kinds.get(type(value), "something else")


def write_file(folder: Path, name: str, texts: LessonTexts) -> None:
    """Write the template whole or not at all: nobody reads half a file. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{name}.{secrets.token_hex(4)}"
    try:
        with fresh.open("x", encoding="utf-8") as file:
            file.write(json.dumps(texts.as_dict(), ensure_ascii=False, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(folder / name)
    finally:
        fresh.unlink(missing_ok=True)
