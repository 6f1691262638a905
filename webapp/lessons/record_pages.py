"""What the pages of courses, lessons and templates have in common."""

from __future__ import annotations

from typing import Any


def in_words(value: Any) -> str:
    """A field's value as a page shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "\n".join(f"{name.replace('_', ' ')}: {low}–{high}" for name, (low, high) in value.items())
    return ", ".join(value) if isinstance(value, list) else str(value)
