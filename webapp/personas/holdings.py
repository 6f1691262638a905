"""What the personas' area holds of a contact; a persona itself is nobody, but may be drawn from one."""

from __future__ import annotations

from webapp.core.privacy import Holding, nothing_personal
from webapp.personas.models import (
    AnalysisVersion,
    Contact,
    ContactAnalysis,
    Draft,
    FitProposal,
    Persona,
    PersonaVersion,
    Product,
    ProductFit,
)

INVENTED = "A persona is invented; where it mentions this person, the words go."
TEXTS = (
    "person_name",
    "title",
    "role",
    "seniority",
    "core_goal",
    "pain_points",
    "need_for_our_product",
    "potential_pitch",
    "industry",
    "company_size",
    "company",
    "provenance",
    "built_from",
)

HOLDINGS = (
    nothing_personal(Product, "name", "description", "value_proposition", "target_market", "price_note"),
    Holding(
        Contact,
        by=(Contact.email,),
        title="Contacts",
        personal=(
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
        ),
    ),
    nothing_personal(Persona, mentions=TEXTS, why=INVENTED),
    nothing_personal(PersonaVersion, "saved_by", mentions=("fields", "provenance", "reason"), why=INVENTED),
    Holding(
        Draft,
        by=(Draft.contact_id,),
        title="Drafts of a persona drawn from a contact",
        personal=(
            "product_description",
            "enrichment_key",
            "description",
            "fields",
            "provenance",
            "proposals",
            "undo",
            "warnings",
            "built_from",
        ),
        plain=("author",),
        hides=("author",),
    ),
    nothing_personal(
        ProductFit, mentions=("value_prop_to_them", "alignment_reasoning", "provenance"), why=INVENTED
    ),
    nothing_personal(
        FitProposal,
        mentions=("product_description", "value_prop_to_them", "alignment_reasoning", "provenance"),
        why=INVENTED,
    ),
    Holding(
        ContactAnalysis,
        by=(ContactAnalysis.contact_id,),
        title="How to speak with a contact",
        personal=("fields", "provenance", "built_from", "draft"),
        plain=("drafted_by",),
        hides=("drafted_by", "unreviewed"),
    ),
    Holding(
        AnalysisVersion,
        by=(AnalysisVersion.analysis_id,),
        title="Earlier versions of how to speak with a contact",
        personal=("fields", "provenance", "reason"),
        plain=("saved_by",),
        hides=("saved_by",),
    ),
)
