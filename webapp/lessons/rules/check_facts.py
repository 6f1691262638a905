"""Checks that a lesson keeps its template's facts and brings none from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from webapp.lessons.facts import SECTIONS, Finding, LessonBrief, LessonTexts, Severity
from webapp.lessons.rules.taking import answered
from webapp.lessons.rules.told import links, names, numbers
from webapp.lessons.rules.unfit import plain
from webapp.lessons.rules.words import folded, stem, words


def check_facts(brief: LessonBrief, texts: LessonTexts) -> Iterator[Finding]:
    """Lost numbers and links are failures; lost names, moved numbers and new facts want a look."""
    whole = "\n".join(texts.as_dict().values())
    for name in SECTIONS:
        template, text = plain(getattr(brief.template, name)), getattr(texts, name)
        if template and _kept(brief, name):
            yield from _numbers(name, template, text, whole, brief.course.language)
            yield from _links(name, template, whole)
    yield from _names(brief, whole)
    yield from _new(brief, texts)


def _kept(brief: LessonBrief, name: str) -> bool:
    """The first lesson looks back at nothing, whatever its template says."""
    return name != "previous_lessons" or bool(brief.earlier)


def _numbers(name: str, template: str, text: str, whole: str, language: str) -> Iterator[Finding]:
    here, anywhere = numbers(text, language, at_least=0), numbers(whole, language, at_least=0)
    for value, written in numbers(template, language).items():
        if value not in anywhere:
            yield Finding(
                check="facts",
                severity=Severity.FIX,
                section=name,
                text=f"The template’s number “{written}” is lost.",
                hint=f"Say “{written}” as the template does.",
            )
        elif value not in here:
            yield Finding(
                check="facts",
                severity=Severity.LOOK,
                section=name,
                text=f"The template’s number “{written}” stands in another section.",
                hint="See whether it belongs here.",
            )


def _links(name: str, template: str, whole: str) -> Iterator[Finding]:
    kept = links(whole)
    for key, link in links(template).items():
        if key not in kept:
            yield Finding(
                check="facts",
                severity=Severity.FIX,
                section=name,
                text=f"The template’s link {link} is lost.",
                hint=f"Give the link {link} as the template does.",
            )


def _names(brief: LessonBrief, whole: str) -> Iterator[Finding]:
    template = "\n".join(
        text for name, text in brief.template.as_dict().items() if text and _kept(brief, name)
    )
    said = {stem(word) for word in words(folded(whole))}
    said |= {stem(part) for word in words(folded(whole)) for part in word.replace("'", "-").split("-")}
    for key, written in names(plain(template), brief.course.language).items():
        if key not in said:
            yield Finding(
                check="facts",
                severity=Severity.LOOK,
                text=f"The template’s name “{written}” is lost.",
                hint=f"Name “{written}” where the template does.",
            )


def _new(brief: LessonBrief, texts: LessonTexts) -> Iterator[Finding]:
    known = _known(brief)
    known_numbers = {
        **numbers(known, brief.course.language, at_least=0),
        **numbers(known, "en", at_least=0),
    }
    known_links = links(known)
    for name, text in texts.as_dict().items():
        new = [link for key, link in links(text).items() if key not in known_links]
        new += [written for value, written in numbers(text, "").items() if value not in known_numbers]
        for written in new:
            yield Finding(
                check="facts",
                severity=Severity.LOOK,
                section=name,
                text=f"“{written}” is not in the template.",
                hint="Make sure it is true, or take it out.",
            )


def _known(brief: LessonBrief) -> str:
    """Everything a lesson may know: template, survey, the course and its earlier lessons."""
    return "\n".join(
        (
            *brief.template.as_dict().values(),
            *answered(brief).values(),
            *(f"{lesson.number} {lesson.title}" for lesson in brief.earlier),
            f"{brief.number} {brief.title}\n{brief.description}\n{brief.course.name}\n{brief.course.voice}",
            " ".join(brief.course.required_words),
            brief.learner.name,
        )
    )
