"""What a lesson is made from and what a generator answers: plain values, no database."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from webapp.core.llm.minimise import AsWritten

LONGEST_SECTION = 6_000  # characters of one section, in a template or an answer
LONGEST_SENT = 2_000  # characters of one survey answer that a model reads
MOST_SENT = 20  # survey answers that a model reads


class Section(enum.Enum):
    """The six parts of a lesson, in the order the course site shows them."""

    SUMMARY = "summary"
    PREVIOUS_LESSONS = "previous_lessons"
    WHY_WATCH = "why_watch"
    QUICK_ACTION = "quick_action"
    HOMEWORK = "homework"
    SOCIAL_SHARE = "social_share"

    @property
    def label(self) -> str:
        """Name the section for people."""
        return self.value.replace("_", " ").capitalize()


SECTIONS = tuple(section.value for section in Section)
Lengths = dict[str, tuple[int, int]]
DEFAULT_LENGTHS: Lengths = {  # words, from and to
    "summary": (40, 120),
    "previous_lessons": (15, 60),
    "why_watch": (30, 90),
    "quick_action": (15, 60),
    "homework": (20, 80),
    "social_share": (10, 40),
}


class Facts(BaseModel):
    """A plain value that cannot be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LessonTexts(Facts):
    """The six sections of a template or of a lesson; an empty one is not there."""

    summary: str = ""
    previous_lessons: str = ""
    why_watch: str = ""
    quick_action: str = ""
    homework: str = ""
    social_share: str = ""

    def as_dict(self) -> dict[str, str]:
        """The texts by section, in the course site's order."""
        return {name: getattr(self, name) for name in SECTIONS}


class CourseFacts(Facts):
    """A course as its lessons are written for: whose voice, which language, which words, how long."""

    name: str
    language: str = "en"
    voice: str = ""
    required_words: tuple[str, ...] = ()
    banned_words: tuple[str, ...] = ()
    lengths: Lengths = Field(default_factory=lambda: dict(DEFAULT_LENGTHS))


class EarlierLesson(Facts):
    """A lesson that stands before this one in the course."""

    number: int
    title: str


class LearnerFacts(Facts):
    """Whom the lesson is for: the name as they are addressed by, and their survey answers by question."""

    name: str
    answers: dict[str, str]


class LessonBrief(Facts):
    """Everything a lesson for one learner is written from.

    `default_template` says that the lesson has no template of its own and `template` was built from
    its title and description. `earlier` are the course's lessons before this one, in their order.
    """

    course: CourseFacts
    number: int
    title: str
    description: str = ""
    template: LessonTexts
    default_template: bool = False
    earlier: tuple[EarlierLesson, ...] = ()
    learner: LearnerFacts

    def for_model(self) -> dict[str, Any]:
        """What may leave for a model: long answers cut, nothing but what the prompt needs."""
        told = self.model_dump(mode="json")
        answers = list(self.learner.answers.items())[:MOST_SENT]
        told["learner"]["answers"] = {
            question[:80]: answer[:LONGEST_SENT] for question, answer in answers if answer.strip()
        }
        told["earlier"] = told["earlier"][-10:]
        # The master text is the company's own, its addresses and numbers are facts to be kept.
        told["template"] = {name: AsWritten(text) for name, text in told["template"].items()}
        return told


class TakenUp(BaseModel):
    """A survey answer that a section takes up: the question's key and the section's name."""

    model_config = ConfigDict(extra="forbid")

    answer: str = Field(max_length=200)
    section: Section


class LessonDraft(BaseModel):
    """A lesson written for one learner, as a generator answers it."""

    model_config = ConfigDict(extra="forbid")

    summary: str = Field(max_length=LONGEST_SECTION)
    previous_lessons: str = Field(max_length=LONGEST_SECTION)
    why_watch: str = Field(max_length=LONGEST_SECTION)
    quick_action: str = Field(max_length=LONGEST_SECTION)
    homework: str = Field(max_length=LONGEST_SECTION)
    social_share: str = Field(max_length=LONGEST_SECTION)
    taken_up: list[TakenUp] = Field(max_length=60)

    @property
    def texts(self) -> LessonTexts:
        """The six sections alone."""
        return LessonTexts(**{name: getattr(self, name).strip() for name in SECTIONS})


class Severity(enum.Enum):
    """How a finding weighs: red blocks publication and approval, amber wants a look, green is well."""

    FIX = "fix"
    LOOK = "look"
    OK = "ok"


class Finding(Facts):
    """What one quality check saw. `check` is its name, `section` where, `text` a sentence for people.

    `hint` says how to mend it. A finding of `Severity.FIX` is a failed hard check.
    """

    check: str
    severity: Severity
    text: str
    section: str = ""
    hint: str = ""


def voice_hash(course: CourseFacts) -> str:
    """A digest of what of the course decides how its lessons are written."""
    told = course.model_dump(mode="json", exclude={"name"})
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


def default_template(title: str, description: str) -> LessonTexts:
    """The template of a lesson that has none: its title and description, nothing made up."""
    return LessonTexts(summary="\n\n".join(part for part in (title, description) if part.strip()))


def texts_of(stored: Mapping[str, Any]) -> LessonTexts:
    """Read the six sections from a stored mapping; what is not there is empty."""
    return LessonTexts(**{name: str(stored.get(name) or "") for name in SECTIONS})
