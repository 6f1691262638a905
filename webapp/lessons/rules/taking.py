"""Sees which survey answers a lesson takes up, and where, by the words they share."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.lessons.facts import SECTIONS, LessonBrief, LessonTexts, Section, TakenUp
from webapp.lessons.rules.words import folded, read_part, stems

ENOUGH = 2  # words of its own that a longer answer must share with a section


def answered(brief: LessonBrief) -> dict[str, str]:
    """The survey answers that say something, each as far as it is read."""
    return {
        question: read_part(answer) for question, answer in brief.learner.answers.items() if answer.strip()
    }


def taken_up_of(brief: LessonBrief, texts: LessonTexts) -> list[TakenUp]:
    """Which answers a text really uses, section by section, judged by their words alone."""
    marks = _marks(brief)
    found = []
    for name, text in texts.as_dict().items():
        said, folded_text = stems(text), folded(text)
        ours = said - stems(getattr(brief.template, name))
        for question, mark in marks.items():
            if _uses(mark, ours, said, folded_text):
                found.append(TakenUp(answer=question[:200], section=Section(name)))
    return found


def taken_by_section(brief: LessonBrief, texts: LessonTexts) -> dict[str, list[str]]:
    """The questions whose answers each section took up, by section; every section is there."""
    by_section: dict[str, list[str]] = {name: [] for name in SECTIONS}
    for taken in taken_up_of(brief, texts):
        by_section[taken.section.value].append(taken.answer)
    return by_section


class _Mark:
    """What an answer is recognised by: its stems, those no other answer has, and how it begins."""

    def __init__(self, answer: str, others: frozenset[str]) -> None:
        self.stems = stems(answer)
        self.own = self.stems - others
        self.phrase = " ".join(folded(answer).split())[:60].strip(" .,!?;:\"'«»“”")


def _marks(brief: LessonBrief) -> dict[str, _Mark]:
    said = answered(brief)
    known = {question: stems(answer) for question, answer in said.items()}
    return {
        question: _Mark(answer, _others(known, question))
        for question, answer in said.items()
        if answer.strip()
    }


def _others(known: Mapping[str, frozenset[str]], question: str) -> frozenset[str]:
    return frozenset().union(*(found for other, found in known.items() if other != question))


def _uses(mark: _Mark, ours: frozenset[str], said: frozenset[str], text: str) -> bool:
    """`ours` are the section's stems that its template does not have, `said` all of them."""
    if mark.phrase and mark.phrase in text and (len(mark.phrase) > 12 or not mark.stems or mark.stems & ours):
        return True
    telling = mark.own if len(mark.own) >= ENOUGH else mark.stems
    if not telling & said:
        return False
    return len(telling & ours) >= min(ENOUGH, len(telling))
