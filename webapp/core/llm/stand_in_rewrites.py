"""What the stand-in server rewrites: the texts of a template in the request, with the reader's name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

DATA = re.compile(r"<data>\s*(.*?)\s*</data>", re.DOTALL)


def rewritten(request: str) -> dict[str, str]:
    """Each text of the request's template by its key, the first one with the learner's name before it.

    Nothing where the request holds no JSON with an object called `template`.
    """
    for document in _documents(request):
        template, learner = document.get("template"), document.get("learner")
        if isinstance(template, Mapping) and isinstance(learner, Mapping):
            return _named(template, str(learner.get("name") or "reader"))
    return {}


def _documents(request: str) -> Iterator[Mapping[str, Any]]:
    for block in DATA.findall(request):
        try:
            document = json.loads(block)
        except ValueError:
            continue
        if isinstance(document, Mapping):
            yield document


def _named(template: Mapping[str, Any], name: str) -> dict[str, str]:
    texts = {str(key): text for key, text in template.items() if isinstance(text, str)}
    first = next((key for key, text in texts.items() if text), None)
    return {key: f"{name}: {text}" if key == first else text for key, text in texts.items()}
