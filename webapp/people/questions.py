"""A survey's questions and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

QUESTIONS: Mapping[str, str] = {
    "motivation": "Why they take the course",
    "target_clients": "Whom they want to work with",
    "skills_wanted": "What they want to be able to do",
    "fears": "What they are afraid of",
    "expected_results": "What they expect to have in the end",
    "practice_model": "Where and how they practise",
}
LONGEST_ANSWER = 100_000  # characters
MOST_ANSWERS = 60
LONGEST_QUESTION = 80


def survey_hash(answers: Mapping[str, str]) -> str:
    """Answer a digest of what was said, the same whatever the order of the questions; "" for nothing said."""
    said = {question: answer for question, answer in answers.items() if answer}
    if not said:
        return ""
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


def question_label(question: str) -> str:
    """Say a question in words: one of the six, or a further one by its own key."""
    return QUESTIONS.get(question) or question.replace("_", " ").capitalize()
