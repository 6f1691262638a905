"""The simulation: a version's effect on the company's stored requests beside the one in force, as a job.

It reads first, reckons outside any transaction, and writes one row at the end. Members are found by their
history as it is now; nobody is held out. Names are not kept: they are read when the page is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp.archetypes.facts import RequestStatus
from webapp.archetypes.history import Seen, Span, key, look
from webapp.archetypes.models import Member, MemberRequest, RuleSet, Simulation
from webapp.archetypes.rule_state import State, state_of
from webapp.archetypes.rules.detect import detect
from webapp.archetypes.rules.ruleset import Rules
from webapp.archetypes.rules.simulate import (
    ARCHETYPES,
    FEATURES,
    MEASURES,
    NEW,
    WAYS,
    Offered,
    Requests,
    counts,
    enough,
    levels,
    offers,
    outlook,
    prices_of,
)
from webapp.core.access import Actor, Permission
from webapp.core.db import unit
from webapp.core.errors import Conflict, NotFound
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import Job, JobState
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.money import exponent_of
from webapp.core.text import plural

MOST_REQUESTS = 20_000
DAYS = 730
SET = 10_000  # members that are looked at together
MOST_NAMED = 200
Document = dict[str, Any]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Gathered:
    """What was read: the requests, and every member's profile under both versions.

    `before` and `after` go along `persons`; `requests.member` points into `makers`, whose profiles are
    `maker_before` and `maker_after`. `found` counts all requests of the time, `foreign` those priced in
    another currency, `broken` the members whose history cannot be.
    """

    requests: Requests
    persons: list[Any]
    before: Ints
    after: Ints
    maker_before: Ints
    maker_after: Ints
    found: int
    foreign: int
    broken: int
    since: datetime
    until: datetime


def simulate(
    session: Session, state: State, after: Rules, now: datetime, pause: Callable[[], None] = lambda: None
) -> Document:
    """What the version would have done beside the one in force, as the document that is stored."""
    gathered = gather(session, state, after, now, pause)
    session.commit()
    return reckon(gathered, state.rules, after, pause)


def gather(
    session: Session, state: State, after: Rules, now: datetime, pause: Callable[[], None]
) -> Gathered:
    """Read the requests of two years, the newest first, and find every member's archetype twice."""
    since = now - timedelta(days=DAYS)
    lately = (MemberRequest.asked_at > since, MemberRequest.asked_at <= now)
    mine = (*lately, MemberRequest.currency == state.currency, MemberRequest.base_minor > 0)
    total = session.scalar(select(func.count(MemberRequest.id)).where(*lately)) or 0
    usable = session.scalar(select(func.count(MemberRequest.id)).where(*mine)) or 0
    asked = (
        select(
            key(MemberRequest.requester_id),
            MemberRequest.days_until_checkin,
            MemberRequest.base_minor,
            MemberRequest.offered_minor,
            MemberRequest.kind,
            MemberRequest.status,
        )
        .where(*mine)
        .order_by(MemberRequest.asked_at.desc(), MemberRequest.id.desc())
        .limit(MOST_REQUESTS)
    )
    rows = session.execute(asked).all()
    makers = {maker: place for place, maker in enumerate(dict.fromkeys(row[0] for row in rows))}
    profiles = np.full((2, len(makers)), NEW)
    persons, columns, broken = [], [], 0
    for keys, members in _sets(session):
        pause()
        found, bad = _profiles(session, keys, members, (state.rules, after), state.currency, now)
        broken += int(bad.sum())
        at = [makers.get(one, -1) for one in keys]
        there = np.array(at) >= 0
        profiles[:, np.array(at)[there]] = found[:, there]
        persons += [one for one, out in zip(keys, bad, strict=True) if not out]
        columns.append(found[:, ~bad])
    whole = np.concatenate(columns, axis=1) if columns else np.zeros((2, 0), np.int64)
    return Gathered(
        requests=_requests(rows, makers, state.currency),
        persons=persons,
        before=whole[0],
        after=whole[1],
        maker_before=profiles[0],
        maker_after=profiles[1],
        found=usable,
        foreign=total - usable,
        broken=broken,
        since=since,
        until=now,
    )


def _requests(rows: Any, makers: dict[Any, int], currency: str) -> Requests:
    base = np.array([row[2] for row in rows], np.int64)
    ends = (RequestStatus.ACCEPTED, RequestStatus.DECLINED)
    return Requests(
        member=np.array([makers[row[0]] for row in rows], np.int64),
        days=np.array([row[1] for row in rows], np.int64),
        base=base,
        ratio=np.array([row[3] for row in rows], float) / np.maximum(base, 1),
        way=np.array([WAYS.index(row[4]) for row in rows], np.int64),
        decided=np.array([row[5] in ends for row in rows], bool),
        accepted=np.array([row[5] is RequestStatus.ACCEPTED for row in rows], bool),
        currency=currency,
    )


def _sets(session: Session) -> Iterator[tuple[list[Any], list[Any]]]:
    """The members set by set in the order of their persons: the persons' keys, and the rows."""
    after = UUID(int=0)
    while True:
        asked = select(key(Member.person_id), Member.override, Member.override_expires_at)
        ahead = asked.where(Member.person_id > after).order_by(Member.person_id).limit(SET)
        rows = session.execute(ahead).all()
        if not rows:
            return
        yield [row[0] for row in rows], list(rows)
        after = _uuid(rows[-1][0])


def _profiles(
    session: Session,
    keys: list[Any],
    members: list[Any],
    rules: tuple[Rules, Rules],
    currency: str,
    now: datetime,
) -> tuple[Ints, NDArray[np.bool_]]:
    """The members' profiles under both versions, an override first, and whose history is broken."""
    ends, sums = (_uuid(keys[0]), _uuid(keys[-1])), dict[int, Seen]()
    found = np.zeros((2, len(keys)), np.int64)
    by_hand = np.array([_override(row, now) for row in members])
    for place, one in enumerate(rules):
        days = one.detection.look_back_days
        if days not in sums:
            span = Span(*ends, now - timedelta(days=days), now, currency)
            sums[days] = look(session, span, keys)
        what = detect(sums[days].histories, one.detection, now.timestamp(), 10.0 ** exponent_of(currency))
        mine = np.where(what.new, NEW, what.best)
        found[place] = np.where(by_hand >= 0, by_hand, mine)
    return found, next(iter(sums.values())).broken


def _override(row: Any, now: datetime) -> int:
    _, override, expires = row
    return ARCHETYPES.index(override) if override and (expires is None or expires > now) else -1


def reckon(
    gathered: Gathered, before: Rules, after: Rules, pause: Callable[[], None] = lambda: None
) -> Document:
    """Everything the page shows, as plain values: nothing is read or written."""
    requests = gathered.requests
    old = offers(requests, gathered.maker_before, before)
    new = offers(requests, gathered.maker_after, after)
    was = gathered.maker_before[requests.member]
    moved = np.flatnonzero(gathered.before != gathered.after)
    groups = [("all", np.ones(len(requests), bool)), *((str(one), was == one) for one in range(NEW + 1))]
    document: Document = {
        "currency": requests.currency,
        "since": gathered.since.isoformat(),
        "until": gathered.until.isoformat(),
        "requests": len(requests),
        "found": gathered.found,
        "foreign": gathered.foreign,
        "members": len(gathered.persons),
        "broken": gathered.broken,
        "archetypes": counts(gathered.before, gathered.after, NEW + 1),
        "moved": len(moved),
        "named": [
            [str(_uuid(gathered.persons[at])), int(gathered.before[at]), int(gathered.after[at])]
            for at in moved[:MOST_NAMED]
        ],
        "ways": counts(old.way, new.way, len(WAYS)),
        "prices": [{"group": name, **prices_of(old, new, chosen)} for name, chosen in groups],
    }
    return {**document, **_outlook(requests, (old, new), before, groups, pause)}


def _outlook(
    requests: Requests,
    offered: tuple[Offered, Offered],
    in_force: Rules,
    groups: list[tuple[str, NDArray[np.bool_]]],
    pause: Callable[[], None],
) -> Document:
    why_not = enough(requests)
    if why_not:
        return {"why_not": why_not, "outlook": None, "model": None}
    level, masks = levels(requests, in_force), np.array([mask for _, mask in groups], float)
    found = outlook(requests, *offered, level, masks, pause)
    decided = requests.decided
    told = {
        name: {word: found.told(place, number) for number, word in enumerate(MEASURES)}
        for place, (name, mask) in enumerate(groups)
        if mask.any()
    }
    model = found.model
    return {
        "why_not": "",
        "outlook": told,
        "model": {
            "decided": int(decided.sum()),
            "accepted": int(requests.accepted.sum()),
            "members": len(np.unique(requests.member[decided])),
            "coefficients": [
                [name, round(float(one), 4)] for name, one in zip(FEATURES, model.coefficients, strict=True)
            ],
            "low": [round(float(one), 4) for one in model.low],
            "high": [round(float(one), 4) for one in model.high],
            "beyond": [[round(float(one), 4) for one in model.beyond(each)] for each in offered],
        },
    }


def _uuid(person: Any) -> UUID:
    return person if isinstance(person, UUID) else UUID(person)


def start_simulation(session: Session, actor: Actor, rule_set: RuleSet, starter: Starter) -> Job:
    """Start the simulation of a version as it is now, or answer the one that is under way for it."""
    digest = Rules.model_validate(rule_set.rules).digest
    params = {"rule_set": str(rule_set.id), "digest": digest}
    with unit(session):
        known = simulation_job(session, rule_set.id, live=True)
        if known is not None and known.params == params:
            return known
        label = f"Simulate version {rule_set.number} of the rules"
        items = [NewItem(f"Version {rule_set.number}", {"rule_set": str(rule_set.id)})]
        return starter.start(session, actor, SIMULATE, label, items, params=params)


def simulation_job(session: Session, set_id: UUID, *, live: bool = False) -> Job | None:
    """The latest simulation of this version that was asked for."""
    asked = select(Job).where(Job.kind == SIMULATE.name)
    if live:
        asked = asked.where(or_(Job.state == JobState.QUEUED, Job.state == JobState.RUNNING))
    latest = session.scalars(asked.order_by(Job.id.desc()).limit(50))
    return next((job for job in latest if job.params.get("rule_set") == str(set_id)), None)


def latest_simulation(session: Session, set_id: UUID) -> Simulation | None:
    """What the version's latest simulation found."""
    mine = select(Simulation).where(Simulation.rule_set_id == set_id)
    return session.scalar(mine.order_by(Simulation.at.desc()).limit(1))


def is_stale(simulation: Simulation, rules: Rules, in_force: int) -> bool:
    """Whether the version, or what it was compared with, is another by now."""
    return simulation.rules_hash != rules.digest or simulation.against != in_force


def work(context: ItemContext) -> None:
    """Simulate the version of the item as it is now."""
    session, now = context.session, context.clock.now()
    set_id = UUID(context.params["rule_set"])
    rule_set = session.get(RuleSet, set_id)
    if rule_set is None:
        raise NotFound("This version was discarded; there is nothing to simulate any more.")
    state, rules = state_of(session), Rules.model_validate(rule_set.rules)
    result = simulate(session, state, rules, now, context.stop_if_asked)
    note = f"{plural(result['requests'], 'request')}; {plural(result['moved'], 'member')} would change."
    with context.effect({"result": "simulated", "note": note}) as writing:
        if writing.scalar(select(RuleSet.id).where(RuleSet.id == set_id).with_for_update()) is None:
            raise Conflict("This version was discarded meanwhile.")
        row = Simulation(
            rule_set_id=set_id, rules_hash=rules.digest, against=state.number, at=now, result=result
        )
        writing.add(row)


def _where(session: Session, job: Job) -> str | None:
    set_id = job.params.get("rule_set", "")
    there = session.scalar(select(RuleSet.id).where(RuleSet.id == UUID(set_id))) if set_id else None
    return f"/archetypes/rules/{there}/simulation" if there else None


SIMULATE = JobKind(
    "archetypes.simulate",
    "Simulate rules",
    Queue.DEFAULT,
    Permission.ARCHETYPES_WRITE,
    work,
    where=_where,
)
