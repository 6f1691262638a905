"""The built-in drafters of this area, by the name of the prompt they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from webapp.core.llm.door import Drafter


def _lesson(values: Mapping[str, Any]) -> BaseModel:
    from webapp.lessons.rules.rewrite import draft_rewrite  # noqa: PLC0415  # word banks a web process never reads

    return draft_rewrite(values["brief"])


DRAFTERS: dict[str, Drafter] = {"lesson": _lesson}
