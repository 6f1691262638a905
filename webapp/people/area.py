"""What the persons bring to the application."""

from __future__ import annotations

from webapp.core.area import Area
from webapp.people import models  # noqa: F401  # its tables register

area = Area(name="people")
