"""What the archetypes bring to the application."""

from __future__ import annotations

from webapp.archetypes import models  # noqa: F401  # tables register
from webapp.archetypes.api import archetypes_api, recommendations_api
from webapp.archetypes.blueprint import pages
from webapp.archetypes.recalculating import RECALCULATE
from webapp.core.area import Area

area = Area(
    name="archetypes", pages=(pages,), apis=(recommendations_api, archetypes_api), kinds=(RECALCULATE,)
)
