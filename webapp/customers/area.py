"""What the customers bring to the application."""

from __future__ import annotations

from webapp.core.area import Area
from webapp.customers import models  # noqa: F401  # tables register

area = Area(name="customers")
