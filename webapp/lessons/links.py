"""Addresses of pages as plain texts, for those who know no request: jobs, commands, lists."""

from __future__ import annotations

from urllib.parse import urlencode


def preview_path(number: int, identifier: str, course_key: str) -> str:
    """Where the lesson is looked at for the learner."""
    return f"/lessons/{number}/preview?{urlencode({'person': identifier, 'course': course_key})}"
