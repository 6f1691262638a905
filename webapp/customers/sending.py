"""When a customer is best written to: by their own engagement and the company's, where they consented."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.clock import Clock
from webapp.core.errors import DomainError, Forbidden
from webapp.customers.cache import EVERYBODY, Cache
from webapp.customers.facts import Channel, Feature, Kind
from webapp.customers.models import Event, Preference
from webapp.customers.preferences import effective
from webapp.customers.rules.send_time import Best, Quiet, best_time, hours_of
from webapp.customers.service import Service, need
from webapp.people.erased import is_erased
from webapp.people.known import person_id_of

OPENED = (Kind.EMAIL_OPEN.value, Kind.EMAIL_CLICK.value)
# What says that a message was met. Of an SMS nobody hears, so there everything counts.
ENGAGED = {
    Channel.EMAIL: OPENED,
    Channel.PUSH: (Kind.NOTIFICATION_OPEN.value,),
    Channel.SMS: (*OPENED, Kind.NOTIFICATION_OPEN.value),
}
OWN = 1_000  # engagements of one customer that are read
COMPANY = 20_000  # engagements of the company that are read
LOOKED_AT = 200_000  # newest events among which they are looked for


@dataclass(frozen=True)
class SendTime:
    """The best moment, and the clock by which its hour is told."""

    best: Best
    timezone: str


@dataclass(frozen=True)
class Sending:
    """The deed, with the clients it needs. `key` is the one that erased persons are known by."""

    clock: Clock
    cache: Cache
    key: bytes

    def best(self, session: Session, service: Service, user_id: str, channel: Channel) -> SendTime:
        """Answer the best hour for this channel; for somebody unknown, the company's. Writes nothing.

        Raises Forbidden with smart notifications off or without consent to the channel, DomainError when
        every hour is quiet (409) or the person was erased (410).
        """
        need(service, Feature.SEND_TIME)
        person_id = person_id_of(session, user_id)
        if person_id is None and is_erased(session, self.key, user_id):
            raise DomainError("This person was erased: nobody writes to them.", code="erased", status=410)
        wants = effective(session, service, person_id)
        if not getattr(wants, channel.value):
            why = f"This customer does not want to be written to by {channel.label}."
            raise Forbidden(why, code="no_consent", details={"channel": channel.value})
        zone, now = ZoneInfo(wants.timezone), self.clock.now()
        own = select(Event.at).where(Event.person_id == person_id, Event.kind.in_(ENGAGED[channel]))
        newest = own.order_by(Event.at.desc(), Event.id.desc()).limit(OWN)
        hours = Counter(at.astimezone(zone).hour for at in session.scalars(newest)) if person_id else {}
        company = self._company(session, service, channel)
        quiet = Quiet(wants.quiet_from, wants.quiet_until)
        best = best_time(hours_of(hours), company, quiet, zone, now)
        if best is None:
            why = "Every hour of this customer’s day is quiet."
            raise DomainError(why, code="always_quiet", status=409, details={"quiet_hours": why})
        return SendTime(best, zone.key)

    def _company(self, session: Session, service: Service, channel: Channel) -> list[float]:
        """The hours in which the company's customers engage; at most as old as the cache keeps anything."""
        usual = effective(session, service, None).timezone
        name = f"hours:{channel.value}:{usual}"
        kept: list[float] = self.cache.kept(
            session, EVERYBODY, name, lambda: company_hours(session, channel, usual)
        )
        return kept


def company_hours(session: Session, channel: Channel, usual: str, looked_at: int = LOOKED_AT) -> list[float]:
    """Counts by hour of the company's newest engagements, each by its customer's clock.

    `usual` is the time zone of who said none. They are looked for among the newest events only, so that
    a company with few of them is not read to its beginning.
    """
    newest_first = Event.at.desc()
    border = session.scalar(select(Event.at).order_by(newest_first).offset(looked_at).limit(1))
    engaged = select(Event.at, Preference.timezone).outerjoin(
        Preference, Preference.person_id == Event.person_id
    )
    engaged = engaged.where(Event.kind.in_(ENGAGED[channel]))
    if border is not None:
        engaged = engaged.where(Event.at > border)
    engaged = engaged.order_by(newest_first).limit(COMPANY)
    zones = dict[str, ZoneInfo]()
    counts: Counter[int] = Counter()
    for at, said in session.execute(engaged):
        counts[_hour(at, zones.setdefault(said or usual, ZoneInfo(said or usual)))] += 1
    return hours_of(counts)


def _hour(at: datetime, zone: ZoneInfo) -> int:
    return at.astimezone(zone).hour
