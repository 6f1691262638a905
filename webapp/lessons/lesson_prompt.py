"""The prompt that rewrites a template for a learner, and which versions are in force."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from webapp.core.llm.minimise import AsWritten
from webapp.core.llm.prompt import Prompt, PromptFile, load_prompt
from webapp.core.llm.wording import in_force
from webapp.lessons.facts import Finding, LessonBrief
from webapp.lessons.models import Strategy

PROMPTS = Path(__file__).parent / "prompts"
NAME = "lesson"
BASIC_VERSION = "1"  # goes up when the rules of the basic strategy write otherwise


def lesson_prompt(brief: LessonBrief, mend: tuple[Finding, ...] = ()) -> Prompt:
    """The question for a lesson; `mend` are the failed checks of a first answer."""
    # Red findings name the template's own links and numbers, which have to reach the model as they are.
    faults = [AsWritten(" ".join(part for part in (one.section, one.text, one.hint) if part)) for one in mend]
    return Prompt(prompt_file(), {"brief": brief, "mend": faults})


def prompt_file() -> PromptFile:
    """The newest version of the file."""
    return load_prompt(PROMPTS, NAME)


def versions_in_force(session: Session) -> dict[Strategy, str]:
    """The version that each strategy writes by at the moment; one statement."""
    return {Strategy.BASIC: BASIC_VERSION, Strategy.TEMPLATE: in_force(session, prompt_file()).label}
