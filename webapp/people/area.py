"""What the persons bring to the application."""

from __future__ import annotations

from webapp.core.area import Area
from webapp.people.api import persons_api
from webapp.people.desks import LEARNER_DESK
from webapp.people.holdings import HOLDINGS
from webapp.people.importing import LEARNER_IMPORT, PERSON_IMPORT
from webapp.people.pages import find, learners, people

area = Area(
    name="people",
    pages=(learners, people),
    apis=(persons_api,),
    kinds=(LEARNER_DESK.job,),
    imports=(PERSON_IMPORT, LEARNER_IMPORT),
    desks=(LEARNER_DESK,),
    find=find,
    holdings=HOLDINGS,
)
