"""The areas this application is made of, in the order of the navigation."""

from __future__ import annotations

from webapp.accounts.area import area as accounts
from webapp.core.area import Area
from webapp.core.imports.area import area as imports
from webapp.core.jobs.pages import area as jobs
from webapp.personas.area import area as personas

AREAS: tuple[Area, ...] = (personas, imports, jobs, accounts)
