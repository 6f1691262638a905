"""The built-in drafters of this area, by the name of the prompt they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from webapp.core.llm.door import Drafter


def _persona(values: Mapping[str, Any]) -> BaseModel:
    from webapp.personas.rules import draft_persona  # noqa: PLC0415  # word banks that a web process never reads

    return draft_persona(values["brief"])


def _redraft(values: Mapping[str, Any]) -> BaseModel:
    from webapp.personas.rules import redraft  # noqa: PLC0415  # see _persona

    return redraft(values["brief"], values["current"], values["fields"], values["instruction"])


DRAFTERS: dict[str, Drafter] = {"persona": _persona, "persona-redraft": _redraft}
