"""What a digest says, in three tones: the same figures, and no praise without a reason."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.core.text import plural
from webapp.leads.facts import Frequency, Tone


@dataclass(frozen=True)
class Figures:
    """What a person's leads came to since their last digest."""

    open: int
    at_risk: int
    won: int
    lost: int
    period: Frequency = Frequency.DAILY

    @property
    def since(self) -> str:
        """The period in words."""
        return "the last week" if self.period is Frequency.WEEKLY else "the last day"


def headline(figures: Figures, tone: Tone) -> str:
    """The digest in one or two sentences."""
    return {Tone.PROFESSIONAL: _professional, Tone.FRIENDLY: _friendly, Tone.CONCISE: _concise}[tone](figures)


def invitation(figures: Figures, tone: Tone) -> str:
    """What stands above the list of the most promising leads."""
    if not figures.open:
        return ""
    return {
        Tone.PROFESSIONAL: "The most promising of them, and the next step with each:",
        Tone.FRIENDLY: "If I were you, I would begin with these:",
        Tone.CONCISE: "Most promising:",
    }[tone]


def _professional(one: Figures) -> str:
    risk = f"{one.at_risk} of them at risk" if one.at_risk else "none of them at risk"
    desk = f"You have {plural(one.open, 'open lead')}, {risk}." if one.open else "You have no open leads."
    return f"{desk} {_closed(one)}"


def _closed(one: Figures) -> str:
    if not one.won and not one.lost:
        return f"Nothing was won or lost in {one.since}."
    return f"In {one.since} {_were(one.won)} won and {_were(one.lost)} lost."


def _friendly(one: Figures) -> str:
    desk = f"Good morning! I count {plural(one.open, 'open lead')} on your desk"
    if not one.open:
        desk = "Good morning! Your desk is clear: I find no open leads"
    if one.at_risk:
        desk += f", and {one.at_risk} of them could do with a sign of life from you"
    if one.won:
        lost = f" ({_were(one.lost)} lost)" if one.lost else ""
        return f"{desk}. You won {one.won} in {one.since}{lost}: well done!"
    if one.lost:
        return f"{desk}. {_were(one.lost)} lost in {one.since}; it happens."
    return f"{desk}. Nothing was decided in {one.since}."


def _concise(one: Figures) -> str:
    return f"{one.open} open, {one.at_risk} at risk; {one.won} won, {one.lost} lost in {one.since}."


def _were(count: int) -> str:
    return f"{count or 'none'} {'were' if count > 1 else 'was'}"
