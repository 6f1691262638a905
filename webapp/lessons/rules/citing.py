"""Checks that what a lesson says of earlier lessons is about lessons that there are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from webapp.lessons.facts import Finding, LessonBrief, LessonTexts, Severity
from webapp.lessons.rules.words import folded, stems

_LESSON = (
    r"(?:lessons?|lektion(?:en)?|lecci(?:o|ó)n(?:es)?|leçons?|lezion[ei]|aulas?|liç(?:ão|ões)|less(?:en)?|les"
    r"|урок\w{0,3}|урок|заняти\w{1,3}|השיעור|שיעור|الدرس|درس)"
)
_CITED = re.compile(
    rf"(?<!\w){_LESSON}\s*(?:no\.?|nr\.?|number|№|#)?\s*"
    r"(\d{1,3}(?!\d)(?:\s*(?:,|and|und|и|et|y|e|en|–|-|to|bis)\s*\d{1,3}(?!\d))*)"
    r"(?:[,:(–\s]{1,3}[“«„\"]([^”»“\"]{3,120})[”»“\"])?"
)


def cited(text: str) -> list[tuple[int, str]]:
    """The lessons a text names by number, each with the title in quotation marks that follows, if any."""
    found = []
    for match in _CITED.finditer(folded(text)):
        said = [int(number) for number in re.findall(r"\d+", match[1])]
        found += [(number, match[2] or "" if len(said) == 1 else "") for number in said]
    return found


def check_citing(brief: LessonBrief, texts: LessonTexts) -> Iterator[Finding]:
    """A lesson that is not an earlier one, a wrong title, or no earlier lesson at all: each wants a look."""
    text, titles = texts.previous_lessons, {lesson.number: lesson.title for lesson in brief.earlier}
    named = cited(text)
    for number, title in named:
        if number not in titles and number != brief.number:
            yield _look(f"Lesson {number} is not an earlier lesson of this course.", _hint(brief))
        elif title and number in titles and not stems(title) & stems(titles[number]):
            yield _look(f"Lesson {number} is called “{titles[number]}”.", "Give the lesson its own title.")
    if (
        text.strip()
        and titles
        and not any(number in titles for number, _ in named)
        and not _titled(brief, text)
    ):
        yield _look("No earlier lesson is named, although there are some.", _hint(brief))


def _titled(brief: LessonBrief, text: str) -> bool:
    """Whether a text names an earlier lesson by most of the words of its title."""
    said = stems(text)
    known = (stems(lesson.title) for lesson in brief.earlier)
    return any(title and len(title & said) * 5 >= len(title) * 3 for title in known)


def _look(text: str, hint: str) -> Finding:
    return Finding(
        check="previous_lessons", severity=Severity.LOOK, section="previous_lessons", text=text, hint=hint
    )


def _hint(brief: LessonBrief) -> str:
    last = brief.earlier[-1:] and brief.earlier[-1]
    return (
        f"Name an earlier lesson, such as lesson {last.number}, “{last.title}”."
        if last
        else "Name no other lesson."
    )
