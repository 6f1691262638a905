"""How long each kind of data is kept, said by the company, and the nightly purge of what is older."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from webapp.accounts.companies import current_company
from webapp.core.access import Actor, Permission
from webapp.core.audit import AuditAction, Auditor
from webapp.core.db import unit
from webapp.core.errors import DomainError
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.when import When
from webapp.core.retention import Kept
from webapp.core.services import services
from webapp.privacy.keeping_models import RetentionRule

AT_ONCE = 2_000  # rows that one transaction removes
LONGEST = 36_500  # days


@dataclass(frozen=True)
class Age:
    """A kind of data with the days that hold for the company, and how old its oldest row is."""

    kept: Kept
    days: int | None
    oldest: datetime | None = None

    def overdue(self, now: datetime) -> bool:
        """Whether something is past its age and waits for the next purge."""
        return self.days is not None and self.oldest is not None and self.oldest < now - timedelta(self.days)


def kinds() -> tuple[Kept, ...]:
    """Every kind of data with an age, in the order of the areas."""
    return tuple(one for area in services().areas for one in area.kept)


def ages(session: Session) -> list[Age]:
    """How long the company keeps what."""
    said = {row.kind: row.days for row in session.scalars(select(RetentionRule))}
    return [Age(one, one.own(session) if one.own else said.get(one.name, one.days)) for one in kinds()]


def with_oldest(session: Session, found: Sequence[Age]) -> list[Age]:
    """The same with the time of the oldest row of each."""
    return [
        Age(one.kept, one.days, session.scalar(select(func.min(one.kept.at)).where(*one.kept.only)))
        for one in found
    ]


def change_ages(session: Session, actor: Actor, wanted: Mapping[str, int | None], auditor: Auditor) -> int:
    """Have the company keep these kinds for so many days (None: for good); answers how many changed.

    Raises DomainError naming each kind whose days make no sense.
    """
    own = {one.name for one in kinds() if one.own}
    wrong = {
        name: f"Write days from 1 to {LONGEST:,}, or nothing to keep it for good."
        for name, days in wanted.items()
        if days is not None and not 1 <= days <= LONGEST
    }
    if wrong:
        raise DomainError("Some of these ages cannot be.", code="invalid_age", details=wrong)
    with unit(session):
        now = {one.kept.name: one.days for one in ages(session)}
        rows = {row.kind: row for row in session.scalars(select(RetentionRule))}
        changed = {
            name: days
            for name, days in wanted.items()
            if name in now and name not in own and days != now[name]
        }
        for name, days in changed.items():
            row = rows.get(name) or RetentionRule(kind=name)
            row.days = days
            session.add(row)
        if changed:
            before = {name: (now[name], days) for name, days in changed.items()}
            company = current_company(session)
            auditor.record(session, actor, AuditAction.RETENTION_CHANGED, company, changes=before)
    return len(changed)


def purge(context: ItemContext) -> None:
    """Remove, set by set, what is past its age; the item tells how many rows of what."""
    if not services().settings.gdpr_compliant:
        with context.effect({"result": "off", "note": OFF}):
            return
    found = ages(context.session)
    context.session.commit()
    removed = {one.kept.name: sum(_removed(context, one)) for one in found if one.days is not None}
    gone = {name: count for name, count in removed.items() if count}
    labels = {one.kept.name: one.kept.label for one in found}
    told = "; ".join(f"{labels[name]}: {count:,}" for name, count in gone.items())
    with context.effect({"result": "purged", "note": told or NOTHING, "removed": gone}) as session:
        changes = {name: (count, None) for name, count in gone.items()}
        company, who = current_company(session), context.actor
        if changes:
            context.auditor.record(session, who, AuditAction.RETENTION_PURGED, company, changes=changes)


OFF = "Nothing is purged: GDPR_COMPLIANT is false for this instance."
NOTHING = "Nothing was past its age."


def _removed(context: ItemContext, age: Age) -> Iterator[int]:
    """Remove rows older than the age, a set in each transaction; answers each set's count."""
    assert age.days is not None
    before = context.clock.now() - timedelta(days=age.days)
    model = age.kept.model
    old = select(model.id).where(age.kept.at < before, *age.kept.only).limit(AT_ONCE)
    while ids := list(context.session.scalars(old)):
        context.session.commit()
        context.stop_if_asked()
        with context.lease.unit(context.session) as session:
            session.execute(delete(model).where(model.id.in_(ids)))
        yield len(ids)
    context.session.commit()


PURGE = JobKind(
    "privacy.purge",
    "Purge what is past its age",
    Queue.BATCH,
    Permission.PRIVACY_MANAGE,
    purge,
    results={"purged": "Purged", "off": "Switched off"},
)
NIGHTLY = Schedule("privacy.purge", "Purge what is past its age", PURGE, When(hour=4), lambda _settings: {})
