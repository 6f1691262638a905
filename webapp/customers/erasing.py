"""What the customers' area keeps of a customer beyond its tables: cached answers, trained numbers."""

from __future__ import annotations

from redis.exceptions import RedisError
from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import Unavailable
from webapp.core.privacy import Counts, Ids, Keeper, Subject
from webapp.core.services import services
from webapp.customers.cache import cache_of
from webapp.customers.model_files import files_in
from webapp.customers.models import Event, RecommenderModel
from webapp.customers.training import start_training

AWAY = "The queue server is away; nothing was erased. Try again when it answers."


def _unlearn(session: Session, actor: Actor, subject: Subject, ids: Ids) -> Counts:
    """Set aside every version that may have learned from the customer, and train one without them."""
    made = services()
    cache_of(made).drop(session)
    if not ids.of(Event.__tablename__):
        return {}
    files = files_in(made.settings.instance)
    count = files.count(subject.company_id)
    if count:
        session.execute(update(RecommenderModel).values(in_force=False))
        files.remove(subject.company_id)
        start_training(session, actor, made.starter, adopt=True)
    return {"recommender models": count}


def _uncache(subject: Subject) -> Counts:
    """Drop the company's cached answers. Raises Unavailable without Redis: they would outlive the erasure."""
    made = services()
    try:
        return {"cached answers": cache_of(made).clear(subject.company_id)}
    except (RedisError, OSError):
        raise Unavailable(AWAY) from None


KEEPER = Keeper(inside=_unlearn, outside=_uncache)
