"""Trying a prompt's wording on sample data: a job like any other, whose answer stays with the job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.db import unit
from webapp.core.errors import NotFound
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import Job, JobItem
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.llm.prompt import Prompt, PromptFile, PromptUse
from webapp.core.llm.wording import draft_of, in_force, worded_by

SHOWN = 3


@dataclass(frozen=True)
class Tried:
    """One try: its job, and the answer field by field when there is one."""

    job: Job
    label: str
    model: str
    fields: tuple[tuple[str, str], ...]


def try_kind(uses: Mapping[str, PromptUse]) -> JobKind:
    """Make the kind of job that tries the given prompts."""

    def work(context: ItemContext) -> None:
        use = uses.get(str(context.params["prompt"]))
        if use is None:
            raise NotFound("There is no such prompt any more.")
        file = _wording_of(context.session, use.file, draft=bool(context.params["draft"]))
        context.session.commit()
        answered = context.llm.ask_as_it_is(Prompt(file, use.sample()), use.answer)
        answer = answered.value.model_dump(mode="json", by_alias=True)
        with context.effect({"answer": answer, "model": answered.model, "label": _label(file, context)}):
            pass

    return JobKind("llm.try", "Try a prompt", Queue.LLM, Permission.LLM_MANAGE, work)


def start_try(
    session: Session, actor: Actor, kind: JobKind, use: PromptUse, *, draft: bool, key: str, starter: Starter
) -> Job:
    """Have the prompt tried on its sample data, in its draft's wording or in the one in force."""
    which = "draft" if draft else "in force"
    item = NewItem(f"{use.name}, {which}", {"prompt": use.name, "draft": draft, "fresh": True})
    with unit(session):
        return starter.start(session, actor, kind, title_of(use.name), [item], key=key)


def title_of(name: str) -> str:
    """Name the jobs that try a prompt."""
    return f"Try the prompt {name}"


def tries(session: Session, kind: JobKind, name: str) -> list[Tried]:
    """Answer the latest tries of a prompt."""
    rows = session.execute(
        select(Job, JobItem)
        .join(JobItem, JobItem.job_id == Job.id)
        .where(Job.kind == kind.name, Job.title == title_of(name))
        .order_by(Job.id.desc())
        .limit(SHOWN)
    )
    return [_tried(job, item) for job, item in rows]


def _tried(job: Job, item: JobItem) -> Tried:
    answer = item.outcome.get("answer") or {}
    fields = tuple((name, _text(value)) for name, value in answer.items() if value)
    return Tried(
        job, str(item.outcome.get("label") or item.subject), str(item.outcome.get("model", "")), fields
    )


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(_text(entry) for entry in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(entry)}" for name, entry in value.items())
    return str(value)


def _wording_of(session: Session, file: PromptFile, *, draft: bool) -> PromptFile:
    row = draft_of(session, file.name) if draft else None
    return worded_by(file, row) if row else in_force(session, file)


def _label(file: PromptFile, context: ItemContext) -> str:
    return f"{file.label}, draft" if context.params["draft"] else file.label
