"""Training the recommender as a job: by button and every night; judged before it may be used."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC
from time import perf_counter
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import exists, func, select, type_coerce, update
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from webapp.core.access import Actor, Permission
from webapp.core.audit import AuditAction, Auditor
from webapp.core.db import after_commit, company_of, lock_key, unit
from webapp.core.errors import NotFound
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import LIVE, Job
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.jobs.when import When
from webapp.core.services import services
from webapp.customers.cache import Cache, cache_of
from webapp.customers.model_files import files_in
from webapp.customers.models import Event, Preference, RecommenderModel
from webapp.customers.rules.interactions import Deeds
from webapp.customers.rules.learning import Former, learn, too_few, verdict
from webapp.customers.rules.quality import Quality
from webapp.customers.rules.strengths import SAYING, strength_of
from webapp.people.erased import ErasedMeanwhile, erasures, need_same_people

AT_ONCE = 50_000  # events that are read in one go
FORCED = "It replaces versions that had learned from a person who was erased."
KEPT = 3  # versions whose files stay, the one in force aside


class NumberTaken(Exception):
    """Another training, begun at the same time, has written this version."""


def start_training(session: Session, actor: Actor, starter: Starter, *, adopt: bool = False) -> Job:
    """Start a job that trains the company's recommender; one that waits or is at work is answered instead.

    With `adopt` a new one is started anyway, and what it learns goes in force whatever it is judged to be.
    """
    with unit(session):
        lock_key(session, company_of(session), "recommender")
        live = running_training(session)
        if live is not None and not adopt:
            return live
        item = NewItem("The recommender", {"adopt": True} if adopt else {})
        return starter.start(session, actor, TRAIN, "Train the recommender", [item])


def running_training(session: Session) -> Job | None:
    """The company's training that waits or is at work."""
    live = select(Job).where(Job.kind == TRAIN.name, Job.state.in_(LIVE))
    return session.scalar(live.order_by(Job.id.desc()).limit(1))


def deeds_of(session: Session) -> tuple[Deeds, list[str], int]:
    """All events that say something, but of who refused to be tracked: arrays, items' names, customers."""
    refused = exists().where(Preference.person_id == Event.person_id, Preference.tracking_enabled.is_(False))
    asked = select(
        type_coerce(Event.person_id, NullType()),
        Event.item,
        Event.kind,
        Event.value,
        type_coerce(Event.at, NullType()),
    ).where(Event.kind.in_(SAYING), Event.item.is_not(None), ~refused)
    persons, items = dict[Any, int](), dict[str, int]()
    parts: list[tuple[Any, ...]] = []
    for some in session.execute(asked, execution_options={"yield_per": AT_ONCE}).partitions(AT_ONCE):
        who, what, kinds, values, moments = zip(*some, strict=True)
        parts.append(
            (
                np.array([persons.setdefault(one, len(persons)) for one in who], np.int64),
                np.array([items.setdefault(one, len(items)) for one in what], np.int64),
                np.array([strength_of(*one) for one in zip(kinds, values, strict=True)], float),
                _seconds(moments),
            )
        )
    if not parts:
        nothing = np.zeros(0, np.int64)
        return Deeds(nothing, nothing, np.zeros(0), np.zeros(0)), [], 0
    return Deeds(*(np.concatenate(column) for column in zip(*parts, strict=True))), list(items), len(persons)


def _seconds(moments: tuple[Any, ...]) -> Any:
    if isinstance(moments[0], str):
        return np.array(moments, "datetime64[us]").astype("int64") / 1e6
    return np.array([one.astimezone(UTC).timestamp() for one in moments], float)


def work(context: ItemContext) -> None:
    """Read, learn and judge outside any transaction; write the version, in force when it may be used."""
    while not _tried(context):
        context.stop_if_asked()


def _tried(context: ItemContext) -> bool:
    """Whether it came to an end.

    Not when somebody was erased meanwhile, whom it may have learned from, nor when another training took
    the number: then it begins again.
    """
    session, begun = context.session, perf_counter()
    company_id, now = company_of(session), context.clock.now()
    erased = erasures(session)
    deeds, items, customers = deeds_of(session)
    former = session.scalar(select(RecommenderModel).where(RecommenderModel.in_force))
    before = (former.quality["ndcg"], former.quality["ndcg_error"]) if former else (None, 0.0)
    rival = _rival(company_id, former, items) if former else None
    number = (session.scalar(select(func.max(RecommenderModel.number))) or 0) + 1
    session.commit()
    why = too_few(deeds)
    if why:
        with context.effect({"result": "too_few", "note": why}):
            return True
    files, shape = files_in(services().settings.instance), (customers, len(items))
    learned = learn(deeds, now.timestamp(), shape, context.stop_if_asked, rival)
    adopted, reason = verdict(learned, *before)
    if context.params.get("adopt") and not adopted:
        adopted, reason = True, f"{FORCED} {reason}"
    files.keep(company_id, number, learned.method, items, learned.weights, learned.popular)
    quality = {**_told(learned.quality), "regularization": learned.regularization}
    row = RecommenderModel(
        number=number,
        method=learned.method,
        adopted=adopted,
        reason=reason[:500],
        events=len(deeds),
        customers=customers,
        items=len(items),
        seconds=round(perf_counter() - begun, 2),
        quality={**quality, "popularity": _told(learned.by_popularity)},
        trained_at=now,
        trained_by=context.actor.name[:200],
    )
    written = _written(context, row, erased, {"result": "adopted" if adopted else "rejected", "note": reason})
    _tidy(session, company_id)  # what was learned in vain goes too
    return written


def _written(context: ItemContext, row: RecommenderModel, erased: int, outcome: dict[str, Any]) -> bool:
    """Write the version, in force when it was adopted; answers whether that still made sense."""
    told = list[int]()
    with suppress(ErasedMeanwhile, NumberTaken), context.effect(outcome) as writing:
        need_same_people(writing, erased)
        _need_number(writing, row.number)
        writing.add(row)
        writing.flush()
        if row.adopted:
            _put_in_force(writing, row.number)
        changes = {"number": (None, row.number), "in_force": (None, row.adopted)}
        context.auditor.record(writing, context.actor, AuditAction.RECOMMENDER_TRAINED, row, changes=changes)
        cache_of(services()).drop(writing)
        after_commit(writing, lambda: told.append(row.number))
    return bool(told)


def _need_number(session: Session, number: int) -> None:
    lock_key(session, company_of(session), "recommender")
    if session.scalar(select(RecommenderModel.id).where(RecommenderModel.number == number)) is not None:
        raise NumberTaken


def _rival(company_id: UUID, row: RecommenderModel, items: list[str]) -> Former | None:
    """The version in force as it is held against a new one; None where its files are gone."""
    numbers = files_in(services().settings.instance).read(company_id, row.number)
    if numbers is None:
        return None
    place = np.array([numbers.places.get(one, -1) for one in items], np.int64)
    return Former(numbers.method, numbers.weights, place, row.trained_at.timestamp())


def _told(quality: Quality) -> dict[str, Any]:
    figures = ("recall", "ndcg", "coverage", "ndcg_error")
    return {**{one: round(getattr(quality, one), 6) for one in figures}, "customers": quality.customers}


def _put_in_force(session: Session, number: int) -> None:
    session.execute(update(RecommenderModel).values(in_force=RecommenderModel.number == number))


def _tidy(session: Session, company_id: UUID) -> None:
    """Remove the files of old versions; rows stay."""
    newest = select(RecommenderModel.number).order_by(RecommenderModel.number.desc()).limit(KEPT)
    force = select(RecommenderModel.number).where(RecommenderModel.in_force)
    keep = [*session.scalars(newest), *session.scalars(force)]
    session.commit()
    files_in(services().settings.instance).remove(company_id, keep)


def choose(session: Session, actor: Actor, number: int, auditor: Auditor, cache: Cache) -> None:
    """Put a version in force by hand; 0 is what is popular. Raises NotFound where its files are gone."""
    files = files_in(services().settings.instance)
    if number and files.read(company_of(session), number) is None:
        raise NotFound(f"Version {number} is not kept any more.", details={"version": "gone"})
    with unit(session):
        rows = session.scalars(select(RecommenderModel)).all()
        before = next((one.number for one in rows if one.in_force), 0)
        _put_in_force(session, number)
        for row in rows:
            if row.number == (number or before):
                changes = {"in_force": (before, number)}
                auditor.record(session, actor, AuditAction.RECOMMENDER_CHOSEN, row, changes=changes)
        cache.drop(session)


def nightly(context: ItemContext) -> None:
    """Start the training where something happened since the last one."""
    session = context.session
    newest = session.scalar(select(func.max(RecommenderModel.trained_at)))
    fresh = select(Event.id).where(Event.kind.in_(SAYING)).limit(1)
    if newest is not None:
        fresh = fresh.where(Event.received_at > newest)
    said = "Nothing has happened since the last training."
    if session.scalar(fresh) is not None:
        start_training(session, context.actor, services().starter)
        said = "The training has begun."
    with context.effect({"result": "started", "note": said}):
        pass


TRAIN = JobKind(
    "customers.train",
    "Train the recommender",
    Queue.BATCH,
    Permission.CUSTOMERS_MANAGE,
    work,
    where=lambda _session, _job: "/customers/recommender",
)
NIGHTLY = JobKind(
    "customers.nightly",
    "Start the training of the recommender",
    Queue.BATCH,
    Permission.CUSTOMERS_MANAGE,
    nightly,
)
SCHEDULES = (Schedule("customers.train", "Train the recommender", NIGHTLY, When(hour=1), lambda _: {}),)
