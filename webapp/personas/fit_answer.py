"""What a product fit is drafted from, and the answer that any drafter of fits gives."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, create_model

from webapp.personas.answer import LONG, Answer, Entry
from webapp.personas.facts import CompanyProfile, Facts, ProductFacts, Text

MOST_PRODUCTS = 40  # products that one question shows to a model; more are narrowed down by rules first
FIT_FIELDS = {"valuePropToThem": "Value proposition to them", "alignmentReasoning": "Why it fits"}


class PersonaFacts(Facts):
    """The eleven fields of a persona, as given facts."""

    person_name: Text = ""
    title: Text = ""
    role: Text = ""
    seniority: Text = ""
    core_goal: Text = ""
    pain_points: tuple[Text, ...] = ()
    need_for_our_product: Text = ""
    potential_pitch: Text = ""
    industry: Text = ""
    company_size: Text = ""
    company: Text = ""


class NumberedProduct(ProductFacts):
    """A product under the number that an answer names it by."""

    number: str


class FitBrief(Facts):
    """Everything one fit is drafted from: the company, the persona and the products to choose from."""

    company: CompanyProfile = CompanyProfile()
    persona: PersonaFacts
    products: tuple[NumberedProduct, ...]


def _told(text: str) -> str:
    kept = text.replace("\x00", "").strip()
    if not kept:
        raise ValueError("must not be empty")
    if len(kept) > LONG:
        raise ValueError(f"must be at most {LONG:,} characters, is {len(kept):,}")
    return kept


Told = Annotated[str, Field(description=f"At most {LONG} characters."), AfterValidator(_told)]


class FitDraft(Answer):
    """One drafted fit: which product, what it is worth to this persona, and why."""

    product: str
    value_prop_to_them: Told
    alignment_reasoning: Told
    facts: list[Entry]


def answer_among(products: tuple[NumberedProduct, ...]) -> type[FitDraft]:
    """The answer whose product is one of these, so that a model cannot invent another one."""
    number: Any = Literal[tuple(product.number for product in products)]
    return create_model("FitDraft", __base__=FitDraft, product=(number, ...))
