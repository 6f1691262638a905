"""What is known of a person as a member, for the page that unites all that is known of them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from webapp.archetypes.member_list import line_of
from webapp.archetypes.member_view import offers_to
from webapp.archetypes.members import member_of
from webapp.archetypes.rule_state import state_of
from webapp.core.access import Actor, Permission
from webapp.core.area import PersonPart
from webapp.core.services import services

SHOWN = 5


def archetype_of_person(session: Session, _actor: Actor, person_id: UUID) -> PersonPart | None:
    """The archetype, its override and the latest offers; nothing for who is no member."""
    member = member_of(session, person_id)
    if member is None:
        return None
    line = line_of(member, state_of(session), services().clock.now())
    context = {"member": member, "line": line, "offers": offers_to(session, person_id, SHOWN)}
    return PersonPart("Archetype", "archetypes/_person.html", context, Permission.ARCHETYPES_READ)
