"""What the personas bring to the application."""

from __future__ import annotations

from webapp.core.area import Area
from webapp.personas import models  # noqa: F401  # the tables exist before their pages do

area = Area(name="personas")
