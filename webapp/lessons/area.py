"""What the lessons bring to the application."""

from __future__ import annotations

from webapp.core.area import Area
from webapp.lessons import models  # noqa: F401  # its tables register

area = Area(name="lessons")
