"""What privacy brings to the application."""

from __future__ import annotations

from webapp.core.area import Area
from webapp.privacy.api import privacy_api
from webapp.privacy.commands import privacy
from webapp.privacy.holdings import HOLDINGS
from webapp.privacy.pages import attention, pages, part_of_person
from webapp.privacy.work import ERASE, EXPORT, NIGHTLY, TIDY

area = Area(
    name="privacy",
    pages=(pages,),
    apis=(privacy_api,),
    kinds=(EXPORT, ERASE, TIDY),
    schedules=(NIGHTLY,),
    attention=attention,
    person=part_of_person,
    commands=(privacy,),
    holdings=HOLDINGS,
)
