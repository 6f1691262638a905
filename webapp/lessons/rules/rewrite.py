"""Rewrites a lesson's template for a learner: its sentences kept, theirs woven in."""

# ruff: noqa: E501 - explanations and patterns stay on their lines

from __future__ import annotations

from webapp.lessons.facts import DEFAULT_LENGTHS, LessonBrief, LessonDraft
from webapp.lessons.rules.based import base, facts_of
from webapp.lessons.rules.compose import Desk, compose
from webapp.lessons.rules.unfit import filled, plain
from webapp.lessons.rules.words import count, sentences

SHARE = 0.6  # of a section's greatest length that the template's own sentences may fill


def draft_rewrite(brief: LessonBrief) -> LessonDraft:
    """The `template` strategy without a model. A section that the template leaves out stays empty."""
    return compose(brief, _core, "template")


def _core(brief: LessonBrief, section: str, desk: Desk) -> str:
    if section == "previous_lessons" and not brief.earlier:
        return ""
    text = plain(filled(getattr(brief.template, section), desk.name))
    if text:
        _, most = brief.course.lengths.get(section) or DEFAULT_LENGTHS[section]
        return _shortened(text, int(most * SHARE), brief.course.language)
    return base(desk, section) if brief.default_template or section == "summary" else ""


def _shortened(text: str, most: int, language: str) -> str:
    """The text without its last sentences that hold no fact, where it leaves too little room for the learner."""
    kept = sentences(text)
    needed = set(facts_of(text, language))
    for sentence in reversed(kept[1:]):
        if count(" ".join(kept)) <= most:
            break
        if sentence not in needed:
            kept.remove(sentence)
    return " ".join(kept)
