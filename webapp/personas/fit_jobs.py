"""Finding a persona's best fit as a job: proposed to a person, or put in place for a program."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.companies import current_company
from webapp.core.access import Actor, Permission
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import Job
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.llm.prompt import Answered, Prompt, load_prompt
from webapp.personas.briefs import profile_of
from webapp.personas.calls import Sent, start_call_job
from webapp.personas.fit_answer import (
    MOST_PRODUCTS,
    FitBrief,
    FitDraft,
    NumberedProduct,
    PersonaFacts,
    answer_among,
)
from webapp.personas.fits import COLUMNS, Fits, find_proposal
from webapp.personas.models import FitProposal, Persona, Product
from webapp.personas.provenance import Origin, drafted, stored
from webapp.personas.rows import fields_of
from webapp.personas.saving import find_persona

PROMPTS = Path(__file__).parent / "prompts"
NO_PRODUCTS = "No products found. Create a product first; then the best fit can be found."
BUSY = "The best fit is being looked for already. Wait for it, or stop it first."
LONGEST_SHOWN = 2_000  # characters of one product's text that a comparison reads
MOST_READ = 500  # products that are compared by rules before a model is asked


def start_fit_job(
    session: Session, actor: Actor, persona_id: UUID, key: str, starter: Starter, clock: Clock
) -> Job:
    """Have the best fit proposed on the persona's page. The same key answers the same job.

    Raises NotFound, DomainError without products, Conflict while another search goes on.
    """
    with unit(session):
        known = starter.accepted(session, key)
        if known:
            return known
        item = _item(session, persona_id, "propose")
        proposal = _free(session, persona_id, clock)
        job = starter.start(session, actor, FIND_FIT, f"Find the best fit: {item.subject}", [item], key=key)
        proposal.job_id = job.id
    return job


def start_fit_call(
    session: Session, actor: Actor, persona_id: UUID, sent: Sent | None, starter: Starter
) -> Job:
    """Have the best fit found and put in place for a program, unreviewed. Raises like `start_fit_job`."""
    item = _item(session, persona_id, "save")
    title = f"Find the best fit: {item.subject}"
    return start_call_job(session, actor, FIND_FIT, title, item, sent, starter)


def find_best_fit(context: ItemContext) -> None:
    """Choose one product and say why; write it where it was asked for."""
    brief = FitBrief.model_validate(context.params["brief"])
    values = {"brief": _narrowed(brief)}
    kind = answer_among(values["brief"].products)
    answered = context.llm.ask(Prompt(load_prompt(PROMPTS, "product-fit"), values), kind)
    product_id = UUID(context.params["product_ids"][int(answered.value.product) - 1])
    outcome = {"product_id": str(product_id), "model": answered.model}
    with context.effect(outcome) as session:
        persona = session.get(Persona, UUID(context.params["persona_id"]))
        if persona is None or session.get(Product, product_id) is None:
            return  # deleted meanwhile: there is nothing left to link
        if context.params["mode"] == "save":
            _upsert(context, session, persona.id, product_id, answered)
        else:
            _propose(context, session, persona.id, product_id, answered)


def _propose(
    context: ItemContext, session: Session, persona_id: UUID, product_id: UUID, answered: Answered[FitDraft]
) -> None:
    proposal = find_proposal(session, persona_id)
    if proposal is None or proposal.job_id != context.lease.job_id:
        return  # dismissed, or another search took its place
    origin = _origin(context, answered)
    proposal.product_id, proposal.product_description = product_id, ""
    proposal.value_prop_to_them = answered.value.value_prop_to_them
    proposal.alignment_reasoning = answered.value.alignment_reasoning
    proposal.provenance = {wire: stored(origin) for wire in COLUMNS}


def _upsert(
    context: ItemContext, session: Session, persona_id: UUID, product_id: UUID, answered: Answered[FitDraft]
) -> None:
    texts = {
        "valuePropToThem": answered.value.value_prop_to_them,
        "alignmentReasoning": answered.value.alignment_reasoning,
    }
    fits = Fits(context.clock, context.auditor)
    fits.upsert_generated(session, context.actor, persona_id, product_id, texts, _origin(context, answered))


def _origin(context: ItemContext, answered: Answered[FitDraft]) -> Origin:
    prompt = f"{answered.prompt} {answered.version}"
    return drafted(answered.model, prompt, context.clock.now(), tuple(answered.value.facts))


def _free(session: Session, persona_id: UUID, clock: Clock) -> FitProposal:
    """The persona's proposal, cleared for a new search; locked until the unit ends."""
    session.execute(select(Persona.id).where(Persona.id == persona_id).with_for_update())
    proposal = find_proposal(session, persona_id)
    if proposal is None:
        proposal = FitProposal(persona_id=persona_id, created_at=clock.now())
        session.add(proposal)
    job = session.get(Job, proposal.job_id) if proposal.job_id else None
    if job is not None and job.state.live and job.cancel_asked_at is None:
        raise Conflict(BUSY, code="fit_busy")
    return proposal


def _item(session: Session, persona_id: UUID, mode: str) -> NewItem:
    persona = find_persona(session, persona_id)
    products = session.scalars(select(Product).order_by(Product.id).limit(MOST_READ)).all()
    if not products:
        raise DomainError(NO_PRODUCTS, code="no_products")
    params: dict[str, Any] = {
        "brief": _brief(session, persona, list(products)).model_dump(mode="json", by_alias=True),
        "product_ids": [str(product.id) for product in products],
        "persona_id": str(persona.id),
        "mode": mode,
    }
    return NewItem(persona.person_name or "a persona", params)


def _brief(session: Session, persona: Persona, products: list[Product]) -> FitBrief:
    choices = tuple(
        NumberedProduct(
            number=str(number),
            name=product.name,
            description=product.description[:LONGEST_SHOWN],
            value_proposition=product.value_proposition[:LONGEST_SHOWN],
            target_market=product.target_market[:LONGEST_SHOWN],
            price_note=product.price_note[:LONGEST_SHOWN],
        )
        for number, product in enumerate(products, start=1)
    )
    facts = PersonaFacts.model_validate(fields_of(persona))
    return FitBrief(company=profile_of(current_company(session)), persona=facts, products=choices)


def _narrowed(brief: FitBrief) -> FitBrief:
    """The brief with no more products than one question shows: the nearest by rules."""
    if len(brief.products) <= MOST_PRODUCTS:
        return brief
    from webapp.personas.rules.fit import ranked  # noqa: PLC0415  # word banks that a web process never reads

    nearest = tuple(match.product for match in ranked(brief)[:MOST_PRODUCTS])
    return brief.model_copy(update={"products": nearest})


def fit_of_call(session: Session, params: dict[str, Any], outcome: dict[str, Any]) -> tuple[UUID, UUID]:
    """The persona and the product that a finished call linked. Raises NotFound when one of them is gone."""
    persona_id, product_id = UUID(params["persona_id"]), UUID(outcome["product_id"])
    for model, row_id, noun in ((Persona, persona_id, "persona"), (Product, product_id, "product")):
        if session.get(model, row_id) is None:
            raise NotFound(f"The {noun} was deleted meanwhile.")
    return persona_id, product_id


FIND_FIT = JobKind("personas.fit", "Find the best fit", Queue.LLM, Permission.PERSONAS_WRITE, find_best_fit)
