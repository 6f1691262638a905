"""What jobs were given and gave about a person: told in an export, emptied by an erasure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, or_, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.idempotency import IdempotencyKey
from webapp.core.jobs.models import ERASED, ItemState, Job, JobItem
from webapp.core.llm.ledger import LlmCall
from webapp.core.mentions import mentioning
from webapp.core.privacy import GONE, Counts, Ids, Keeper, Subject

AT_ONCE = 200
BORDERS = frozenset({"first", "last"})  # of a set of rows: they name nobody
OF_WHOM = ("persons", "contacts", "leads", "persona_drafts")
WHY = "The person was erased."


def items_of(session: Session, ids: Ids) -> list[JobItem]:
    """The items that were for this person, by the ids they were given."""
    theirs = {str(one) for table in OF_WHOM for one in ids.of(table)}
    found = dict[UUID, JobItem]()
    for some in _sets(sorted(theirs)):
        told = cast(JobItem.params, String)
        for item in session.scalars(select(JobItem).where(or_(*(told.contains(one) for one in some)))):
            told_of = {str(value) for name, value in item.params.items() if name not in BORDERS}
            if told_of & theirs:
                found[item.id] = item
    return list(found.values())


def _forget(session: Session, _actor: Actor, subject: Subject, ids: Ids) -> Counts:
    """Empty the items, end those that wait or are worked on, drop answers that were kept for repetition."""
    items = {item.id: item for item in items_of(session, ids)}
    items |= {
        item.id: item for item in mentioning(session, JobItem, ("subject", "params", "outcome"), subject)
    }
    for item in items.values():
        if item.state is ItemState.WAITING:
            item.state = ItemState.FAILED
        item.subject, item.params, item.outcome = GONE, {}, {}
        item.problem_code, item.problem = ERASED, WHY
    _name_no_one(session, [item.job_id for item in items.values()])
    session.flush()
    calls = _empty_answers(session, list(items))
    copies = mentioning(session, IdempotencyKey, ("key", "call", "body"), subject)
    for copy in copies:
        session.delete(copy)
    return {"job items": len(items), "AI answers": calls, "kept answers of calls": len(copies)}


def _name_no_one(session: Session, job_ids: Collection[UUID]) -> None:
    """A job of one item is called after whom it is for."""
    for some in _sets(sorted(set(job_ids))):
        for job in session.scalars(select(Job).where(Job.id.in_(some), Job.total == 1)):
            job.title = f"{job.title.partition(':')[0][:150]}: {GONE}" if ":" in job.title else GONE
            job.params = {}


def _empty_answers(session: Session, item_ids: Sequence[UUID]) -> int:
    count = 0
    for some in _sets(list(item_ids)):
        theirs = update(LlmCall).where(LlmCall.item_id.in_(some)).values(answer="")
        count += session.execute(theirs).rowcount  # type: ignore[attr-defined]  # an UPDATE's result has it
    return count


def _told(session: Session, _subject: Subject, ids: Ids) -> dict[str, list[dict[str, Any]]]:
    items = items_of(session, ids)
    answers = list[dict[str, Any]]()
    for some in _sets([item.id for item in items]):
        calls = select(LlmCall).where(LlmCall.item_id.in_(some), LlmCall.answer != "").order_by(LlmCall.id)
        answers += [
            {"at": call.at, "prompt": call.prompt, "model": call.model, "answer": call.answer}
            for call in session.scalars(calls)
        ]
    names = ("subject", "params", "state", "outcome", "problem", "finished_at")
    work = [{name: getattr(item, name) for name in names} for item in items]
    return {"Work done for this person": work, "What the AI service answered": answers}


def _sets(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[begin : begin + AT_ONCE] for begin in range(0, len(rows), AT_ONCE))


KEEPER = Keeper(inside=_forget, tells=_told)
