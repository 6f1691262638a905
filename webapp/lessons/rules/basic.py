"""Builds a lesson's six sections from the survey: the title, what the learner said, and the facts that may not be lost."""

# ruff: noqa: E501 - explanations and patterns stay on their lines

from __future__ import annotations

from webapp.lessons.facts import LessonBrief, LessonDraft
from webapp.lessons.rules.based import base, facts_of
from webapp.lessons.rules.compose import Desk, compose
from webapp.lessons.rules.unfit import filled, plain


def draft_basic(brief: LessonBrief) -> LessonDraft:
    """The `basic` strategy: of the template only the sentences that hold its numbers, links and names."""
    return compose(brief, _core, "basic")


def _core(brief: LessonBrief, section: str, desk: Desk) -> str:
    if section == "previous_lessons" and not brief.earlier:
        return ""
    template = plain(filled(getattr(brief.template, section), desk.name))
    facts = "" if brief.default_template else " ".join(facts_of(template, brief.course.language))
    told = plain(brief.description) if section == "summary" and not facts else ""
    first = "" if facts and section not in {"summary", "why_watch"} else base(desk, section)
    return " ".join(part for part in (first, told, facts) if part)
