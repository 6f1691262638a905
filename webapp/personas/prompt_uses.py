"""The prompts of this area as the prompts page shows and tries them."""

from __future__ import annotations

from typing import Any

from webapp.core.llm.prompt import PromptUse
from webapp.personas.analysis_answer import AnalysisDraft
from webapp.personas.answer import FieldRedraft, PersonaDraft
from webapp.personas.facts import Brief, CompanyProfile, PersonFacts, ProductFacts
from webapp.personas.fit_answer import FitBrief, NumberedProduct, PersonaFacts, answer_among
from webapp.personas.generate import PROMPTS


def _brief() -> Brief:
    return Brief(
        company=CompanyProfile(
            name="Alsterhof Therapy Supply",
            about="We equip physiotherapy practices and rehab clinics.",
            audience="Owners and managers of practices with two to thirty treatment rooms.",
            industry="Medical equipment",
            market="Germany, Austria, the Netherlands",
            language="en",
        ),
        product=ProductFacts(
            name="Halyard treatment couches",
            description="Electric couches that are repaired on site or replaced within two working days.",
            value_proposition="A treatment room that is never closed for repair.",
            target_market="Practices and clinics with several rooms.",
        ),
        person=PersonFacts(
            title="Head of Operations",
            seniority="head",
            industry="Rehabilitation",
            headcount="120",
            location="Kiel, Germany",
            notes="Three couches were down in May. Wants one contract for all sites.",
        ),
    )


def _redraft() -> dict[str, Any]:
    current = {
        "title": "Head of Operations",
        "coreGoal": "Keep every treatment room of the clinic open, on every site and on every day.",
    }
    return {"brief": _brief(), "current": current, "fields": ["coreGoal"], "instruction": "shorter"}


def _fit() -> FitBrief:
    brief = _brief()
    training = ProductFacts(
        name="Hygiene training", description="A day’s course on cleaning, for the whole team of a practice."
    )
    products = [
        NumberedProduct(number=str(number), **product.model_dump())
        for number, product in enumerate((brief.product, training), start=1)
    ]
    persona = PersonaFacts(
        person_name="Clinic operations lead",
        title="Head of Operations",
        core_goal="Keep every treatment room of the clinic open.",
        pain_points=("Repairs take weeks", "Every site has another supplier"),
        need_for_our_product="One contract, and a couch that is back within days.",
        industry="Rehabilitation",
    )
    return FitBrief(company=brief.company, persona=persona, products=tuple(products))


PROMPT_USES = (
    PromptUse(
        PROMPTS,
        "persona",
        "Generate in the persona builder, and the API’s generate call",
        PersonaDraft,
        lambda: {"brief": _brief()},
    ),
    PromptUse(
        PROMPTS,
        "product-fit",
        "Find the best fit on a persona’s page, and the API’s product-fit call",
        answer_among(_fit().products),
        lambda: {"brief": _fit()},
    ),
    PromptUse(
        PROMPTS,
        "contact-analysis",
        "Meeting preparation on a contact’s page, and the API’s analysis call",
        AnalysisDraft,
        lambda: {"brief": _brief()},
    ),
    PromptUse(PROMPTS, "persona-redraft", "Redraft in the persona builder", FieldRedraft, _redraft),
)
