"""What the builder's screen shows: choices, marks, offers, the job, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from webapp.core.diff import Token, diff
from webapp.core.jobs.models import Job
from webapp.core.jobs.views import JobView, view_of
from webapp.personas.answer import FIELDS, FieldSpec
from webapp.personas.builder_form import BuilderForm
from webapp.personas.contacts import LISTING as CONTACTS
from webapp.personas.merge import State, Value
from webapp.personas.models import Contact, Draft, Product
from webapp.personas.provenance import Origin

MOST_PRODUCTS = 200
MOST_CONTACTS = 12


@dataclass(frozen=True)
class Offer:
    """A re-draft beside its field: the instruction, and the difference word by word."""

    instruction: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class Slot:
    """One field on the screen."""

    spec: FieldSpec
    origin: Origin | None
    offer: Offer | None
    can_undo: bool
    unseen: bool
    missing: bool

    @property
    def drafted(self) -> bool:
        """Whether a drafter's text stands in it, not yet anybody's."""
        return self.origin is not None and self.origin.state == "drafted"


@dataclass(frozen=True)
class Screen:
    """The builder as it is drawn once."""

    id: UUID
    draft: Draft | None
    slots: dict[str, Slot]
    job: JobView | None
    has_products: bool
    warnings: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]

    def group(self, name: str) -> list[Slot]:
        """The fields of one card."""
        return [slot for slot in self.slots.values() if slot.spec.group == name]

    @property
    def by_hand(self) -> list[Slot]:
        """The fields that a draft leaves alone unless they are ticked."""
        return [slot for slot in self.slots.values() if slot.origin and slot.origin.by_hand]

    @property
    def written(self) -> bool:
        """Whether any field holds a text."""
        return any(slot.origin for slot in self.slots.values())


def draw(session: Session, draft_id: UUID, draft: Draft | None, state: State, now: Any) -> Screen:
    """Read what the screen shows beside the form."""
    job = session.get(Job, draft.job_id) if draft and draft.job_id else None
    generated = bool(draft and draft.built_from.get("Written by"))
    return Screen(
        id=draft_id,
        draft=draft,
        slots={spec.wire: _slot(spec, state, generated=generated) for spec in FIELDS},
        job=view_of(session, job, now) if job else None,
        has_products=session.scalar(select(Product.id).limit(1)) is not None,
        warnings=tuple(draft.warnings) if draft else (),
        facts=_facts(draft, state),
    )


def _slot(spec: FieldSpec, state: State, *, generated: bool) -> Slot:
    offered = state.proposals.get(spec.wire)
    offer = None
    if offered:
        tokens = diff(_text(state.value(spec.wire)), _text(offered["value"]))
        offer = Offer(offered["instruction"], tuple(tokens))
    missing = generated and spec.required and not state.value(spec.wire)
    undo = state.undo.get(spec.wire)
    unseen = bool(undo and undo.get("unseen"))
    return Slot(spec, state.origin(spec.wire), offer, undo is not None, unseen, missing)


def _text(value: Value) -> str:
    return "\n".join(value) if isinstance(value, list) else value


def _facts(draft: Draft | None, state: State) -> tuple[tuple[str, str], ...]:
    if draft is None:
        return ()
    filled = [spec for spec in FIELDS if state.value(spec.wire)]
    yours = f"{len(state.by_hand)} of {len(filled)} filled fields"
    return (*draft.built_from.items(), ("Yours", yours)) if filled else tuple(draft.built_from.items())


def offer_choices(session: Session, form: BuilderForm) -> None:
    """Fill in the products to choose from, and the contacts that match what was looked for."""
    products = session.execute(
        select(Product.id, Product.name).order_by(Product.name_key, Product.id).limit(MOST_PRODUCTS)
    )
    form.product_id.choices = [
        SelectChoice("", "None: described below"),
        *(SelectChoice(str(row.id), row.name) for row in products),
    ]
    form.contact_id.choices = contact_choices(session, form.contact_query.data or "", form.contact_id.data)


def contact_choices(session: Session, query: str, chosen: str | None) -> list[SelectChoice]:
    """Answer contacts whose name, surname, company or address begins so, the chosen one always among them."""
    rows = CONTACTS.first(session, query, MOST_CONTACTS)
    ids = {str(row.id) for row in rows}
    if chosen and chosen not in ids:
        known = session.get(Contact, _uuid(chosen))
        rows = [known, *rows] if known else rows
    return [SelectChoice(str(row.id), _label(row)) for row in rows]


def _label(contact: Contact) -> str:
    more = ", ".join(part for part in (contact.title, contact.company) if part)
    return f"{contact.name} · {more}" if more else contact.name


def _uuid(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError:
        return UUID(int=0)
