"""The demo company's courses and learners, plain data: courses with templates, learners with surveys."""

# ruff: noqa: E501 - texts stay on their lines

from __future__ import annotations

from dataclasses import dataclass

from webapp.lessons.demo_hands_on import LESSONS as HANDS_ON
from webapp.lessons.demo_learners import LEARNERS, DemoLearner
from webapp.lessons.demo_lesson import DemoLesson

__all__ = ["COMPANY_KEY", "COURSES", "DEMO_LEARNER", "LEARNERS", "DemoCourse", "DemoLearner", "DemoLesson"]

COMPANY_KEY = "demo"
DEMO_LEARNER = "21179358"


@dataclass(frozen=True)
class DemoCourse:
    """A course with its lessons, each with a template."""

    key: str
    name: str
    language: str
    voice: str
    required_words: tuple[str, ...]
    banned_words: tuple[str, ...]
    lessons: tuple[DemoLesson, ...]


COURSES: tuple[DemoCourse, ...] = (
    DemoCourse(
        key="hands-on",
        name="Neck and shoulders in practice",
        language="en",
        voice=(
            "Lena Brandt, physiotherapist for twenty years, speaks to colleagues who treat people with their hands. "
            "Warm, plain, never preachy; says “you”. Promises nothing that hands cannot do."
        ),
        required_words=(),
        banned_words=("miracle", "guaranteed cure", "pain-free forever"),
        lessons=HANDS_ON,
    ),
)
