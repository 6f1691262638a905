"""The hourly look for overrides whose time is over."""

from __future__ import annotations

from webapp.archetypes.overriding import Overriding
from webapp.core.access import Permission
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.when import When
from webapp.core.text import plural


def expire(context: ItemContext) -> None:
    """End them set by set, each audited. Prices follow an expiry at once; this mends what lists show."""
    ended = Overriding(context.clock, context.auditor).expire(context.session, context.actor)
    note = f"{plural(ended, 'override')} ended." if ended else "None was due."
    with context.effect({"result": "looked", "ended": ended, "note": note}):
        pass


EXPIRE = JobKind(
    "archetypes.expire",
    "End overrides whose time is over",
    Queue.DEFAULT,
    Permission.ARCHETYPES_MANAGE,
    expire,
)
SCHEDULES = (
    Schedule("archetypes.expire", "End overrides whose time is over", EXPIRE, When(minute=5), lambda _: {}),
)
