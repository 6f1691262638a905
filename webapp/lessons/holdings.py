"""What the lessons hold of a learner: texts written for them, their versions, tries and turns."""

from __future__ import annotations

from webapp.core.privacy import Holding, nothing_personal
from webapp.lessons.models import (
    Attempt,
    Course,
    Lesson,
    PersonalLesson,
    PersonalLessonVersion,
    Proposal,
    TemplateVersion,
    Turn,
)

AUTHORS = "A course’s own text, written for everybody."

HOLDINGS = (
    nothing_personal(
        Course,
        "key",
        "name",
        "language",
        "voice",
        "required_words",
        "banned_words",
        "lengths",
        "voice_hash",
        why=AUTHORS,
    ),
    nothing_personal(Lesson, "code", "title", "description", "template", why=AUTHORS),
    nothing_personal(TemplateVersion, "sections", "saved_by", "reason", why=AUTHORS),
    Holding(
        PersonalLesson,
        by=(PersonalLesson.person_id,),
        title="Personalized lessons",
        personal=("sections", "findings", "taken_up", "accepted"),
        plain=("survey_hash", "voice_hash", "prompt_version", "model", "reviewed_by", "call_id"),
        hides=("survey_hash", "voice_hash", "reviewed_by", "flagged"),
    ),
    Holding(
        PersonalLessonVersion,
        by=(PersonalLessonVersion.personal_lesson_id,),
        title="Earlier versions of personalized lessons",
        personal=("content", "reason"),
        plain=("saved_by",),
        hides=("saved_by",),
    ),
    Holding(
        Proposal,
        by=(Proposal.person_id,),
        title="Lessons that wait for a review",
        personal=("content", "asked"),
    ),
    Holding(Turn, by=(Turn.person_id,), title="Lessons being written"),
    Holding(Attempt, by=(Attempt.person_id,), title="Tries to write a lesson", plain=("outcome",)),
)
