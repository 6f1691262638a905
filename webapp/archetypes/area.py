"""What the archetypes bring to the application."""

from __future__ import annotations

from webapp.archetypes import models  # noqa: F401  # tables register
from webapp.archetypes.blueprint import pages
from webapp.core.area import Area

area = Area(name="archetypes", pages=(pages,))
