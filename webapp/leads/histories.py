"""Leads as the rules read them: a person's closed ones with all that happened, open ones as they stand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import NullType

from webapp.core.money import exponent_of
from webapp.leads.facts import CLOSED, OUTREACH, Stage
from webapp.leads.models import Activity, Lead, LeadFact, StageChange
from webapp.leads.rules.moments import STAGES, Events, Histories, Moments, Turn
from webapp.leads.rules.score import POINTS, RECENT_DAYS, Floats, Standing

MOST_CLOSED = 5_000  # of one person: the newest are learned from
DAY = 86_400.0
STAGE_PLACES = {stage: place for place, stage in enumerate(STAGES)}


@dataclass(frozen=True)
class ClosedLeads:
    """One person's closed leads, in the order of their ids, with all that happened before they closed."""

    ids: list[UUID]
    histories: Histories
    closed: Floats
    won: Floats

    def before(self, moment: float) -> ClosedLeads:
        """Those that were closed before a moment (Unix seconds)."""
        rows = self.closed < moment
        ids = [one for one, kept in zip(self.ids, rows, strict=True) if kept]
        return ClosedLeads(ids, some(self.histories, rows), self.closed[rows], self.won[rows])


def closed_leads(session: Session, staff_id: UUID) -> ClosedLeads:
    """Read the closed leads of a person in the session's company, at most the newest 5,000."""
    newest = (
        select(Lead.id)
        .where(Lead.closer_id == staff_id, Lead.stage.in_(CLOSED), Lead.closed_at.is_not(None))
        .order_by(Lead.closed_at.desc(), Lead.id)
        .limit(MOST_CLOSED)
    )
    rows = session.execute(
        select(
            _raw(Lead.id).label("key"),
            _raw(Lead.opened_at).label("opened_at"),
            _raw(Lead.closed_at).label("closed_at"),
            Lead.stage,
            Lead.source,
            Lead.value_minor,
            Lead.currency,
            Lead.attributes,
        )
        .where(Lead.id.in_(newest))
        .order_by(Lead.id)
    ).all()
    places = {row.key: place for place, row in enumerate(rows)}
    kinds, activities = _activities(session, newest, places)
    histories = Histories(
        opened=seconds([row.opened_at for row in rows]),
        sources=[row.source for row in rows],
        values=[major(row.value_minor, row.currency) for row in rows],
        attributes=[row.attributes for row in rows],
        kinds=kinds,
        activities=activities,
        stages=_stages(session, newest, places),
        turns=_turns(session, newest, places, [row.currency for row in rows]),
    )
    closed = seconds([row.closed_at for row in rows])
    won = np.array([row.stage is Stage.WON for row in rows], float)
    ids = [one for row in rows if (one := id_of(row.key)) is not None]
    return ClosedLeads(ids, histories, closed, won)


def some(histories: Histories, rows: NDArray[np.bool_]) -> Histories:
    """The histories of some of the leads."""
    places = np.flatnonzero(rows)
    new = np.full(len(rows), -1)
    new[places] = np.arange(len(places))
    kept: list[int] = places.tolist()

    def of(events: Events) -> Events:
        theirs = rows[events.lead]
        return Events(new[events.lead[theirs]], events.what[theirs], events.at[theirs])

    return Histories(
        opened=histories.opened[rows],
        sources=[histories.sources[place] for place in kept],
        values=[histories.values[place] for place in kept],
        attributes=[histories.attributes[place] for place in kept],
        kinds=histories.kinds,
        activities=of(histories.activities),
        stages=of(histories.stages),
        turns=[replace(one, lead=int(new[one.lead])) for one in histories.turns if rows[one.lead]],
    )


def _activities(
    session: Session, whose: Select[Any], places: Mapping[Any, int]
) -> tuple[tuple[str, ...], Events]:
    found = session.execute(
        select(_raw(Activity.lead_id), Activity.kind, _raw(Activity.at))
        .where(Activity.lead_id.in_(whose))
        .order_by(Activity.kind, Activity.lead_id, Activity.at)
    ).all()
    kinds = tuple(dict.fromkeys(row[1] for row in found))
    place = {kind: number for number, kind in enumerate(kinds)}
    rows = [row for row in found if row[0] in places]
    return kinds, Events(
        np.array([places[row[0]] for row in rows], np.int64),
        np.array([place[row[1]] for row in rows], np.int64),
        seconds([row[2] for row in rows]),
    )


def _stages(session: Session, whose: Select[Any], places: Mapping[Any, int]) -> Events:
    found = session.execute(
        select(_raw(StageChange.lead_id), StageChange.stage, _raw(StageChange.at))
        .where(StageChange.lead_id.in_(whose), StageChange.stage.in_(STAGES))
        .order_by(StageChange.lead_id, StageChange.at, StageChange.id)
    ).all()
    rows = [row for row in found if row[0] in places]
    return Events(
        np.array([places[row[0]] for row in rows], np.int64),
        np.array([STAGE_PLACES[row[1]] for row in rows], np.int64),
        seconds([row[2] for row in rows]),
    )


def _turns(
    session: Session, whose: Select[Any], places: Mapping[Any, int], currencies: Sequence[str]
) -> list[Turn]:
    found = session.execute(
        select(
            _raw(LeadFact.lead_id).label("lead_id"),
            LeadFact.name,
            LeadFact.before,
            LeadFact.after,
            LeadFact.at,
        )
        .where(LeadFact.lead_id.in_(whose))
        .order_by(LeadFact.lead_id, LeadFact.at, LeadFact.id)
    ).all()
    turns = []
    for row in found:
        if row.lead_id not in places:
            continue
        place = places[row.lead_id]
        before, after = row.before.get("value"), row.after.get("value")
        if row.name == "value":
            before, after = major(before, currencies[place]), major(after, currencies[place])
        turns.append(Turn(place, row.name, before, after, row.at.timestamp()))
    return turns


def major(minor: int | None, currency: str) -> float | None:
    """An amount in major units, for the rules; None where there is none."""
    return None if minor is None else minor / 10.0 ** exponent_of(currency)


def _raw(column: InstrumentedAttribute[Any] | ColumnElement[Any]) -> ColumnElement[Any]:
    """A moment as the driver gives it: among many, making datetimes of them would take the time."""
    return type_coerce(column, NullType())


def id_of(given: Any) -> UUID | None:
    """An id that may be none, whatever the driver makes of it."""
    return given if given is None or isinstance(given, UUID) else UUID(given)


def _document(given: Any) -> dict[str, Any]:
    """A JSON document as the driver gives it: text on SQLite, mostly the empty one."""
    if given == "{}":
        return {}
    found: dict[str, Any] = json.loads(given) if isinstance(given, str) else given
    return found


def seconds(moments: Sequence[Any]) -> Floats:
    """Moments as the driver gives them (text on SQLite, in UTC) in Unix seconds; minus infinity for None."""
    found = np.full(len(moments), -np.inf)
    there = np.array([one is not None for one in moments], bool)
    known = [one for one in moments if one is not None]
    if known:
        found[there] = (
            np.array(known, "datetime64[us]").astype("int64") / 1e6
            if isinstance(known[0], str)
            else [one.timestamp() for one in known]
        )
    return found


@dataclass(frozen=True)
class OpenLeads:
    """Leads as they stand at a moment, in columns along them; keys and owners are as the driver gives them.

    `outreach_days` since the salesperson last got in touch is infinite where they never did. `updated` is
    when the record last changed, as the driver gives it. `probability` and `version` are of the last
    scoring, NaN and -1 before the first.
    """

    keys: Sequence[Any]
    owners: Sequence[Any]
    stages: Sequence[Stage]
    updated: Sequence[Any]
    probability: Floats
    version: NDArray[np.int64]
    moments: Moments
    outreach_days: Floats

    def __len__(self) -> int:
        return len(self.keys)


def open_leads(
    session: Session, criteria: Sequence[ColumnElement[bool]], now: datetime, kinds: Sequence[str] = ()
) -> OpenLeads:
    """Read the leads that meet the criteria (on `Lead`), with counts of all kinds they have, and of these."""
    asked = (
        type_coerce(Lead.id, NullType()),
        _raw(Lead.owner_id),
        Lead.stage,
        Lead.source,
        Lead.value_minor,
        Lead.currency,
        _raw(Lead.attributes),
        _raw(Lead.opened_at),
        _raw(Lead.updated_at),
        Lead.probability,
        func.coalesce(Lead.model_number, -1),
    )
    rows = session.execute(select(*asked).where(*criteria).order_by(Lead.id)).all()
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(asked)
    keys, owners, stages, sources, minor, currencies, documents, opened, updated, *former = columns
    counted = _counted(session, criteria, keys, now, kinds)
    moments = Moments(
        lead=np.arange(len(rows)),
        weight=np.ones(len(rows)),
        standing=Standing(
            counted.kinds,
            counted.counts,
            counted.recent,
            quiet_days=np.maximum(0.0, (now.timestamp() - counted.last) / DAY),
            age_days=np.maximum(0.0, now.timestamp() - seconds(opened)) / DAY,
        ),
        stage=np.array([STAGE_PLACES.get(one, len(STAGES) - 1) for one in stages], np.int64),
        sources=sources,
        values=_majors(minor, currencies),
        attributes=[_document(one) for one in documents],
    )
    return OpenLeads(
        keys,
        owners=owners,
        stages=stages,
        updated=updated,
        probability=np.array(former[0], float),  # None is NaN
        version=np.array(former[1], np.int64),
        moments=moments,
        outreach_days=np.maximum(0.0, (now.timestamp() - counted.outreach) / DAY),
    )


def _majors(minor: Sequence[int | None], currencies: Sequence[str]) -> Floats:
    """Amounts in major units, NaN where there is none."""
    unit = {one: 10.0 ** exponent_of(one) for one in set(currencies)}
    amounts: Floats = np.array(minor, float)  # None is NaN
    answer: Floats = amounts / np.fromiter(map(unit.__getitem__, currencies), float, len(currencies))
    return answer


@dataclass(frozen=True)
class _Counted:
    kinds: tuple[str, ...]
    counts: Floats
    recent: Floats
    last: Floats
    outreach: Floats


def _counted(
    session: Session,
    criteria: Sequence[ColumnElement[bool]],
    keys: Sequence[Any],
    now: datetime,
    kinds: Sequence[str],
) -> _Counted:
    """Sums of activities by lead: named kinds in one row a lead, others in rows of their own."""
    named = tuple(dict.fromkeys([*POINTS, *kinds]))
    theirs = [Activity.lead_id.in_(select(Lead.id).where(*criteria)), Activity.at <= now]
    recent = func.count().filter(Activity.at > now - timedelta(days=RECENT_DAYS))
    outreach = func.max(Activity.at).filter(Activity.kind.in_(OUTREACH))
    lead = type_coerce(Activity.lead_id, NullType())
    asked = (lead, recent, _raw(func.max(Activity.at)), _raw(outreach), func.count())
    columns = [func.count().filter(Activity.kind == kind) for kind in named]
    summed = session.execute(select(*asked, *columns).where(*theirs).group_by(Activity.lead_id)).all()
    whose, late, last, reached, all_of_them, *by_kind = zip(*summed, strict=True) if summed else [()] * 5
    places = {key: place for place, key in enumerate(keys)}
    at = np.fromiter(map(places.__getitem__, whose), np.int64, len(whose))
    others: Sequence[Any] = []
    if sum(all_of_them) > sum(map(sum, by_kind)):
        others = session.execute(
            select(lead, Activity.kind, func.count())
            .where(*theirs, Activity.kind.not_in(named))
            .group_by(Activity.lead_id, Activity.kind)
        ).all()
    further = tuple(dict.fromkeys(row[1] for row in others))
    counts = np.zeros((len(keys), len(named) + len(further)))
    if summed:
        counts[at, : len(named)] = np.array(by_kind, float).T
    for key, kind, count in others:
        counts[places[key], len(named) + further.index(kind)] = count
    return _Counted(
        (*named, *further),
        counts,
        recent=_placed(at, np.array(late, float), 0.0, len(keys)),
        last=_placed(at, seconds(last), -np.inf, len(keys)),
        outreach=_placed(at, seconds(reached), -np.inf, len(keys)),
    )


def _placed(at: NDArray[np.int64], values: Floats, empty: float, length: int) -> Floats:
    found = np.full(length, empty)
    found[at] = values
    return found
