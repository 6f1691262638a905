"""What a demo lesson is: number, code, title, description and its template."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.lessons.facts import LessonTexts


@dataclass(frozen=True)
class DemoLesson:
    """A lesson as it is loaded; `code` is its id in template files."""

    number: int
    code: str
    title: str
    description: str
    template: LessonTexts
