"""What narrows the list of personas beside its search and filters: not stated, no product, one product."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, exists

from webapp.personas.crossing import UNSTATED, no_fit
from webapp.personas.models import Persona, ProductFit

NARROWING = ("unstated", "fit")


def narrowed_by(args: Mapping[str, str]) -> list[ColumnElement[bool]]:
    """The criteria an address asks for: `unstated=industry,size`, `fit=none` or `fit=PRODUCT`."""
    criteria: list[ColumnElement[bool]] = [
        UNSTATED[name] == "" for name in args.get("unstated", "").split(",") if name in UNSTATED
    ]
    fit = args.get("fit", "")
    if fit == "none":
        criteria.append(no_fit())
    elif fit:
        criteria.append(_fits(fit))
    return criteria


def _fits(word: str) -> ColumnElement[bool]:
    try:
        product_id = UUID(word)
    except ValueError:
        product_id = UUID(int=0)
    return exists().where(
        ProductFit.persona_id == Persona.id,
        ProductFit.product_id == product_id,
        ProductFit.removed_at.is_(None),
    )
