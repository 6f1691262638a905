"""What a language's word bank holds for the drafter: sentences around the learner's words and the lesson's."""

# ruff: noqa: E501 - explanations and patterns stay on their lines

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Frames = tuple[str, ...]


@dataclass(frozen=True)
class Bank:
    """The sentences of one language.

    `mentions`: by question, {x} being the learner's words, right after any form of them ("" for further questions);
    `by_form`: by (question or "", form), more natural ones for that form. `ties`: by section or question, what leads
    on. `bases`: by section, what a section says when no template does. `openers`: a sentence with {name}.
    `shares`: by question, what a learner says of themselves in public. `vocative`: how a sentence is spoken to {name}.
    """

    mentions: Mapping[str, Frames]
    by_form: Mapping[tuple[str, str], Frames]
    ties: Mapping[str, Frames]
    bases: Mapping[str, Frames]
    openers: Frames
    shares: Mapping[str, Frames]
    vocative: str
