"""What the archetypes bring to the application."""

from __future__ import annotations

from webapp.archetypes import (  # noqa: F401  # routes and tables register
    bulk_pages,
    member_pages,
    models,
    override_pages,
)
from webapp.archetypes.api import archetypes_api, recommendations_api
from webapp.archetypes.blueprint import pages
from webapp.archetypes.expiring import EXPIRE, SCHEDULES
from webapp.archetypes.member_list import MEMBER_DESK
from webapp.archetypes.override_list import wanting
from webapp.archetypes.person_part import archetype_of_person
from webapp.core.access import Permission
from webapp.core.area import Area, Nav

area = Area(
    name="archetypes",
    pages=(pages,),
    apis=(recommendations_api, archetypes_api),
    nav=(Nav("Archetypes", "archetypes.index", "archetypes", Permission.ARCHETYPES_READ),),
    kinds=(EXPIRE,),
    schedules=SCHEDULES,
    desks=(MEMBER_DESK,),
    attention=wanting,
    person=archetype_of_person,
)
