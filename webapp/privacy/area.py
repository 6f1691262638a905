"""What privacy brings to the application."""

from __future__ import annotations

from webapp.core.area import Area
from webapp.core.retention import Kept
from webapp.privacy import at_start  # noqa: F401  # asked before the first answer
from webapp.privacy.ages import NIGHTLY as PURGED_NIGHTLY
from webapp.privacy.ages import PURGE
from webapp.privacy.api import privacy_api
from webapp.privacy.commands import privacy
from webapp.privacy.holdings import HOLDINGS
from webapp.privacy.keeping_models import Look
from webapp.privacy.keeping_pages import looks
from webapp.privacy.keeping_pages import pages as keeping
from webapp.privacy.looks import LOOK_DESK
from webapp.privacy.pages import attention, pages, part_of_person
from webapp.privacy.work import ERASE, EXPORT, NIGHTLY, TIDY

KEPT = (Kept("looks", "Who looked", "Which of the staff opened whose pages.", Look, Look.at, 365),)
area = Area(
    name="privacy",
    pages=(pages, keeping, looks),
    apis=(privacy_api,),
    kinds=(EXPORT, ERASE, TIDY, PURGE),
    schedules=(NIGHTLY, PURGED_NIGHTLY),
    desks=(LOOK_DESK,),
    attention=attention,
    person=part_of_person,
    commands=(privacy,),
    holdings=HOLDINGS,
    kept=KEPT,
)
