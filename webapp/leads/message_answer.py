"""What a drafter of messages is given, and the answer that any of them gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from webapp.leads.facts import Action, Stage, Tone

LONGEST_SUBJECT, LONGEST_BODY = 150, 2_500
KINDS = (Action.CALL, Action.EMAIL, Action.MEETING, Action.SEND_LISTING, Action.FOLLOW_UP)
NAME, SENDER, LISTING = "[name]", "[sender]", "[listing]"
KIND_LABELS = {
    Action.CALL: "Call script",
    Action.EMAIL: "E-mail",
    Action.MEETING: "Meeting invitation",
    Action.SEND_LISTING: "Mail with a listing",
    Action.FOLLOW_UP: "Follow-up",
}


class _Base(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class MessageBrief(_Base):
    """All that leaves for a model: nobody's name, address or number, and no prediction.

    `wishes` are the salesperson's own instructions; texts are made minimal at the door as all others.
    """

    kind: Action
    tone: Tone
    wishes: str = ""
    company: str = ""
    about: str = ""
    language: str = ""
    stage: Stage
    source: str = ""
    quiet_days: int
    happened: Mapping[str, int]


def _within(longest: int) -> AfterValidator:
    def check(text: str) -> str:
        kept = text.replace("\x00", "").strip()
        if not kept:
            raise ValueError("must not be empty")
        if len(kept) > longest:
            raise ValueError(f"must be at most {longest:,} characters, is {len(kept):,}")
        return kept

    return AfterValidator(check)


class MessageDraft(_Base):
    """A message as it is proposed, with places for the names."""

    subject: Annotated[str, Field(description="At most 150 characters."), _within(LONGEST_SUBJECT)]
    body: Annotated[str, Field(description="At most 2,500 characters."), _within(LONGEST_BODY)]
