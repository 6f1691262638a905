"""Nights that members may want: created, changed as read at a version, deleted, traced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.archetypes.models import Night
from webapp.archetypes.reading import clean_night, demand_text
from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.reading import Texts, amount_text
from webapp.core.tables import Column, Filter, Listing

NIGHT_COLUMNS = ("night_id", "date", "base_price", "currency", "market_demand")
NIGHTS = Listing(
    model=Night,
    columns=(
        Column("date", Night.date),
        Column("identifier", Night.identifier),
        Column("updated", Night.updated_at),
    ),
    search=(Night.identifier,),
    filters=(Filter("currency", Night.currency, "Currency"),),
    default_sort="date",
)


def find_night(session: Session, night_id: UUID) -> Night:
    """The company's night of this id. Raises NotFound."""
    return _known(session.scalar(select(Night).where(Night.id == night_id)))


def night_named(session: Session, identifier: str) -> Night:
    """The company's night of this identifier (`night_id` on the wire). Raises NotFound."""
    known = "\0" not in identifier  # no column holds one, and PostgreSQL refuses to look for it
    return _known(session.scalar(select(Night).where(Night.identifier == identifier)) if known else None)


def nights_by_id(session: Session, ids: Sequence[UUID | None]) -> dict[UUID, Night]:
    """The nights of these ids; what is gone is not there."""
    return {night.id: night for night in session.scalars(select(Night).where(Night.id.in_(ids)))}


def create_night(session: Session, actor: Actor, texts: Texts, *, clock: Clock, auditor: Auditor) -> Night:
    """Save a new night. Raises DomainError naming, by the wire's names, what cannot be stored."""
    given, now = clean_night(texts), clock.now()
    with unit(session):
        _free(session, given["identifier"], None)
        night = Night(**given, created_at=now, updated_at=now)
        session.add(night)
        session.flush()
        told = {name: (None, text) for name, text in night_texts(night).items() if text}
        auditor.record(session, actor, AuditAction.NIGHT_CREATED, night, changes=told)
    return night


def change_night(
    session: Session,
    actor: Actor,
    night_id: UUID,
    texts: Texts,
    read_version: int,
    *,
    clock: Clock,
    auditor: Auditor,
) -> Night:
    """Save the night as read at a version; an unchanged one makes no version.

    Raises Conflict when somebody saved in between, NotFound, or DomainError naming fields.
    """
    given = clean_night(texts)
    with unit(session):
        night = _held(session, night_id)
        if night.version != read_version:
            message = "Somebody else saved this night while you were editing it."
            raise Conflict(message, details={"version": f"is {night.version} now"})
        _free(session, given["identifier"], night_id)
        changes = night_differences(night, given)
        for name, value in given.items():
            setattr(night, name, value)
        if changes:
            night.version, night.updated_at = night.version + 1, clock.now()
            auditor.record(session, actor, AuditAction.NIGHT_CHANGED, night, changes=changes)
    return night


def delete_night(session: Session, actor: Actor, night_id: UUID, *, auditor: Auditor) -> None:
    """Delete the night; requests for it stay, without it. Raises NotFound."""
    with unit(session):
        night = _held(session, night_id)
        told = {name: (text, None) for name, text in night_texts(night).items() if text}
        auditor.record(session, actor, AuditAction.NIGHT_DELETED, night, changes=told)
        session.delete(night)


def night_texts(night: Night) -> dict[str, str]:
    """The night as files and programs write it, by the wire's names."""
    return texts_of({name: getattr(night, name) for name in COLUMNS})


COLUMNS = ("identifier", "date", "base_minor", "currency", "demand_ppm")


def texts_of(columns: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a night's columns, by the wire's names."""
    return {
        "night_id": columns["identifier"],
        "date": columns["date"].isoformat(),
        "base_price": amount_text(columns["base_minor"], columns["currency"]),
        "currency": columns["currency"],
        "market_demand": demand_text(columns["demand_ppm"]),
    }


def night_differences(night: Night, given: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """What is saved and what would be, for each field where they differ."""
    saved, wanted = night_texts(night), texts_of(given)
    return {name: (saved[name], text) for name, text in wanted.items() if saved[name] != text}


def _free(session: Session, identifier: str, night_id: UUID | None) -> None:
    lock_key(session, "nights", company_of(session), identifier)
    taken = session.scalar(select(Night.id).where(Night.identifier == identifier))
    if taken and taken != night_id:
        why = "Another night has this id."
        raise DomainError(why, code="taken", details={"night_id": why})


def _held(session: Session, night_id: UUID) -> Night:
    return _known(session.scalar(select(Night).where(Night.id == night_id).with_for_update()))


def _known(night: Night | None) -> Night:
    if night is None:
        raise NotFound("There is no such night.", details={"night_id": "unknown"})
    return night
