"""Generating a persona as a job: into an open draft, into an answer, or saved unseen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.db import new_id, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import Job
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.llm.prompt import Answered, Prompt, load_prompt
from webapp.personas import merge
from webapp.personas.answer import FIELDS, FieldRedraft, PersonaDraft
from webapp.personas.briefs import Prepared
from webapp.personas.drafting import live_draft, put_state, state_of
from webapp.personas.facts import Brief
from webapp.personas.merge import Fields
from webapp.personas.models import Draft
from webapp.personas.saving import Saver, drafted_origins


@dataclass(frozen=True)
class Sent:
    """A call that may be sent again: its key, and a digest of what it carried."""

    key: str
    fingerprint: str


PROMPTS = Path(__file__).parent / "prompts"
GIVEN_FOR_THIS = ("contact ", "description")  # the company's and the product's facts serve every draft
LEFT_OUT = frozenset({"contact name", "contact e-mail", "contact email", "contact company"})  # on purpose
REUSED = "This Idempotency-Key was used for another call. Send a new one with a new key."
BUSY = "This draft is being written already. Wait for it, or stop it first."


def start_draft_job(
    session: Session,
    actor: Actor,
    draft_id: UUID,
    prepared: Prepared,
    key: str,
    starter: Starter,
    also: list[str],
) -> Job:
    """Have the draft filled. The same key answers the same job; a second job at once is refused."""
    with unit(session):
        known = starter.accepted(session, key)
        if known:
            return known
        draft = _free(session, draft_id)
        draft.warnings, draft.built_from = list(prepared.warnings), prepared.built_from
        item = NewItem(
            _subject(prepared), {"brief": _plain(prepared.brief), "draft_id": str(draft_id), "also": also}
        )
        job = starter.start(session, actor, GENERATE, f"Draft a persona: {item.subject}", [item], key=key)
        draft.job_id = job.id
    return job


def start_redraft_job(
    session: Session,
    actor: Actor,
    draft_id: UUID,
    prepared: Prepared,
    wires: list[str],
    instruction: str,
    key: str,
    starter: Starter,
) -> Job:
    """Have some fields drafted again, as offers beside what stands. Like `start_draft_job` otherwise."""
    with unit(session):
        known = starter.accepted(session, key)
        if known:
            return known
        draft = _free(session, draft_id)
        params = {
            "brief": _plain(prepared.brief),
            "draft_id": str(draft_id),
            "current": {wire: value for wire, value in state_of(draft).fields.items() if value},
            "fields": wires,
            "instruction": instruction,
        }
        title = f"Redraft {len(wires)} field{'s' if len(wires) > 1 else ''}"
        job = starter.start(session, actor, REDRAFT, title, [NewItem(_subject(prepared), params)], key=key)
        draft.job_id = job.id
    return job


def start_api_job(
    session: Session, actor: Actor, prepared: Prepared, mode: str, sent: Sent | None, starter: Starter
) -> Job:
    """Have a persona generated for a program: `hydrate` saves nothing, `save` persists it unreviewed.

    The same key answers the same job. Raises DomainError when it was used for another body.
    """
    params = {"brief": _plain(prepared.brief), "mode": mode, "persona_id": str(new_id())}
    params |= {"built_from": prepared.built_from, "warnings": list(prepared.warnings)}
    item = NewItem(_subject(prepared), params)
    told = {"fingerprint": sent.fingerprint} if sent else {}
    title = f"Draft a persona: {item.subject}"
    with unit(session):
        job = starter.start(
            session, actor, GENERATE, title, [item], key=sent.key if sent else None, params=told
        )
    if sent and job.params.get("fingerprint") != sent.fingerprint:
        raise DomainError(REUSED, code="idempotency_key_reused")
    return job


def generate(context: ItemContext) -> None:
    """Write one persona and put it where it was asked for."""
    brief = Brief.model_validate(context.params["brief"])
    answered = context.llm.ask(Prompt(load_prompt(PROMPTS, "persona"), {"brief": brief}), PersonaDraft)
    if "draft_id" in context.params:
        _into_draft(context, answered)
    elif context.params["mode"] == "save":
        _saved(context, answered)
    else:
        with context.effect(_outcome(context, answered)):
            pass


def redraft(context: ItemContext) -> None:
    """Write the asked fields again and keep them as offers."""
    params = context.params
    values = {
        "brief": Brief.model_validate(params["brief"]),
        "current": params["current"],
        "fields": params["fields"],
        "instruction": params["instruction"],
    }
    answered = context.llm.ask(Prompt(load_prompt(PROMPTS, "persona-redraft"), values), FieldRedraft)
    offers = {
        entry.field.value: entry.value or ""
        for entry in answered.value.fields
        if entry.field.value in params["fields"]
    }
    with context.effect() as session:
        draft = _still_open(session, context)
        if draft is not None:
            state = merge.offer(
                state_of(draft),
                offers,
                params["instruction"],
                answered.model,
                _prompt(answered),
                context.clock.now(),
            )
            put_state(draft, state, context.clock)


def _into_draft(context: ItemContext, answered: Answered[PersonaDraft]) -> None:
    with context.effect() as session:
        draft = _still_open(session, context)
        if draft is None:
            return
        also = frozenset(context.params.get("also", ()))
        state = merge.fill(
            state_of(draft), answered.value, answered.model, _prompt(answered), context.clock.now(), also
        )
        put_state(draft, state, context.clock)
        draft.built_from = {**draft.built_from, "Written by": answered.model, "Prompt": _prompt(answered)}
        draft.warnings = [*draft.warnings, *_warnings(answered.value)]


def _still_open(session: Session, context: ItemContext) -> Draft | None:
    """Answer the draft while it is open and this job is the one that writes it."""
    draft_id = UUID(context.params["draft_id"])
    draft = session.scalar(select(Draft).where(Draft.id == draft_id).with_for_update())
    mine = draft is not None and draft.ended_at is None and draft.job_id == context.lease.job_id
    return draft if mine else None


def _saved(context: ItemContext, answered: Answered[PersonaDraft]) -> None:
    fields = fields_from(answered.value)
    sources = {source.field.value: tuple(source.facts) for source in answered.value.sources}
    origins = drafted_origins(fields, answered.model, _prompt(answered), context.clock, sources)
    persona_id = UUID(context.params["persona_id"])
    outcome = {**_outcome(context, answered), "persona_id": str(persona_id)}
    with context.effect(outcome) as session:
        Saver(context.clock, context.auditor).add_generated(
            session, context.actor, persona_id, fields, origins, context.params["built_from"]
        )


def _outcome(context: ItemContext, answered: Answered[PersonaDraft]) -> dict[str, Any]:
    return {
        "persona": fields_from(answered.value),
        "warnings": [*context.params["warnings"], *_warnings(answered.value)],
        "model": answered.model,
        "prompt": _prompt(answered),
    }


def fields_from(draft: PersonaDraft) -> Fields:
    """Answer the drafted fields by wire name."""
    return {spec.wire: merge.clean(spec.wire, getattr(draft, spec.name)) for spec in FIELDS}


def _warnings(draft: PersonaDraft) -> list[str]:
    told = [f"{spec.label} could not be drafted: please fill it in." for spec in draft.missing()]
    unused = [fact for fact in draft.unused_facts if fact.startswith(GIVEN_FOR_THIS) and fact not in LEFT_OUT]
    if unused:
        told.append(f"Not used: {', '.join(unused)}.")
    return told


def _free(session: Session, draft_id: UUID) -> Draft:
    draft = live_draft(session, draft_id)
    job = session.get(Job, draft.job_id) if draft.job_id else None
    if job is not None and job.state.live and job.cancel_asked_at is None:
        raise Conflict(BUSY, code="draft_busy")
    return draft


def _subject(prepared: Prepared) -> str:
    told = prepared.built_from
    product = told["Product"]
    source = told.get("Contact") or told.get("Enrichment")
    return f"{product}, from {source}" if source else product


def _plain(brief: Brief) -> dict[str, Any]:
    return brief.model_dump(mode="json", by_alias=True)


def _prompt(answered: Answered[Any]) -> str:
    return f"{answered.prompt} {answered.version}"


def outcome_of(item_outcome: dict[str, Any]) -> dict[str, Any]:
    """Answer what a finished generation gave. Raises NotFound when it gave nothing."""
    if "persona" not in item_outcome:
        raise NotFound("This job holds no persona.")
    return item_outcome


GENERATE = JobKind("personas.generate", "Draft a persona", Queue.LLM, Permission.PERSONAS_WRITE, generate)
REDRAFT = JobKind("personas.redraft", "Redraft fields", Queue.LLM, Permission.PERSONAS_WRITE, redraft)
