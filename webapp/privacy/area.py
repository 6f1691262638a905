"""What privacy brings to the application."""

from __future__ import annotations

from webapp.core.area import Area
from webapp.core.retention import Kept
from webapp.privacy.ages import NIGHTLY, PURGE
from webapp.privacy.keeping_models import Look
from webapp.privacy.keeping_pages import looks, pages
from webapp.privacy.looks import LOOK_DESK

KEPT = (Kept("looks", "Who looked", "Which of the staff opened whose pages.", Look, Look.at, 365),)
area = Area(
    name="privacy",
    pages=(pages, looks),
    kinds=(PURGE,),
    schedules=(NIGHTLY,),
    desks=(LOOK_DESK,),
    kept=KEPT,
)
