"""What the personas' area keeps of a prospect beyond its tables: parked enrichments, drafts made of them."""

from __future__ import annotations

import json

from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import Unavailable
from webapp.core.mentions import mentioning
from webapp.core.privacy import Counts, Ids, Keeper, Subject
from webapp.core.services import services
from webapp.personas.models import Draft
from webapp.personas.parking import parked, place_of

AWAY = "The queue server is away; nothing was erased. Try again when it answers."
TOLD = ("description", "fields", "proposals", "undo", "warnings", "built_from", "enrichment_key")


def _drafts(session: Session, _actor: Actor, subject: Subject, ids: Ids) -> Counts:
    """Drafts that speak of the person go whole: what else they say is drawn from the same document."""
    drafts = mentioning(session, Draft, TOLD, subject)
    ids.add(Draft.__tablename__, [draft.id for draft in drafts])
    for draft in drafts:
        session.delete(draft)
    session.flush()
    return {"Drafts that speak of the person": len(drafts)}


def _parked(subject: Subject) -> Counts:
    """Documents parked in Redis. Raises Unavailable without it: they would outlive the erasure."""
    redis, count = services().store.redis, 0
    try:
        for key in parked(redis, subject.company_id):
            kept = redis.get(place_of(subject.company_id, key))
            if kept is not None and (subject.forgotten or subject.mentioned(json.loads(kept))):
                count += int(redis.delete(place_of(subject.company_id, key)))
    except (RedisError, OSError):
        raise Unavailable(AWAY) from None
    return {"parked enrichments": count}


KEEPER = Keeper(inside=_drafts, outside=_parked)
