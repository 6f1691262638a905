"""The nightly forgetting of what models answered; what the calls cost stays."""

from __future__ import annotations

from datetime import timedelta

from webapp.core.access import Permission
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.when import When
from webapp.core.llm.ledger import forget_answers


def forget(context: ItemContext) -> None:
    """Empty the texts of answers older than the item's days."""
    before = context.clock.now() - timedelta(days=int(context.params["days"]))
    with context.effect() as session:
        forget_answers(session, before)


FORGET = JobKind("llm.forget", "Forget AI answers", Queue.BATCH, Permission.LLM_MANAGE, forget)
NIGHTLY = Schedule(
    "llm.forget",
    "Forget the texts of old AI answers",
    FORGET,
    When(hour=3, minute=15),
    lambda settings: {"days": settings.llm_text_days},
)
