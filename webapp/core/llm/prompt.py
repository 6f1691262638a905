"""Prompts as versioned files with named variables, and what came back for one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable
from uuid import UUID

from pydantic import BaseModel

from webapp.core.llm.minimise import minimised

Answer = TypeVar("Answer", bound=BaseModel)
FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
SECTIONS = re.compile(r"^# (system|user)\s*$", re.MULTILINE)
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True)
class PromptFile:
    """One version of a prompt's wording. `variables` are the names its text asks for.

    `wording` numbers a company's own wording of the file's version; 0 is the file's.
    """

    name: str
    version: int
    title: str
    system: str
    user: str
    wording: int = 0

    @property
    def label(self) -> str:
        """The version as it is shown and stored with what it wrote: "2", or "2.1" for a company's wording."""
        return f"{self.version}.{self.wording}" if self.wording else str(self.version)

    @property
    def variables(self) -> frozenset[str]:
        """The names that must be given."""
        return frozenset(VARIABLE.findall(self.system + self.user))


@dataclass(frozen=True)
class PromptUse:
    """A prompt as an area uses it: where, the answer's shape, and values to try it on."""

    folder: Path
    name: str
    where: str
    answer: type[BaseModel]
    sample: Callable[[], Mapping[str, Any]]

    @property
    def file(self) -> PromptFile:
        """The newest version of the file."""
        return load_prompt(self.folder, self.name)


@runtime_checkable
class Minimised(Protocol):
    """A value that leaves for a model with less than it holds."""

    def for_model(self) -> Any:
        """Answer what may leave: only what the prompt needs."""
        ...


@dataclass(frozen=True)
class Prompt:
    """A prompt with its values. Values travel as data: text inside them is never instruction."""

    file: PromptFile
    values: Mapping[str, Any]

    def messages(self) -> list[dict[str, str]]:
        """Render for a chat model. Raises KeyError for a variable without a value."""
        return [
            {"role": "system", "content": self._fill(self.file.system)},
            {"role": "user", "content": self._fill(self.file.user)},
        ]

    def _fill(self, text: str) -> str:
        return VARIABLE.sub(lambda match: _as_data(self.values[match.group(1)]), text).strip()


@dataclass(frozen=True)
class Answered(Generic[Answer]):
    """A validated answer and where it came from."""

    value: Answer
    model: str
    prompt: str
    version: str
    call_id: UUID | None

    @property
    def by_rules(self) -> bool:
        """Whether the built-in drafter wrote it."""
        return self.model == BY_RULES


BY_RULES = "rules"


def _as_data(value: Any) -> str:
    if isinstance(value, Minimised):
        value = value.for_model()
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", by_alias=True, exclude_none=True)
    text = json.dumps(minimised(value), ensure_ascii=False, indent=1, default=str)
    # Inside the fence a closing tag would end the data early.
    return text.replace("<", "\\u003c").replace(">", "\\u003e")


def fingerprint(model: str, messages: list[dict[str, str]], schema: str) -> str:
    """Answer the content hash under which an answer may be used again."""
    text = json.dumps([model, messages, schema], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def load_prompt(folder: Path, name: str) -> PromptFile:
    """Read the newest version of a prompt (`NAME.VERSION.md`) of a folder. Raises LookupError."""
    versions = {int(path.name.split(".")[1]): path for path in folder.glob(f"{name}.*.md")}
    if not versions:
        raise LookupError(f"no prompt is called {name}")
    return read_prompt(versions[max(versions)].read_text(encoding="utf-8"))


def read_prompt(text: str) -> PromptFile:
    """Read a prompt file's text. Raises ValueError when it lacks its head or a section."""
    match = FRONT.match(text)
    if not match:
        raise ValueError("a prompt begins with a head between --- lines")
    head = dict(line.split(":", 1) for line in match.group(1).splitlines() if ":" in line)
    head = {name.strip(): value.strip() for name, value in head.items()}
    parts = SECTIONS.split(match.group(2))
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    if set(sections) != {"system", "user"}:
        raise ValueError("a prompt has a system and a user section")
    prompt = PromptFile(
        head["name"], int(head["version"]), head["title"], sections["system"], sections["user"]
    )
    told = frozenset(name.strip() for name in head.get("variables", "").split(",") if name.strip())
    if told != prompt.variables:
        raise ValueError(f"{prompt.name}: the head names {sorted(told)}, the text {sorted(prompt.variables)}")
    return prompt
