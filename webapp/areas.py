"""The areas this application is made of, in the order of the navigation."""

from __future__ import annotations

from webapp.accounts.area import area as accounts
from webapp.archetypes.area import area as archetypes
from webapp.core.area import Area
from webapp.core.imports.area import area as imports
from webapp.core.jobs.pages import area as jobs
from webapp.core.llm.area import llm_area
from webapp.customers.area import area as customers
from webapp.leads.area import area as leads
from webapp.lessons.area import area as lessons
from webapp.people.area import area as people
from webapp.personas.area import area as personas
from webapp.privacy.area import area as privacy

_llm = llm_area(use for area in (personas, lessons) for use in area.prompts)
AREAS: tuple[Area, ...] = (
    personas,
    lessons,
    archetypes,
    leads,
    customers,
    people,
    privacy,
    imports,
    jobs,
    accounts,
    _llm,
)
