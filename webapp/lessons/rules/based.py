"""What a section says where the template says nothing, and which of a template's sentences hold its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.lessons.rules.told import links, names, numbers
from webapp.lessons.rules.unfit import plain
from webapp.lessons.rules.words import sentences

if TYPE_CHECKING:
    from webapp.lessons.rules.compose import Desk


def base(desk: Desk, section: str) -> str:
    """A sentence about the lesson by its title, or about the one before it; "" where there is none before."""
    brief = desk.brief
    frame = desk.pick(desk.bank.bases[section], section, "base")
    title = plain(brief.title).strip(" .") or str(brief.number)
    if section != "previous_lessons":
        return frame.format(title=title)
    if not brief.earlier:
        return ""
    last = brief.earlier[-1]
    return frame.format(number=last.number, earlier=plain(last.title).strip(" .") or last.number)


def facts_of(text: str, language: str) -> list[str]:
    """The sentences that hold a number or a link: none of them may be lost. Those with names follow suit."""
    known = names(text, language)
    return [
        sentence
        for sentence in sentences(text)
        if numbers(sentence, language) or links(sentence) or known.keys() & names(sentence, language).keys()
    ]
