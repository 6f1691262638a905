"""What an erasure changes for others: whose requests were with the person is looked at anew."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.archetypes.models import MemberRequest
from webapp.archetypes.touching import touch_members
from webapp.core.access import Actor
from webapp.core.privacy import Counts, Ids, Keeper, Subject


def _touch_others(session: Session, _actor: Actor, subject: Subject, _ids: Ids) -> Counts:
    """Their archetypes were found with what goes now."""
    theirs = or_(
        MemberRequest.requester_id.in_(subject.person_ids), MemberRequest.responder_id.in_(subject.person_ids)
    )
    pairs = session.execute(select(MemberRequest.requester_id, MemberRequest.responder_id).where(theirs))
    touch_members(session, {one for pair in pairs for one in pair if one} - subject.person_ids)
    return {}


KEEPER = Keeper(inside=_touch_others)
