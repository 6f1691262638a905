"""Says a learner's words in a sentence: to them, or as their own."""

# ruff: noqa: E501 - explanations and patterns stay on their lines

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.lessons.rules.bank import Bank, Frames
from webapp.lessons.rules.bank_any import ANY
from webapp.lessons.rules.tongue import code_of

if TYPE_CHECKING:
    from webapp.lessons.facts import LessonBrief
    from webapp.lessons.rules.compose import Desk
    from webapp.lessons.rules.saying import Piece


def bank_of(brief: LessonBrief) -> Bank:
    """The sentences of the course's language; of any other than English and Russian there are none."""
    code = code_of(brief.course.language)
    if code == "en":
        from webapp.lessons.rules.bank_en import ENGLISH  # noqa: PLC0415  # each process reads what it speaks

        return ENGLISH
    if code == "ru":
        from webapp.lessons.rules.bank_ru import RUSSIAN, familiar  # noqa: PLC0415  # as above

        return familiar(RUSSIAN) if "на ты" in _bare(brief.course.voice) else RUSSIAN
    return ANY


def _bare(voice: str) -> str:
    return "".join(sign for sign in voice.casefold() if sign not in '«»"“”„')


def mention(desk: Desk, section: str, piece: Piece) -> str:
    """A sentence to the learner that takes up what they said."""
    known, form = desk.bank, piece.form
    natural = known.by_form.get((piece.question, form)) or known.by_form.get(("", form), ())
    colon: Frames = known.mentions.get(piece.question) or known.mentions.get("", ("{x}.",))
    bare = not natural or (form == "that" and desk.roll(section, piece.question, "form") % 2)
    if not bare:
        return _upper(desk.pick(natural, section, piece.question, "frame").format(x=piece.text))
    said = f"that {piece.text}" if form == "that" else piece.text
    frame = desk.pick(colon, section, piece.question, "frame")
    return _upper(frame.format(x=said))


def share(desk: Desk, piece: Piece) -> str:
    """What the learner said, as they would say it in public: a sentence as it stands, anything else introduced."""
    if piece.whole:
        return _upper(piece.own) + "."
    frames = desk.bank.shares.get(piece.question, ("{x}.",))
    return desk.pick(frames, "share", piece.question).format(x=_lower(piece.own))


def lead(desk: Desk, section: str, first: Piece | None) -> str:
    """What leads on in a section; the summary's sentences speak of what the learner said."""
    if section == "summary" and first is None:
        return ""
    return desk.pick(desk.bank.ties.get(section, ()), section, "lead")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    first = text.split(" ", 1)[0]
    if first in {"I", "A"} and len(text) > 1:
        return text if first == "I" else f"a{text[1:]}"
    return (
        text
        if first[:2] in {"I'", "I’"} or any(c.isupper() for c in first[1:])
        else text[:1].lower() + text[1:]
    )
