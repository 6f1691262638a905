"""What the calls under /api/intelligence take and answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StringConstraints

from webapp.core.wire import InCompany, Wire
from webapp.leads.facts import Frequency, Tone
from webapp.leads.preferences import LONGEST, NAMES
from webapp.leads.rules.timing import written_window

ContactTime = Annotated[
    str,
    StringConstraints(strict=True, max_length=20),
    AfterValidator(written_window),
    Field(description="Empty, `HH:MM` or `HH:MM-HH:MM`, by the company’s clock."),
]
Instructions = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, max_length=LONGEST)]


class PreferencesIn(InCompany):
    """Any of the six; what is left out, or null, stays as it is."""

    chatbot_tone: Tone | None = None
    auto_suggest_actions: StrictBool | None = None
    enable_proactive: StrictBool | None = None
    preferred_contact_time: ContactTime | None = None
    ai_insights_frequency: Frequency | None = None
    custom_instructions: Instructions | None = None

    def values(self) -> dict[str, object]:
        """What is to change, by the names of `Preferences`."""
        given = self.model_dump(by_alias=True, exclude_none=True)
        return {NAMES[wire]: value for wire, value in given.items() if wire in NAMES}


class PreferencesOut(Wire):
    """How the caller wants to be spoken to, and when."""

    chatbot_tone: Tone
    auto_suggest_actions: bool
    enable_proactive: bool
    preferred_contact_time: str
    ai_insights_frequency: Frequency
    custom_instructions: str


class PreferencesAnswer(Wire):
    """The caller's preferences."""

    success: Literal[True] = True
    data: PreferencesOut
