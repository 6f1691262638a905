"""The prompts of this area as the prompts page shows and tries them."""

from __future__ import annotations

from typing import Any

from webapp.core.llm.prompt import PromptUse
from webapp.lessons.facts import (
    CourseFacts,
    EarlierLesson,
    LearnerFacts,
    LessonBrief,
    LessonDraft,
    LessonTexts,
)
from webapp.lessons.lesson_prompt import NAME, PROMPTS


def _sample() -> dict[str, Any]:
    brief = LessonBrief(
        course=CourseFacts(
            name="Neck and shoulders in practice",
            voice="Lena, physiotherapist for twenty years, speaks to colleagues: warm, plain, never preachy.",
        ),
        number=3,
        title="Neck and collar",
        description="Five strokes for the neck and collar zone.",
        template=LessonTexts(
            summary="In this lesson you learn the five strokes of the neck and collar zone, when to use "
            "each, and how to tell after two minutes whether the tissue answers. We work slowly.",
            previous_lessons="You know from lesson 2 how to find the upper edge of the shoulder blade.",
            why_watch="Most clients come because of neck tension. These strokes solve nine of ten cases, "
            "and none of them needs strength: they need the right angle and time.",
            quick_action="Practise stroke two for 20 minutes on a pillow. Count four breaths for each pass.",
            homework="Film one stroke and send it by Friday. Write down where your thumb was tired.",
            social_share="Five strokes, one neck, no strength: that was my lesson today.",
        ),
        earlier=(EarlierLesson(number=1, title="Hands"), EarlierLesson(number=2, title="Shoulder blades")),
        learner=LearnerFacts(
            name="Marta Lindqvist",
            answers={
                "motivation": "I want to work for myself by summer.",
                "target_clients": "Office workers who sit all day",
                "fears": "Hurting someone",
                "practice_model": "At home, in the evening",
            },
        ),
    )
    return {"brief": brief, "mend": []}


PROMPT_USES = (
    PromptUse(
        PROMPTS,
        NAME,
        "The template strategy: previews, batches and the course site’s call",
        LessonDraft,
        _sample,
    ),
)
