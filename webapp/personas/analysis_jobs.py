"""Preparing a conversation with a contact as a job: into the open draft, into an answer, or saved unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.db import unit
from webapp.core.errors import Conflict, NotFound
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import Job
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.llm.prompt import Answered, Prompt, load_prompt
from webapp.personas import merge
from webapp.personas.analyses import Analyses, analysis_of, draft_state, saved_state
from webapp.personas.analysis_answer import ANALYSIS_FIELDS, AnalysisDraft
from webapp.personas.briefs import Ingredients, Prepared, prepare
from webapp.personas.calls import Sent, start_call_job
from webapp.personas.facts import Brief
from webapp.personas.models import Contact
from webapp.personas.provenance import drafted

PROMPTS = Path(__file__).parent / "prompts"
BUSY = "This analysis is being written already. Wait for it, or stop it first."
Sources = dict[str, tuple[str, ...]]


def start_analysis_job(
    session: Session,
    actor: Actor,
    contact_id: UUID,
    product_id: UUID | None,
    key: str,
    starter: Starter,
    analyses: Analyses,
) -> Job:
    """Have the contact's draft filled around what is written by hand. The same key answers the same job.

    Raises NotFound, Conflict while another job writes it.
    """
    item = _item(session, contact_id, product_id, "draft")
    with unit(session):
        known = starter.accepted(session, key)
        if known:
            return known
        row = analyses.held(session, contact_id)
        job = session.get(Job, row.job_id) if row.job_id else None
        if job is not None and job.state.live and job.cancel_asked_at is None:
            raise Conflict(BUSY, code="analysis_busy")
        job = starter.start(session, actor, ANALYSE, f"Prepare for {item.subject}", [item], key=key)
        row.job_id = job.id
    return job


def start_analysis_call(
    session: Session,
    actor: Actor,
    contact_id: UUID,
    product_id: UUID | None,
    mode: str,
    sent: Sent | None,
    starter: Starter,
) -> Job:
    """Have an analysis written for a program: `hydrate` saves nothing, `save` persists it unreviewed."""
    item = _item(session, contact_id, product_id, mode)
    return start_call_job(session, actor, ANALYSE, f"Prepare for {item.subject}", item, sent, starter)


def analyse(context: ItemContext) -> None:
    """Write one analysis and put it where it was asked for."""
    brief = Brief.model_validate(context.params["brief"])
    prompt = Prompt(load_prompt(PROMPTS, "contact-analysis"), {"brief": brief})
    answered = context.llm.ask(prompt, AnalysisDraft)
    analyses = Analyses(context.clock, context.auditor)
    contact_id = UUID(context.params["contact_id"])
    with context.effect(_outcome(context, answered)) as session:
        if context.params["mode"] == "hydrate" or session.get(Contact, contact_id) is None:
            return
        if context.params["mode"] == "save":
            _save(context, session, contact_id, answered, analyses)
        else:
            _into_draft(context, session, contact_id, answered, analyses)


def _into_draft(
    context: ItemContext,
    session: Session,
    contact_id: UUID,
    answered: Answered[AnalysisDraft],
    analyses: Analyses,
) -> None:
    row = analyses.held(session, contact_id)
    if row.job_id != context.lease.job_id:
        return  # discarded or saved meanwhile
    state = _filled(draft_state(row), context, answered)
    author = row.drafted_by or context.actor.name
    analyses.put_draft(
        row, state, author, built_from=_built_from(context, answered), warnings=_warnings(answered.value)
    )


def _save(
    context: ItemContext,
    session: Session,
    contact_id: UUID,
    answered: Answered[AnalysisDraft],
    analyses: Analyses,
) -> None:
    """A version around what a person wrote, marked as seen by nobody."""
    state = _filled(saved_state(analysis_of(session, contact_id)), context, answered)
    built_from = _built_from(context, answered)
    analyses.put_saved(session, context.actor, contact_id, state, built_from, "generated")


def _filled(state: merge.State, context: ItemContext, answered: Answered[AnalysisDraft]) -> merge.State:
    sources: Sources = {source.field.value: tuple(source.facts) for source in answered.value.sources}
    values = {wire: merge.clean(wire, value) for wire, value in answered.value.fields().items()}
    origin = drafted(answered.model, _prompt(answered), context.clock.now())
    return merge.fill_in(state, values, sources, origin)


def _item(session: Session, contact_id: UUID, product_id: UUID | None, mode: str) -> NewItem:
    chosen = Ingredients(contact_id=contact_id, product_id=product_id)
    prepared: Prepared = prepare(session, chosen, product_needed=False)
    params: dict[str, Any] = {
        "brief": prepared.brief.model_dump(mode="json", by_alias=True),
        "built_from": prepared.built_from,
        "contact_id": str(contact_id),
        "mode": mode,
        "fresh": mode == "draft",  # who asks again wants other words
    }
    return NewItem(prepared.built_from.get("Contact", "a contact"), params)


def _outcome(context: ItemContext, answered: Answered[AnalysisDraft]) -> dict[str, Any]:
    if context.params["mode"] == "draft":
        return {}
    return {
        "analysis": answered.value.model_dump(mode="json", by_alias=True),
        "warnings": _warnings(answered.value),
        "model": answered.model,
        "prompt": _prompt(answered),
    }


def _built_from(context: ItemContext, answered: Answered[AnalysisDraft]) -> dict[str, str]:
    told: dict[str, str] = dict(context.params["built_from"])
    return {**told, "Written by": answered.model, "Prompt": _prompt(answered)}


def _warnings(draft: AnalysisDraft) -> list[str]:
    fields = draft.fields()
    told = [
        f"{spec.label} could not be drafted: please fill it in."
        for spec in ANALYSIS_FIELDS
        if not fields[spec.wire]
    ]
    unused = [fact for fact in draft.unused_facts if fact.startswith(("contact ", "description"))]
    unused = [fact for fact in unused if fact not in {"contact name", "contact e-mail"}]
    return [*told, f"Not used: {', '.join(unused)}."] if unused else told


def _prompt(answered: Answered[AnalysisDraft]) -> str:
    return f"{answered.prompt} {answered.version}"


def analysis_given(outcome: dict[str, Any]) -> dict[str, Any]:
    """Answer what a finished call gave. Raises NotFound when it gave nothing."""
    if "analysis" not in outcome:
        raise NotFound("This job holds no analysis.")
    return outcome


ANALYSE = JobKind(
    "contacts.analysis", "Prepare a conversation", Queue.LLM, Permission.PERSONAS_WRITE, analyse
)
