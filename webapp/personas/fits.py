"""Product fits: added, changed, looked at, removed and brought back; proposals that wait for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.personas.answer import LONG
from webapp.personas.fit_answer import FIT_FIELDS
from webapp.personas.models import Draft, FitProposal, Persona, Product, ProductFit
from webapp.personas.provenance import Origin, edited, origin_of, stored

COLUMNS = {"valuePropToThem": "value_prop_to_them", "alignmentReasoning": "alignment_reasoning"}
Texts = Mapping[str, str]


@dataclass(frozen=True)
class FitLine:
    """A fit as pages and exports show it."""

    id: UUID
    persona_id: UUID
    product_id: UUID
    product_name: str
    value_prop_to_them: str
    alignment_reasoning: str
    origins: Mapping[str, Origin | None]
    version: int
    unreviewed: bool


def fits_of(session: Session, persona_ids: Sequence[UUID]) -> dict[UUID, list[FitLine]]:
    """The fits of these personas in one read, each persona's by product name."""
    rows = session.execute(
        select(ProductFit, Product.name)
        .join(Product, Product.id == ProductFit.product_id)
        .where(ProductFit.persona_id.in_(persona_ids), ProductFit.removed_at.is_(None))
        .order_by(Product.name, ProductFit.id)
    )
    found: dict[UUID, list[FitLine]] = {persona_id: [] for persona_id in persona_ids}
    for fit, name in rows:
        found[fit.persona_id].append(_line(fit, name))
    return found


def _line(fit: ProductFit, name: str) -> FitLine:
    return FitLine(
        fit.id,
        fit.persona_id,
        fit.product_id,
        name,
        fit.value_prop_to_them,
        fit.alignment_reasoning,
        {wire: origin_of(fit.provenance, wire) for wire in COLUMNS},
        fit.version,
        fit.unreviewed,
    )


def find_fit(session: Session, persona_id: UUID, fit_id: UUID) -> ProductFit:
    """Answer the persona's fit. Raises NotFound."""
    fit = session.scalar(
        select(ProductFit).where(
            ProductFit.id == fit_id, ProductFit.persona_id == persona_id, ProductFit.removed_at.is_(None)
        )
    )
    if fit is None:
        raise NotFound("There is no such product fit.")
    return fit


def find_proposal(session: Session, persona_id: UUID) -> FitProposal | None:
    """Answer what is proposed for the persona, or None."""
    return session.scalar(select(FitProposal).where(FitProposal.persona_id == persona_id))


def is_fit(session: Session, persona_id: UUID, product_id: UUID) -> bool:
    """Whether the product is among the persona's fits."""
    found = exists().where(
        ProductFit.persona_id == persona_id,
        ProductFit.product_id == product_id,
        ProductFit.removed_at.is_(None),
    )
    return bool(session.scalar(select(found)))


def texts_of(fit: ProductFit | FitProposal) -> dict[str, str]:
    """The fit's texts by wire name."""
    return {wire: getattr(fit, column) for wire, column in COLUMNS.items()}


def check_texts(texts: Texts) -> dict[str, str]:
    """The texts as they are stored. Raises DomainError naming those that cannot be."""
    kept = {wire: (texts.get(wire) or "").replace("\r\n", "\n").strip() for wire in COLUMNS}
    problems = {
        wire: f"{FIT_FIELDS[wire]}: at most {LONG:,} characters."
        for wire, text in kept.items()
        if len(text) > LONG
    }
    problems |= {
        wire: "This text holds a sign that cannot be stored (NUL)." for wire in kept if "\0" in kept[wire]
    }
    if not kept["valuePropToThem"]:
        problems["valuePropToThem"] = "Say what the product is worth to them."
    if problems:
        raise DomainError(" ".join(problems.values()), code="invalid", details=problems)
    return kept


@dataclass(frozen=True)
class Fits:
    """What every change of a fit needs."""

    clock: Clock
    auditor: Auditor

    def add(
        self, session: Session, actor: Actor, persona_id: UUID, product_id: UUID, texts: Texts
    ) -> ProductFit:
        """Add a fit by hand; what stands in the proposal for it keeps its origin, and the proposal ends.

        Raises NotFound, DomainError naming fields, Conflict when the product is among the fits already.
        """
        kept = check_texts(texts)
        with unit(session):
            self._held_persona(session, persona_id)
            _known_product(session, product_id)
            proposal = find_proposal(session, persona_id)
            proposed = proposal if proposal and proposal.product_id == product_id else None
            if proposed is None and is_fit(session, persona_id, product_id):
                message = "This product is among the fits already. Change that one."
                raise Conflict(message, code="fit_exists", details={"product_id": message})
            origins = self._origins(actor, kept, proposed)
            fit = self._put(session, actor, persona_id, product_id, kept, origins)
            if proposed:
                session.delete(proposed)
            return fit

    def add_described(
        self, session: Session, actor: Actor, persona_id: UUID, product: Product, texts: Texts
    ) -> ProductFit:
        """Add a fit with a product just made from the builder's description; inside the caller's unit."""
        kept = check_texts(texts)
        self._held_persona(session, persona_id)
        proposal = find_proposal(session, persona_id)
        fit = self._put(session, actor, persona_id, product.id, kept, self._origins(actor, kept, proposal))
        if proposal:
            session.delete(proposal)
        return fit

    def upsert_generated(
        self,
        session: Session,
        actor: Actor,
        persona_id: UUID,
        product_id: UUID,
        texts: Texts,
        origin: Origin,
    ) -> ProductFit:
        """Put a drafted fit inside the caller's unit, unreviewed; a text that a person wrote stays."""
        fit = self._row(session, persona_id, product_id)
        old = dict(fit.provenance) if fit and fit.removed_at is None else {}
        before = texts_of(fit) if fit else {}
        by_hand = {wire for wire in COLUMNS if (one := origin_of(old, wire)) and one.by_hand}
        kept = {wire: before[wire] if wire in by_hand else text for wire, text in texts.items()}
        origins = {wire: old[wire] if wire in by_hand else stored(origin) for wire in COLUMNS}
        return self._put(session, actor, persona_id, product_id, kept, origins, unreviewed=True)

    def change(
        self, session: Session, actor: Actor, persona_id: UUID, fit_id: UUID, texts: Texts, read_version: int
    ) -> ProductFit:
        """Save texts as read at a version. Raises NotFound, Conflict, DomainError naming fields."""
        kept = check_texts(texts)
        with unit(session):
            fit = self._held(session, persona_id, fit_id)
            if fit.version != read_version:
                raise Conflict("Somebody else saved this fit while you were editing it.", code="fit_changed")
            before, origins = texts_of(fit), dict(fit.provenance)
            changed = {wire: text for wire, text in kept.items() if text != before[wire]}
            for wire, text in changed.items():
                setattr(fit, COLUMNS[wire], text)
                origins[wire] = stored(edited(origin_of(origins, wire), actor.name, self.clock.now()))
            if changed or fit.unreviewed:
                fit.provenance, fit.unreviewed = origins, False
                fit.version, fit.updated_at = fit.version + 1, self.clock.now()
                changes = {wire: (before[wire], text) for wire, text in changed.items()}
                self.auditor.record(session, actor, AuditAction.FIT_CHANGED, fit, changes=changes)
            return fit

    def review(self, session: Session, actor: Actor, persona_id: UUID, fit_id: UUID) -> None:
        """Say that a person has looked at a fit that a program wrote."""
        with unit(session):
            fit = self._held(session, persona_id, fit_id)
            fit.unreviewed = False
            self.auditor.record(
                session, actor, AuditAction.FIT_CHANGED, fit, changes={"unreviewed": (True, False)}
            )

    def remove(self, session: Session, actor: Actor, persona_id: UUID, fit_id: UUID) -> None:
        """Take the fit away; `bring_back` undoes it. Raises NotFound."""
        with unit(session):
            fit = self._held(session, persona_id, fit_id)
            fit.removed_at = self.clock.now()
            self.auditor.record(session, actor, AuditAction.FIT_REMOVED, fit)

    def bring_back(self, session: Session, actor: Actor, persona_id: UUID, fit_id: UUID) -> None:
        """Undo a removal; a fit that stands already stays as it is. Raises NotFound."""
        with unit(session):
            fit = session.scalar(
                select(ProductFit)
                .where(ProductFit.id == fit_id, ProductFit.persona_id == persona_id)
                .with_for_update()
            )
            if fit is None:
                raise NotFound("There is no such product fit.")
            if fit.removed_at is not None:
                fit.removed_at = None
                self.auditor.record(session, actor, AuditAction.FIT_ADDED, fit, reason="removal undone")

    def dismiss(self, session: Session, persona_id: UUID) -> None:
        """Forget what is proposed; nothing that was saved changes."""
        with unit(session):
            proposal = find_proposal(session, persona_id)
            if proposal:
                session.delete(proposal)

    def _put(
        self,
        session: Session,
        actor: Actor,
        persona_id: UUID,
        product_id: UUID,
        texts: Texts,
        origins: dict[str, Any],
        *,
        unreviewed: bool = False,
    ) -> ProductFit:
        now = self.clock.now()
        fit = self._row(session, persona_id, product_id)
        new = fit is None or fit.removed_at is not None
        before = texts_of(fit) if fit and not new else {}
        if fit is None:
            fit = ProductFit(
                persona_id=persona_id,
                product_id=product_id,
                value_prop_to_them="",
                created_at=now,
                updated_at=now,
            )
            session.add(fit)
        else:
            fit.version += 1
        for wire, column in COLUMNS.items():
            setattr(fit, column, texts[wire])
        fit.provenance, fit.unreviewed = origins, unreviewed
        fit.updated_at, fit.removed_at = now, None
        session.flush()
        changes = {wire: (before.get(wire), texts[wire]) for wire in COLUMNS}
        action = AuditAction.FIT_ADDED if new else AuditAction.FIT_CHANGED
        self.auditor.record(session, actor, action, fit, changes=changes)
        return fit

    def _origins(self, actor: Actor, texts: Texts, proposal: FitProposal | None) -> dict[str, Any]:
        """What was taken over unchanged keeps the proposal's origin; the rest is the author's."""
        offered = texts_of(proposal) if proposal else {}
        kept = dict(proposal.provenance) if proposal else {}
        origins: dict[str, Any] = {}
        for wire, text in texts.items():
            if text and text == offered.get(wire) and wire in kept:
                origins[wire] = kept[wire]
            elif text:
                before = origin_of(kept, wire) if offered.get(wire) else None
                origins[wire] = stored(edited(before, actor.name, self.clock.now()))
        return origins

    def _row(self, session: Session, persona_id: UUID, product_id: UUID) -> ProductFit | None:
        return session.scalar(
            select(ProductFit)
            .where(ProductFit.persona_id == persona_id, ProductFit.product_id == product_id)
            .with_for_update()
        )

    def _held(self, session: Session, persona_id: UUID, fit_id: UUID) -> ProductFit:
        self._held_persona(session, persona_id)
        return find_fit(session, persona_id, fit_id)

    def _held_persona(self, session: Session, persona_id: UUID) -> Persona:
        """Lock the persona, so that two changes of its fits come one after the other. Raises NotFound."""
        persona = session.scalar(select(Persona).where(Persona.id == persona_id).with_for_update())
        if persona is None:
            raise NotFound("There is no such persona.")
        return persona


def _known_product(session: Session, product_id: UUID) -> Product:
    product = session.get(Product, product_id)
    if product is None:
        raise NotFound("There is no such product.", details={"product_id": "Choose one of the products."})
    return product


def offer_of_draft(session: Session, draft: Draft, persona: Persona, clock: Clock) -> None:
    """Keep, inside the caller's unit, the product a saved persona was drafted for: it may become a fit.

    Nothing is linked by itself: a product is what a draft was made with, a fit is a person's word.
    """
    product_id, described = draft.product_id, draft.product_description
    if not (product_id or described) or find_proposal(session, persona.id):
        return
    if product_id and is_fit(session, persona.id, product_id):
        return
    kept = {"valuePropToThem": persona.provenance.get("potentialPitch")}
    session.add(
        FitProposal(
            persona_id=persona.id,
            product_id=product_id,
            product_description="" if product_id else described,
            value_prop_to_them=persona.potential_pitch,
            provenance={wire: origin for wire, origin in kept.items() if origin},
            created_at=clock.now(),
        )
    )
