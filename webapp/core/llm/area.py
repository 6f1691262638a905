"""What the AI service brings to the application: its pages, and the job that tries a prompt."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.core.area import Area
from webapp.core.holdings import LLM_HOLDINGS
from webapp.core.llm.commands import llm
from webapp.core.llm.forget import FORGET, NIGHTLY
from webapp.core.llm.pages import pages
from webapp.core.llm.prompt import PromptUse
from webapp.core.llm.trying import try_kind


def llm_area(uses: Iterable[PromptUse]) -> Area:
    """Build the area over the prompts of the others."""
    return Area(
        name="llm",
        pages=(pages,),
        kinds=(try_kind({use.name: use for use in uses}), FORGET),
        commands=(llm,),
        schedules=(NIGHTLY,),
        holdings=LLM_HOLDINGS,
    )
