"""The documents say what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from webapp.settings import Settings

ROOT = Path(__file__).parent.parent.parent
TOLD = "\n".join(
    path.read_text(encoding="utf-8") for path in (ROOT / "README.md", ROOT / "docs" / "operations.md")
)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_environment_variable_is_told(name: str) -> None:
    assert re.search(rf"`[^`]*\b{name.upper()}\b", TOLD)


@pytest.mark.parametrize("path", sorted((ROOT / "docs").rglob("*.md")), ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []
