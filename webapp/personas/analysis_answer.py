"""The answer that any drafter of contact analyses gives, and the list of its fields."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from webapp.personas.answer import SHORT, Answer, Entry, FieldSpec

LONG = 2_400  # characters of a summary, of a talk track, of an objection with its answer
MOST = 8  # questions, objections, steps
BETWEEN = "\n"  # between an objection and its answer, where both are one text

ANALYSIS_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("summary", "summary", "Summary", "who", required=True, longest=LONG),
    FieldSpec("talk_track", "talkTrack", "Talk track", "wants", required=True, longest=LONG),
    FieldSpec("questions", "questions", "Questions to ask", "wants", many=True),
    FieldSpec("objections", "objections", "Likely objections", "wants", many=True, longest=LONG),
    FieldSpec("next_steps", "nextSteps", "Next steps", "company", many=True),
)
ANALYSIS_BY_WIRE = {field.wire: field for field in ANALYSIS_FIELDS}


class AnalysisField(StrEnum):
    """The wire names of the fields, closed so that a model cannot invent another."""

    SUMMARY = "summary"
    TALK_TRACK = "talkTrack"
    QUESTIONS = "questions"
    OBJECTIONS = "objections"
    NEXT_STEPS = "nextSteps"


def _within(longest: int) -> AfterValidator:
    def check(text: str) -> str:
        kept = text.replace("\x00", "").strip()
        if len(kept) > longest:
            raise ValueError(f"must be at most {longest:,} characters, is {len(kept):,}")
        return kept

    return AfterValidator(check)


def _few(texts: list[str]) -> list[str]:
    kept = [text for text in texts if text]
    if len(kept) > MOST:
        raise ValueError(f"must have at most {MOST} entries, has {len(kept)}")
    return kept


Prose = Annotated[str, Field(description=f"At most {LONG} characters."), _within(LONG)]
Lines = Annotated[
    list[Entry],
    Field(description=f"At most {MOST} entries of at most {SHORT} characters."),
    AfterValidator(_few),
]


class Objection(Answer):
    """What they may say against it, and what to answer."""

    objection: Entry
    answer: Annotated[str, _within(LONG - SHORT - 1)]


class AnalysisSource(Answer):
    """Which of the given facts one field was drawn from, by fact name ("contact title")."""

    field: AnalysisField
    facts: list[Entry]


def _few_objections(given: list[Objection]) -> list[Objection]:
    if len(given) > MOST:
        raise ValueError(f"must have at most {MOST} entries, has {len(given)}")
    return given


class AnalysisDraft(Answer):
    """Meeting preparation for one contact. What cannot be said stays empty, for a person to fill."""

    summary: Prose
    talk_track: Prose
    questions: Lines
    objections: Annotated[list[Objection], AfterValidator(_few_objections)]
    next_steps: Lines
    sources: list[AnalysisSource]
    unused_facts: list[Entry]

    def fields(self) -> dict[str, str | list[str]]:
        """The fields by wire name; an objection and its answer are one text of two parts."""
        return {
            "summary": self.summary,
            "talkTrack": self.talk_track,
            "questions": list(self.questions),
            "objections": [joined(one.objection, one.answer) for one in self.objections],
            "nextSteps": list(self.next_steps),
        }


def joined(objection: str, answer: str) -> str:
    """An objection with its answer as one text: its first line, and what follows."""
    return BETWEEN.join(part for part in (" ".join(objection.split()), answer.strip()) if part)


def parted(text: str) -> tuple[str, str]:
    """The objection and its answer out of one text."""
    objection, _, answer = text.partition(BETWEEN)
    return objection.strip(), answer.strip()
