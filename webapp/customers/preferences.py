"""A customer's preferences: what counts, changed as read, set back; each change of a consent is recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.checks import checked_identifier
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, unit
from webapp.core.errors import Conflict, DomainError, Forbidden
from webapp.core.reading import read_identifier, refuse
from webapp.core.services import Services
from webapp.customers.cache import Cache, cache_of
from webapp.customers.facts import Feature
from webapp.customers.models import Consent, Preference
from webapp.customers.rules.preferring import (
    NAMES,
    WIRE,
    Effective,
    consents_in,
    effective_of,
    locked,
    read_wanted,
    written,
)
from webapp.customers.service import Service, need, service_of
from webapp.people.erased import is_erased
from webapp.people.known import made_persons, person_id_of
from webapp.people.models import Person

__all__ = ["Effective", "Preferring", "effective", "effective_in", "preference_of", "preferring", "said_in"]
OWN = select(Preference).where(Preference.person_id == bindparam("who"))  # built once: homepages ask it
STALE = "These preferences were changed meanwhile, in another window or by a program."
GONE = "This person was erased: nothing is kept of them any more."


def effective(session: Session, service: Service, person_id: UUID | None) -> Effective:
    """The preferences that count for a person; the defaults for a stranger. Writes nothing."""
    return effective_in(preference_of(session, person_id) if person_id else None, service)


def effective_in(row: Preference | None, service: Service) -> Effective:
    """The preferences that count by what the row says."""
    version = row.version if row else 0
    return effective_of(said_in(row), version, service.defaults, consent_first=service.consent_first)


def preference_of(session: Session, person_id: UUID) -> Preference | None:
    """What the person said, if they said anything."""
    return session.scalar(OWN, {"who": person_id})


def said_in(row: Preference | None) -> dict[str, Any]:
    """What the row says, None for what is unsaid."""
    return {name: getattr(row, name) if row else None for name in NAMES}


@dataclass(frozen=True)
class Preferring:
    """The deeds, with the clients they need. `key` is the one that erased persons are known by."""

    service: Service
    clock: Clock
    auditor: Auditor
    key: bytes
    cache: Cache

    def change(
        self,
        session: Session,
        actor: Actor,
        user_id: str,
        given: Mapping[str, Any],
        *,
        versions: Collection[int] | None = None,
        by_api: bool = False,
    ) -> Effective:
        """Change what is given, by our names; a person who is not known yet is made.

        `versions` are those that the caller has seen (0: nothing said yet). With `by_api` privacy switches
        are locked where opting out is not allowed. Raises Conflict for another version, Forbidden with the
        preference centre off, DomainError naming fields by the wire, or 410 for who was erased.
        """
        need(self.service, Feature.PREFERENCES)
        wanted, problems = read_wanted(given)
        refuse({WIRE.get(name, name): why for name, why in problems.items()})
        with unit(session):
            self._refuse_erased(session, user_id)
            known = person_id_of(session, user_id)
            row = _held(session, known) if known else None
            _seen(row, versions)
            before = said_in(row)
            changed = {name: value for name, value in wanted.items() if before[name] != value}
            if not changed:
                return effective_in(row, self.service)
            if by_api:
                self._refuse_locked(before, changed)
            if row is None:
                row = self._made(session, actor, user_id)
                _seen(row, versions)
                before = said_in(row)  # another first call may have been quicker
                changed = {name: value for name, value in wanted.items() if before[name] != value}
            if changed:
                self._write(session, actor, row, changed, AuditAction.PREFERENCES_CHANGED)
            return effective_in(row, self.service)

    def reset(
        self,
        session: Session,
        actor: Actor,
        user_id: str,
        *,
        versions: Collection[int] | None = None,
        by_api: bool = False,
    ) -> Effective:
        """Take back all that the person said; of who said nothing, nothing is written. Raises as `change`."""
        need(self.service, Feature.PREFERENCES)
        with unit(session):
            self._refuse_erased(session, user_id)
            known = person_id_of(session, user_id)
            row = _held(session, known) if known else None
            _seen(row, versions)
            changed = {name: None for name, value in said_in(row).items() if value is not None}
            if row is not None and changed:
                if by_api:
                    self._refuse_locked(said_in(row), changed)
                self._write(session, actor, row, changed, AuditAction.PREFERENCES_RESET)
            return effective_in(row, self.service)

    def _made(self, session: Session, actor: Actor, user_id: str) -> Preference:
        """The person's row, of a person who is made when they are not there; another call may be first."""
        name, now = _checked(user_id), self.clock.now()
        made = made_persons(session, actor, [name], clock=self.clock, auditor=self.auditor)
        person_id = made[name]
        lock_key(session, "preferences", company_of(session))
        row = _held(session, person_id)
        if row is None:
            row = Preference(person_id=person_id, version=0, created_at=now, updated_at=now)
            session.add(row)
            session.flush()
        return row

    def _write(
        self,
        session: Session,
        actor: Actor,
        row: Preference,
        changed: Mapping[str, Any],
        action: AuditAction,
    ) -> None:
        self.cache.drop(session, session.get_one(Person, row.person_id).identifier)
        before, was = said_in(row), effective_in(row, self.service)
        for name, value in changed.items():
            setattr(row, name, value)
        row.version, row.updated_at = row.version + 1, self.clock.now()
        given = consents_in(before, said_in(row), was, effective_in(row, self.service))
        session.add_all(
            Consent(
                person_id=row.person_id,
                purpose=purpose,
                granted=granted,
                at=row.updated_at,
                by=actor.name[:200],
                wording=self.service.wording,
            )
            for purpose, granted in given
        )
        old, new = written(before), written(changed)
        told = {name: (old[name], value) for name, value in new.items()}
        self.auditor.record(session, actor, action, row, changes=told, person=row.person_id)

    def _refuse_erased(self, session: Session, user_id: str) -> None:
        if is_erased(session, self.key, user_id):
            raise DomainError(GONE, code="erased", status=410, details={"user_id": "erased"})

    def _refuse_locked(self, before: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
        settings = self.service.instance
        if settings.allow_opt_out:
            return
        becomes = effective_of(
            {**before, **changed}, 0, self.service.defaults, consent_first=self.service.consent_first
        )
        problems = locked(
            before,
            changed,
            becomes,
            by_law=settings.gdpr_compliant,
            consent_first=self.service.consent_first,
        )
        if problems:
            details = {WIRE[name]: why for name, why in problems.items()}
            raise Forbidden(" ".join(problems.values()), code="opt_out_not_allowed", details=details)


def preferring(session: Session, made: Services) -> Preferring:
    """The deeds for the session's company."""
    service = service_of(session, made.settings)
    cache = cache_of(made)
    return Preferring(service, made.clock, made.auditor, made.settings.audit_secret(), cache)


def _checked(user_id: str) -> str:
    """A `user_id` that can be one. Raises DomainError naming it."""
    try:
        name = checked_identifier(read_identifier(user_id, "person"))
    except ValueError as error:
        raise DomainError(str(error), code="invalid", details={"user_id": str(error)}) from None
    if name != user_id:
        refuse({"user_id": "A user id neither begins nor ends with a space."})
    return name


def _held(session: Session, person_id: UUID) -> Preference | None:
    return session.scalar(select(Preference).where(Preference.person_id == person_id).with_for_update())


def _seen(row: Preference | None, versions: Collection[int] | None) -> None:
    version = row.version if row else 0
    if versions is not None and version not in versions:
        raise Conflict(STALE, details={"version": f"is {version} now"})
