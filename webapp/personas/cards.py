"""A persona to take along: its card as Markdown, as JSON, and several at once as a zip."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.core.errors import DomainError, NotFound
from webapp.personas.answer import FIELDS, Group
from webapp.personas.fits import FitLine, fits_of
from webapp.personas.merge import Fields
from webapp.personas.models import Persona
from webapp.personas.rows import fields_of

MOST = {"md": 500, "json": 500, "pdf": 50}  # personas in one zip; a PDF takes a good part of a second
GROUPS: Mapping[Group, str] = {
    "who": "Who is this person?",
    "wants": "What do they want?",
    "company": "What company are they at?",
}
LONGEST_NAME = 60
_SIGNS = re.compile(r"([\\`*_\[\]<>#|~])")
_LEADS = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)", re.MULTILINE)


@dataclass(frozen=True)
class Card:
    """A persona as it leaves: its fields by wire name, its fits, the version it is of."""

    id: UUID
    version: int
    updated: str
    fields: Fields
    fits: tuple[FitLine, ...]

    @property
    def name(self) -> str:
        """What the persona is called."""
        return str(self.fields["personName"]) or "Persona"

    def groups(self) -> list[tuple[str, list[tuple[str, str | list[str]]]]]:
        """The filled fields as label and value, under the headings of the persona's page."""
        return [
            (
                heading,
                [
                    (spec.label, value)
                    for spec in FIELDS
                    if spec.group == group and (value := self.fields[spec.wire])
                ],
            )
            for group, heading in GROUPS.items()
        ]


def card_of(session: Session, persona_id: UUID) -> Card:
    """Answer the persona's card. Raises NotFound."""
    persona = session.get(Persona, persona_id)
    if persona is None:
        raise NotFound("There is no such persona.")
    return _cards(session, [persona])[0]


def cards_of(session: Session, form: str, criteria: Sequence[ColumnElement[bool]]) -> list[Card]:
    """Answer the cards of the personas that meet the criteria, by name.

    Raises DomainError when there are none, or more than one zip of this form holds.
    """
    count = session.scalar(select(func.count(Persona.id)).where(*criteria)) or 0
    if not count:
        raise DomainError("No persona is chosen. Tick some, or take all that match.", code="nothing_chosen")
    if count > MOST[form]:
        told = f"{count:,} personas are too many for one file: at most {MOST[form]}. Narrow the list first."
        raise DomainError(told, code="too_many_chosen")
    rows = session.scalars(select(Persona).where(*criteria).order_by(Persona.person_name, Persona.id))
    return _cards(session, list(rows))


def _cards(session: Session, personas: list[Persona]) -> list[Card]:
    fits = fits_of(session, [persona.id for persona in personas])
    return [
        Card(
            persona.id,
            persona.version,
            persona.updated_at.date().isoformat(),
            fields_of(persona),
            tuple(fits[persona.id]),
        )
        for persona in personas
    ]


def as_markdown(card: Card) -> bytes:
    """The card as Markdown; signs of the language inside texts are escaped, so that they stay text."""
    lines = [f"# {_md(card.name)}", ""]
    for heading, fields in card.groups():
        lines += [f"## {heading}", ""] if fields else []
        for label, value in fields:
            lines += [f"**{label}**", ""]
            lines += [_md(value)] if isinstance(value, str) else [f"- {_md(text)}" for text in value]
            lines.append("")
    if card.fits:
        lines += ["## Product fit", ""]
        for fit in card.fits:
            lines += [f"### {_md(fit.product_name)}", "", _md(fit.value_prop_to_them), ""]
            lines += [_md(fit.alignment_reasoning), ""] if fit.alignment_reasoning else []
    lines += [f"Version {card.version}, {card.updated}", ""]
    return "\n".join(lines).encode()


def _md(text: str) -> str:
    escaped = _SIGNS.sub(r"\\\1", text)
    return _LEADS.sub(r"\1\\\2", escaped)


def as_json(card: Card) -> bytes:
    """The card as JSON, in the wire's names."""
    fits = [
        {
            "productId": str(fit.product_id),
            "productName": fit.product_name,
            "valuePropToThem": fit.value_prop_to_them,
            "alignmentReasoning": fit.alignment_reasoning,
        }
        for fit in card.fits
    ]
    told: dict[str, Any] = {"id": str(card.id), "version": card.version, **card.fields, "productFits": fits}
    return json.dumps(told, ensure_ascii=False, indent=2).encode()


def as_zip(cards: Sequence[Card], form: str, write: Callable[[Card], bytes]) -> bytes:
    """The cards in one zip, each under its own name."""
    held = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for card in cards:
            name = file_name(card.name)
            name = name if name.casefold() not in taken else f"{name}-{card.id.hex[-8:]}"
            taken.add(name.casefold())
            archive.writestr(f"{name}.{form}", write(card))
    return held.getvalue()


def file_name(name: str) -> str:
    """A name that every file system takes: letters, digits, hyphens, never a bare device."""
    plain = unicodedata.normalize("NFC", name)
    kept = re.sub(r"[^\w]+", "-", plain)[:LONGEST_NAME].strip("-_").casefold()
    return f"persona-{kept}" if kept else "persona"
