"""The brief a draft is made from: the company's profile, the product, and at most one source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.orm import Session

from webapp.accounts.companies import current_company
from webapp.accounts.models import Company
from webapp.core.errors import DomainError, NotFound
from webapp.personas.enrichment import EnrichmentUnreadable, read_enrichment
from webapp.personas.facts import Brief, CompanyProfile, PersonFacts, ProductFacts
from webapp.personas.models import Contact, Product

PRODUCT_NEEDED = "Product required. Create a product or describe it."


@dataclass(frozen=True)
class Ingredients:
    """What was chosen in the form or named in the call."""

    product_id: UUID | None = None
    product_description: str = ""
    contact_id: UUID | None = None
    enrichment: Mapping[str, Any] | None = None
    description: str = ""


@dataclass(frozen=True)
class Prepared:
    """The brief, what it was built from in words, and what is worth a warning."""

    brief: Brief
    built_from: dict[str, str]
    warnings: tuple[str, ...]


def prepare(session: Session, chosen: Ingredients, *, product_needed: bool = True) -> Prepared:
    """Gather the facts. Raises NotFound naming what is unknown, DomainError for what is missing."""
    described = product_needed or chosen.product_id or chosen.product_description
    product = _product(session, chosen) if described else ProductFacts()
    person, warnings = _person(session, chosen)
    try:
        brief = Brief(
            company=profile_of(current_company(session)),
            product=product,
            person=person,
            description=chosen.description or None,
        )
    except ValidationError as error:
        raise too_long(error) from None
    return Prepared(brief, _built_from(brief, chosen), warnings)


def too_long(error: ValidationError) -> DomainError:
    """Say in words which facts are too long."""
    problems = {
        str(problem["loc"][-1]): problem["msg"].removeprefix("Value error, ") for problem in error.errors()
    }
    return DomainError("; ".join(problems.values()), details=problems)


def profile_of(company: Company) -> CompanyProfile:
    """The company’s profile as facts."""
    return CompanyProfile(
        name=company.name,
        about=company.about,
        audience=company.audience,
        industry=company.industry,
        market=company.market,
        language=company.language,
    )


def _product(session: Session, chosen: Ingredients) -> ProductFacts:
    if chosen.product_id is None:
        if not chosen.product_description:
            raise DomainError(PRODUCT_NEEDED, code="product_required", details={"productId": PRODUCT_NEEDED})
        return ProductFacts(description=chosen.product_description)
    product = session.get(Product, chosen.product_id)
    if product is None:
        raise NotFound("There is no such product.", details={"productId": "unknown"})
    more = f"{product.description}\n{chosen.product_description}".strip()
    return ProductFacts(
        name=product.name,
        description=more,
        value_proposition=product.value_proposition,
        target_market=product.target_market,
        price_note=product.price_note,
    )


def _person(session: Session, chosen: Ingredients) -> tuple[PersonFacts | None, tuple[str, ...]]:
    if chosen.contact_id is not None:
        contact = session.get(Contact, chosen.contact_id)
        if contact is None:
            raise NotFound("There is no such contact.", details={"contactId": "unknown"})
        return _facts(contact), _gaps(contact)
    if chosen.enrichment is not None:
        try:
            return read_enrichment(chosen.enrichment)
        except EnrichmentUnreadable as error:
            raise DomainError(
                str(error), code="enrichment_unreadable", details={"redisKey": str(error)}
            ) from None
    return None, ()


def _facts(contact: Contact) -> PersonFacts:
    names = (
        "name",
        "email",
        "title",
        "seniority",
        "department",
        "company",
        "industry",
        "headcount",
        "revenue",
        "location",
        "notes",
    )
    return PersonFacts(**{name: getattr(contact, name) or None for name in names})


def _gaps(contact: Contact) -> tuple[str, ...]:
    missing = [word for word in ("title", "company", "industry") if not getattr(contact, word)]
    return (f"The contact has no {', no '.join(missing)}: the draft infers less.",) if missing else ()


def _built_from(brief: Brief, chosen: Ingredients) -> dict[str, str]:
    told = {"Product": brief.product.name or ("described here" if brief.product.description else "none")}
    if chosen.contact_id and brief.person:
        told["Contact"] = brief.person.name or "unnamed"
    elif brief.person:
        told["Enrichment"] = brief.person.name or "unnamed"
    elif brief.description:
        told["Source"] = "a description"
    return told
