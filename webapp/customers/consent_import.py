"""Consents from files: rows that are added to the history, none that is changed; the newest counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.accounts.companies import zone_of
from webapp.core.access import Permission
from webapp.core.audit import AuditAction
from webapp.core.db import lock_key
from webapp.core.errors import Conflict
from webapp.core.imports.kind import Change, Existing, ImportColumn, ImportKind, Values, Writing
from webapp.core.reading import in_zone, moment_text, read_identifier, read_moment, read_text, read_word
from webapp.core.services import services
from webapp.customers.facts import Purpose
from webapp.customers.models import Consent, Preference
from webapp.customers.preferences import GONE
from webapp.customers.rules.preferring import NAME_OF
from webapp.people.erased import erased_of
from webapp.people.known import made_persons, person_ids_of

AHEAD = timedelta(minutes=5)
YES, NO = {"yes", "true", "1", "granted", "y"}, {"no", "false", "0", "refused", "withdrawn", "n"}
CHANGED = "What these rows name was changed since the dry run. Nothing was written; run it again."
OTHERWISE = "Another record of this moment says otherwise; a history is not rewritten."
LABELS = {
    "user_id": "User id",
    "purpose": "Purpose",
    "granted": "Granted",
    "at": "At",
    "wording": "Wording",
}
Problem = tuple[str, str] | None
Key = tuple[UUID, Purpose, datetime]


def _read_user(given: str) -> str:
    return read_identifier(given, "person")


def _read_granted(given: str) -> str:
    word = given.strip().casefold()
    if word not in YES | NO:
        raise ValueError("Write yes or no.")
    return "yes" if word in YES else "no"


def _read_at(given: str) -> str:
    moment = read_moment(given)
    return moment_text(moment) if moment.tzinfo else moment.isoformat()


def _complete(session: Session, rows: Sequence[dict[str, Any]]) -> list[Problem]:
    """Times in UTC; who was erased, and what contradicts the history, is refused."""
    made = services()
    zone, latest = zone_of(session), made.clock.now() + AHEAD
    erased = erased_of(session, made.settings.audit_secret(), {row["user_id"] for row in rows})
    for row in rows:
        row.update(_meant(row, zone))
    known = _known(session, rows)
    return [_problem(row, latest, erased, saved) for row, saved in zip(rows, known, strict=True)]


def _meant(row: Values, zone: ZoneInfo) -> dict[str, Any]:
    """The row with its time in UTC; what is staged of a file is as the file has it."""
    return {"wording": "", **row, "at": moment_text(in_zone(read_moment(row["at"]), zone))}


def _problem(row: Values, latest: datetime, erased: set[str], saved: Consent | None) -> Problem:
    if row["user_id"] in erased:
        return LABELS["user_id"], GONE
    if read_moment(row["at"]) > latest:
        return LABELS["at"], "This time has not come yet."
    if saved is not None and not _same(saved, row):
        return LABELS["granted"], OTHERWISE
    return None


def _same(saved: Consent, row: Values) -> bool:
    return saved.granted is (row["granted"] == "yes") and row["wording"] in {"", saved.wording}


def _find(session: Session, rows: Sequence[Values]) -> list[list[Existing]]:
    return [
        [Existing(one.id, 1, row)] if one else []
        for row, one in zip(rows, _known(session, rows), strict=True)
    ]


def _known(session: Session, rows: Sequence[Values]) -> list[Consent | None]:
    """The record of the same person, purpose and moment, for each row that has one."""
    persons = person_ids_of(session, [row["user_id"] for row in rows])
    moments = {read_moment(row["at"]) for row in rows}
    found = session.scalars(
        select(Consent).where(Consent.person_id.in_(persons.values()), Consent.at.in_(moments))
    )
    saved: dict[Key, Consent] = {(one.person_id, one.purpose, one.at): one for one in found}
    return [
        saved.get((persons[row["user_id"]], Purpose(row["purpose"]), read_moment(row["at"])))
        if row["user_id"] in persons
        else None
        for row in rows
    ]


def _write(session: Session, writing: Writing, changes: Sequence[Change]) -> None:
    """Add the records, make who is not known yet, and have the newest of each purpose count."""
    made, zone = services(), zone_of(session)
    rows = [_meant(one.values, zone) for one in changes]
    names = {row["user_id"] for row in rows}
    if erased_of(session, made.settings.audit_secret(), names) or any(_known(session, rows)):
        raise Conflict(CHANGED)
    persons = made_persons(session, writing.actor, names, clock=made.clock, auditor=writing.auditor)
    added = [
        {**_columns(one.id, row, writing), "person_id": persons[row["user_id"]]}
        for one, row in zip(changes, rows, strict=True)
    ]
    session.connection().execute(insert(Consent.__table__), added)  # type: ignore[arg-type]  # a table
    _follow(session, writing, added)
    counts = defaultdict[UUID, int](int)
    for row in added:
        counts[row["person_id"]] += 1
    traces = [(person_id, {"consents": (None, count)}) for person_id, count in counts.items()]
    whose = {person_id: person_id for person_id in counts}
    action = AuditAction.CONSENTS_IMPORTED
    writing.auditor.record_many(session, writing.actor, action, "person", traces, persons=whose)


def _columns(row_id: UUID, row: Values, writing: Writing) -> dict[str, Any]:
    return {
        "id": row_id,
        "company_id": writing.company_id,
        "purpose": Purpose(row["purpose"]),
        "granted": row["granted"] == "yes",
        "at": read_moment(row["at"]),
        "by": writing.actor.name[:200],
        "wording": row["wording"],
    }


def _follow(session: Session, writing: Writing, added: Sequence[Mapping[str, Any]]) -> None:
    """Where one of these records is the newest of its purpose, the preference says what it says."""
    ours = {row["id"] for row in added}
    newest = _newest(session, {row["person_id"] for row in added})
    wanted = defaultdict[UUID, dict[str, bool]](dict)
    for row in newest:
        if row.id in ours:
            wanted[row.person_id][NAME_OF[row.purpose]] = row.granted
    lock_key(session, "preferences", writing.company_id)
    saved = session.scalars(select(Preference).where(Preference.person_id.in_(wanted)).with_for_update())
    known = {row.person_id: row for row in saved}
    for person_id, said in wanted.items():
        preference = known.get(person_id) or _fresh(session, person_id, writing)
        if any(getattr(preference, name) is not value for name, value in said.items()):
            for name, value in said.items():
                setattr(preference, name, value)
            preference.version, preference.updated_at = preference.version + 1, writing.now
    session.flush()


def _fresh(session: Session, person_id: UUID, writing: Writing) -> Preference:
    row = Preference(person_id=person_id, version=0, created_at=writing.now, updated_at=writing.now)
    session.add(row)
    return row


def _newest(session: Session, persons: Iterable[UUID]) -> list[Consent]:
    """The newest record of each person and purpose."""
    rows = session.scalars(
        select(Consent).where(Consent.person_id.in_(list(persons))).order_by(Consent.at, Consent.id)
    )
    return list({(row.person_id, row.purpose): row for row in rows}.values())


CONSENT_IMPORT = ImportKind(
    name="consents",
    noun="consent",
    permission=Permission.CUSTOMERS_WRITE,
    columns=(
        ImportColumn("user_id", LABELS["user_id"], _read_user, True, ("user", "person", "customer_id", "id")),
        ImportColumn(
            "purpose",
            LABELS["purpose"],
            lambda given: read_word(Purpose, given).value,
            True,
            ("consent", "kind"),
        ),
        ImportColumn("granted", LABELS["granted"], _read_granted, True, ("given", "consented", "state")),
        ImportColumn("at", LABELS["at"], _read_at, True, ("time", "timestamp", "granted_at", "date")),
        ImportColumn(
            "wording", LABELS["wording"], lambda given: read_text(given, 40), also=("version", "text")
        ),
    ),
    key=lambda values: (values["user_id"], values["purpose"], values["at"]),
    find=_find,
    write=_write,
    endpoint="consents.index",
    complete=_complete,
)
