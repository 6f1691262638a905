"""A lesson as the course site shows it: one section element, every value escaped."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from webapp.lessons.facts import LessonTexts, Section

HEADINGS = {
    "en": {
        Section.SUMMARY: "Summary",
        Section.PREVIOUS_LESSONS: "From earlier lessons",
        Section.WHY_WATCH: "Why watch this lesson",
        Section.QUICK_ACTION: "Quick action",
        Section.HOMEWORK: "Homework",
        Section.SOCIAL_SHARE: "Share it",
    },
    "ru": {
        Section.SUMMARY: "Главное в уроке",
        Section.PREVIOUS_LESSONS: "Из прошлых уроков",
        Section.WHY_WATCH: "Зачем смотреть этот урок",
        Section.QUICK_ACTION: "Быстрое действие",
        Section.HOMEWORK: "Домашнее задание",
        Section.SOCIAL_SHARE: "Поделитесь",
    },
}
BETWEEN_PARAGRAPHS = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


def lesson_html(texts: LessonTexts, language: str) -> Markup:
    """One `<section>` of the sections in the course site's order; an empty one is left out.

    Headings stand in English and Russian courses. In any other language there are none: an English
    heading over a Polish text would be worse, and the site can tell the parts by their class.
    """
    code = language.replace("_", "-").partition("-")[0].lower()
    headings = HEADINGS.get(code, {})
    parts = [
        _part(section, getattr(texts, section.value), headings.get(section, ""))
        for section in Section
        if getattr(texts, section.value).strip()
    ]
    frame = Markup('<section class="lesson" lang="{}" dir="auto">{}</section>')
    return frame.format(language or "en", Markup("").join(parts))


def _part(section: Section, text: str, heading: str) -> Markup:
    name = section.value.replace("_", "-")
    head = Markup("<h3>{}</h3>").format(heading) if heading else Markup("")
    frame = Markup('<div class="lesson-{}" dir="auto">{}{}</div>')
    return frame.format(name, head, _paragraphs(text))


def _paragraphs(text: str) -> Markup:
    """Blank lines part paragraphs; a single line's end stays one."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    told = (escape(one).replace("\n", Markup("<br>\n")) for one in BETWEEN_PARAGRAPHS.split(plain))
    return Markup("").join(Markup("<p>{}</p>").format(one) for one in told)
