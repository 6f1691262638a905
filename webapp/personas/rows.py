"""A persona's row as fields by wire name, and back."""

from __future__ import annotations

from webapp.personas.answer import FIELDS
from webapp.personas.merge import Fields, clean
from webapp.personas.models import Persona


def fields_of(persona: Persona) -> Fields:
    """Answer the persona's eleven fields by wire name."""
    return {spec.wire: clean(spec.wire, getattr(persona, spec.name)) for spec in FIELDS}


def put_fields(persona: Persona, fields: Fields) -> None:
    """Set all eleven fields; those not given become empty."""
    for spec in FIELDS:
        setattr(persona, spec.name, clean(spec.wire, fields.get(spec.wire) or ""))
