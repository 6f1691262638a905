"""Message drafts as a job: written for one person, shown to them, saved and sent nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.companies import current_company
from webapp.core.access import Actor, Permission
from webapp.core.db import unit
from webapp.core.errors import NotFound
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import Job, JobItem
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.llm.door import Drafter
from webapp.core.llm.prompt import BY_RULES, Prompt, PromptUse, load_prompt
from webapp.core.text import aware
from webapp.leads.facts import Action, Stage, Tone
from webapp.leads.message_answer import NAME, SENDER, MessageBrief, MessageDraft
from webapp.leads.models import Activity, Lead
from webapp.leads.preferences import preferences_of

PROMPTS = Path(__file__).parent / "prompts"
PROMPT = "lead-message"


@dataclass(frozen=True)
class Message:
    """A draft as it is shown, with the names in their places."""

    kind: Action
    subject: str
    body: str
    model: str
    unheeded: bool

    @property
    def by_rules(self) -> bool:
        """Whether the built-in drafter wrote it."""
        return self.model == BY_RULES


def find_lead(session: Session, lead_id: UUID) -> Lead:
    """The lead. Raises NotFound, also for another company's."""
    lead = session.get(Lead, lead_id)
    if lead is None:
        raise NotFound("There is no such lead.")
    return lead


def start_message_job(
    session: Session,
    actor: Actor,
    staff_id: UUID,
    lead_id: UUID,
    kind: Action,
    starter: Starter,
) -> Job:
    """Have a message drafted for the person. Raises NotFound, Forbidden."""
    brief = brief_of(session, staff_id, lead_id, kind, starter.clock.now())
    params = {"lead_id": str(lead_id), "brief": brief.model_dump(mode="json"), "fresh": True}
    with unit(session):
        return starter.start(session, actor, DRAFT, "Draft a message", [NewItem("a lead", params)])


def brief_of(session: Session, staff_id: UUID, lead_id: UUID, kind: Action, now: datetime) -> MessageBrief:
    """What the drafter is told; see `MessageBrief` for what never is."""
    lead, company, wanted = (
        find_lead(session, lead_id),
        current_company(session),
        preferences_of(session, staff_id),
    )
    counted = select(Activity.kind, func.count().label("count"), func.max(Activity.at).label("last"))
    rows = session.execute(counted.where(Activity.lead_id == lead_id).group_by(Activity.kind)).all()
    last = max([aware(row.last) for row in rows], default=aware(lead.opened_at))
    return MessageBrief(
        kind=kind,
        tone=wanted.tone,
        wishes=wanted.instructions,
        company=company.name,
        about=company.about,
        language=company.language,
        stage=lead.stage,
        source=lead.source,
        quiet_days=max(0, (now - last).days),
        happened={row.kind: row.count for row in rows},
    )


def draft(context: ItemContext) -> None:
    """Write one message; it stays in the job's outcome, with no name in it, and nowhere else."""
    brief = MessageBrief.model_validate(context.params["brief"])
    answered = context.llm.ask(Prompt(load_prompt(PROMPTS, PROMPT), {"brief": brief}), MessageDraft)
    outcome = {**answered.value.model_dump(), "model": answered.model}
    with context.effect(outcome):
        pass


def message_job(session: Session, staff_id: UUID, lead_id: UUID, job_id: UUID) -> tuple[Job, JobItem]:
    """The person's own job for this lead. Raises NotFound for any other."""
    job = session.get(Job, job_id)
    item = session.scalar(select(JobItem).where(JobItem.job_id == job_id).limit(1)) if job else None
    ours = job is not None and job.kind == DRAFT.name and job.staff_id == staff_id
    if job is None or item is None or not ours or item.params.get("lead_id") != str(lead_id):
        raise NotFound("There is no such draft.")
    return job, item


def message_in(item: JobItem, lead: Lead, sender: str) -> Message | None:
    """The draft that the job made, names put in; None while there is none."""
    if "body" not in item.outcome:
        return None
    brief, model = item.params["brief"], str(item.outcome["model"])

    def named(text: str) -> str:
        return text.replace(NAME, lead.name).replace(SENDER, sender)

    subject, body = named(item.outcome["subject"]), named(item.outcome["body"])
    return Message(Action(brief["kind"]), subject, body, model, model == BY_RULES and bool(brief["wishes"]))


def _by_rules(values: Mapping[str, Any]) -> BaseModel:
    from webapp.leads.rules.message import draft_message  # noqa: PLC0415  # what a web process never needs

    return draft_message(values["brief"])


def _sample() -> dict[str, Any]:
    brief = MessageBrief(
        kind=Action.MEETING,
        tone=Tone.FRIENDLY,
        wishes="We say “visit”, never “viewing”.",
        company="Alsterhof Homes",
        about="We let and sell flats near the water.",
        language="en",
        stage=Stage.QUALIFIED,
        source="web form",
        quiet_days=9,
        happened={"email_reply": 1, "property_view": 4},
    )
    return {"brief": brief}


DRAFT = JobKind("leads.message", "Draft a message", Queue.LLM, Permission.LEADS_WRITE, draft)
DRAFTERS: dict[str, Drafter] = {PROMPT: _by_rules}
PROMPT_USES = (PromptUse(PROMPTS, PROMPT, "Draft a message on a lead’s page", MessageDraft, _sample),)
