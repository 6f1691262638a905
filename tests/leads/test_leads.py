"""Leads: what is stored of what is said, stages kept, facts kept, the mark for the scoring."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.leads.records import (
    LEAD,
    a_lead,
    activities,
    all_of,
    changed,
    clients,
    facts,
    scored,
    stale,
    steps,
)
from webapp.core.audit import AuditAction, AuditEntry, PersonKey
from webapp.core.db import scope_to
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.leads.activities import record_activities
from webapp.leads.leads import change_lead, change_many, delete_lead, lead_named, upsert_leads
from webapp.leads.models import Activity, Lead, StageChange
from webapp.leads.reading import Around, Given, attribute_text, clean_lead, merged, read_attribute

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AROUND = Around(UTC, "EUR", NOW)


def cleaned(attributes: Any = None, **texts: str) -> dict[str, Any]:
    return clean_lead(Given({**LEAD, **texts}, attributes or {}), AROUND)


def short(moment: datetime | None) -> str | None:
    return moment and f"{moment:%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("texts", "times"),
    [
        ({}, ("11-01 10:00", "11-01 10:00", None)),
        ({"created_at": ""}, ("11-20 12:00", "11-20 12:00", None)),
        ({"stage": "QUALIFIED"}, ("11-01 10:00", "11-20 12:00", None)),
        (
            {"stage": "qualified", "stage_changed_at": "2026-11-03T08:00:00Z"},
            ("11-01 10:00", "11-03 08:00", None),
        ),
        (
            {"stage": "WON", "closed_at": "2026-11-05T08:00:00Z"},
            ("11-01 10:00", "11-05 08:00", "11-05 08:00"),
        ),
        (
            {"stage": "LOST", "stage_changed_at": "2026-11-05 08:00"},
            ("11-01 10:00", "11-05 08:00", "11-05 08:00"),
        ),
        ({"stage": "WON"}, ("11-01 10:00", "11-20 12:00", "11-20 12:00")),
        (
            {"stage": "WON", "created_at": "", "closed_at": "2026-10-05T08:00:00Z"},
            ("10-05 08:00", "10-05 08:00", "10-05 08:00"),
        ),
    ],
)
def test_times_that_are_not_said_follow(texts: dict[str, str], times: tuple[str, str, str | None]) -> None:
    found = cleaned(**texts)
    assert tuple(short(found[name]) for name in ("opened_at", "stage_changed_at", "closed_at")) == times


@pytest.mark.parametrize(
    ("texts", "field", "why"),
    [
        ({"lead_id": "a/b"}, "lead_id", "slash"),
        ({"name": " "}, "name", "needs a name"),
        ({"email": "x" * 255}, "email", "under 254"),
        ({"value": "much"}, "value", "no amount"),
        ({"value": "-1"}, "value", "negative"),
        ({"value": "1.234"}, "value", "decimals"),
        ({"currency": "EURO"}, "currency", "three letters"),
        ({"stage": "WAITING"}, "stage", "NEW, CONTACTED"),
        ({"created_at": "soon"}, "created_at", "Write the time"),
        ({"created_at": "2026-11-22T12:00:00Z"}, "created_at", "not come yet"),
        ({"closed_at": "2026-11-05T08:00:00Z"}, "closed_at", "won or lost"),
        ({"stage": "WON", "closed_at": "2026-10-05T08:00:00Z"}, "closed_at", "before it began"),
        ({"stage_changed_at": "2026-10-05T08:00:00Z"}, "stage_changed_at", "before the lead began"),
    ],
)
def test_what_cannot_be_stored_is_named_by_its_field(texts: dict[str, str], field: str, why: str) -> None:
    with pytest.raises(DomainError) as refused:
        cleaned(**texts)
    assert list(refused.value.details) == [field]
    assert why in refused.value.details[field]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("3.50", 3.5),
        ("-0.25", -0.25),
        ("007", "007"),
        ("+49 30", "+49 30"),
        ("12345678901234567", "12345678901234567"),
        ("True", True),
        ("yes", "yes"),
        ("Berlin ", "Berlin"),
        ("1e5", "1e5"),
    ],
)
def test_an_attribute_of_a_file_is_a_number_where_it_plainly_is_one(text: str, value: Any) -> None:
    found = read_attribute(text)
    assert (found, type(found)) == (value, type(value))
    assert read_attribute(attribute_text(found)) == value


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("score", 1, "column of every lead"),
        ("Owner", "x", "column of every lead"),
        ("x" * 81, 1, "under 80"),
        ("  ", 1, "Name the attribute"),
        ("size", "y" * 501, "under 500"),
        ("size", 1e16, "beyond"),
        ("a\0b", 1, "NUL"),
    ],
)
def test_an_attribute_that_cannot_be_kept_is_named(name: str, value: Any, why: str) -> None:
    with pytest.raises(DomainError, match=why):
        cleaned({name: value})


def test_a_saved_lead_keeps_what_is_not_said_but_times_belong_to_their_stage() -> None:
    saved = Given(
        {**LEAD, "stage": "WON", "stage_changed_at": "a", "closed_at": "a"}, {"rooms": 3, "garden": True}
    )
    assert merged(saved, Given({"name": "B"}), NOW).texts == {**saved.texts, "name": "B"}
    assert merged(saved, Given({"closed_at": "", "stage": ""}), NOW).texts == saved.texts
    reopened = merged(saved, Given({"stage": "PROPOSAL"}, {"garden": None}), NOW).texts
    assert (reopened["stage_changed_at"], reopened["closed_at"]) == ("", "")
    assert merged(saved, Given({"closed_at": "b"}), NOW).texts["stage_changed_at"] == ""
    assert merged(saved, Given({}, {"garden": None}), NOW).attributes == {"rooms": 3, "garden": None}


def test_a_new_lead_is_stored_with_its_first_stages_and_no_facts(world: World) -> None:
    lead = a_lead(world, attributes={"rooms": 3, "garden": None, "region": "North"})
    assert (lead.value_minor, lead.currency, lead.stale, lead.version) == (25_000_000, "EUR", True, 1)
    assert lead.attributes == {"region": "North", "rooms": 3}
    assert lead.owner_id == world.staff["editor"]
    won = a_lead(world, lead_id="l-2", stage="WON", closed_at="2026-11-05T08:00:00Z", owner="", value="")
    assert steps(world, lead.id) == [("NEW", "11-01 10:00")]
    assert steps(world, won.id) == [("NEW", "11-01 10:00"), ("WON", "11-05 08:00")]
    assert facts(world, lead.id) == facts(world, won.id) == []
    assert (won.owner_id, won.value_minor) == (None, None)
    scope_to(world.session, world.company_id)
    assert {lead.id, won.id} <= set(world.session.scalars(select(PersonKey.person_id)))


def test_a_lead_without_an_id_gets_one(world: World) -> None:
    one, two = a_lead(world, lead_id=""), a_lead(world, lead_id=" ")
    assert one.identifier.startswith("L-")
    assert one.identifier != two.identifier
    with pytest.raises(DomainError) as refused:
        a_lead(world, lead_id=one.identifier)
    assert refused.value.code == "taken"


def test_a_stage_change_is_kept_and_closes_and_reopens(world: World) -> None:
    lead = a_lead(world)
    lead = changed(world, lead, stage="CONTACTED", stage_changed_at="2026-11-02T09:00:00Z")
    lead = changed(world, lead, stage="WON", closed_at="2026-11-04T09:00:00Z")
    assert (short(lead.closed_at), short(lead.stage_changed_at)) == ("11-04 09:00", "11-04 09:00")
    lead = changed(world, lead, closed_at="2026-11-05T09:00:00Z")
    known = [("NEW", "11-01 10:00"), ("CONTACTED", "11-02 09:00"), ("WON", "11-05 09:00")]
    assert steps(world, lead.id) == known
    lead = changed(world, lead, stage="PROPOSAL")
    assert (lead.closed_at, lead.version) == (None, 5)
    assert [stage for stage, _ in steps(world, lead.id)] == ["NEW", "CONTACTED", "WON", "PROPOSAL"]
    lead = changed(world, lead, created_at="2026-10-30T10:00:00Z")
    assert steps(world, lead.id)[0] == ("NEW", "10-30 10:00")


def test_what_became_of_source_value_and_attributes_is_kept_with_what_it_was(world: World) -> None:
    lead = a_lead(world, attributes={"rooms": 3})
    lead = changed(world, lead, name="Somebody else", email="else@example.com")
    assert facts(world, lead.id) == []
    lead = changed(world, lead, {"rooms": 4, "garden": True}, source="portal", value="300000")
    lead = changed(world, lead, {"garden": None}, source="")
    assert facts(world, lead.id) == [
        ("attributes.garden", {}, {"value": True}),
        ("attributes.rooms", {"value": 3}, {"value": 4}),
        ("source", {"value": "website"}, {"value": "portal"}),
        ("value", {"value": 25_000_000}, {"value": 30_000_000}),
        ("attributes.garden", {"value": True}, {}),
        ("source", {"value": "portal"}, {}),
    ]


@pytest.mark.parametrize(
    ("texts", "attributes", "marked"),
    [
        ({"name": "Other", "email": "", "lead_id": "l-9"}, {}, False),
        ({"stage": "CONTACTED"}, {}, True),
        ({"owner": ""}, {}, True),
        ({"source": "event"}, {}, True),
        ({"value": "1"}, {}, True),
        ({"created_at": "2026-10-01T10:00:00Z"}, {}, True),
        ({}, {"rooms": 4}, True),
        ({}, {"rooms": 3}, False),
    ],
)
def test_only_what_the_scoring_reads_marks_a_lead(
    world: World, texts: dict[str, str], attributes: dict[str, Any], marked: bool
) -> None:
    lead = a_lead(world, attributes={"rooms": 3})
    scored(world)
    changed(world, lead, attributes, **texts)
    assert list(stale(world).values()) == [marked]


def test_an_unchanged_lead_makes_no_version_and_a_stale_edit_is_refused(world: World) -> None:
    lead = a_lead(world)
    assert changed(world, lead, **LEAD).version == 1
    assert changed(world, lead, name="New").version == 2
    common = clients(world)
    with pytest.raises(Conflict):
        change_lead(world.session, world.actor(), lead.id, Given({"name": "Mine"}), 1, **common)


def test_an_owner_is_somebody_of_the_company(world: World) -> None:
    for nobody in ("stranger@test.example", "who@test.example"):
        with pytest.raises(DomainError) as refused:
            a_lead(world, owner=nobody)
        assert list(refused.value.details) == ["owner"]
    assert a_lead(world, owner=" Admin@Test.example").owner_id == world.staff["admin"]


def test_many_are_created_changed_and_left_in_one_go(world: World) -> None:
    a_lead(world)
    a_lead(world, lead_id="l-2")
    givens = [
        Given({"lead_id": "l-1", "stage": "LOST"}),
        Given({"lead_id": "l-2", "name": LEAD["name"]}),
        Given({"lead_id": "l-3", "name": "Cem"}, {"rooms": 2}),
        Given({"name": "Dana"}),
    ]
    done = upsert_leads(world.session, world.actor(), givens, **clients(world))
    assert (done.created, done.updated, done.unchanged) == (2, 1, 1)
    assert [lead.stage.value for lead in all_of(world, Lead) if lead.identifier in done.ids[:3]] == [
        "LOST",
        "NEW",
        "NEW",
    ]
    bad = [Given({"lead_id": "l-1", "owner": "who@test.example"}), Given({"lead_id": "l-1", "name": "x"})]
    with pytest.raises(DomainError) as refused:
        upsert_leads(world.session, world.actor(), [*bad, Given({"lead_id": "new"})], **clients(world))
    assert set(refused.value.details) == {"leads.1.lead_id", "leads.2.name"}
    with pytest.raises(DomainError) as refused:
        upsert_leads(world.session, world.actor(), bad[:1], **clients(world))
    assert set(refused.value.details) == {"leads.0.owner"}


def test_many_are_given_away_at_once(world: World) -> None:
    ids = [a_lead(world, lead_id=f"l-{number}").id for number in range(3)]
    given = Given({"owner": "admin@test.example", "stage": "PROPOSAL"})
    assert change_many(world.session, world.actor(), ids, given, **clients(world)) == 3
    assert change_many(world.session, world.actor(), ids, given, **clients(world)) == 0
    assert {lead.owner_id for lead in all_of(world, Lead)} == {world.staff["admin"]}
    scope_to(world.session, world.company_id)
    traced = select(AuditEntry.changes).where(AuditEntry.action == AuditAction.LEAD_CHANGED)
    assert [set(one) for one in world.session.scalars(traced)] == [{"owner", "stage", "stage_changed_at"}] * 3


def test_a_deleted_lead_takes_its_history_along_and_is_traced(world: World) -> None:
    lead = a_lead(world)
    record_activities(world.session, world.actor(), lead.id, [{"kind": "call"}], **clients(world))
    delete_lead(world.session, world.actor(), lead.id, auditor=world.services.auditor)
    scope_to(world.session, world.company_id)
    assert not world.session.scalars(select(StageChange.id)).all()
    assert not world.session.scalars(select(Activity.id)).all()
    deeds = world.session.scalars(select(AuditEntry.action)).all()
    assert {AuditAction.LEAD_CREATED, AuditAction.ACTIVITY_RECORDED, AuditAction.LEAD_DELETED} <= set(deeds)
    for missing in ("l-1", "a\0"):
        with pytest.raises(NotFound):
            lead_named(world.session, missing)


def test_an_activity_is_counted_once_and_has_its_lead_scored_anew(world: World) -> None:
    lead, other = a_lead(world), a_lead(world, lead_id="l-2")
    scored(world)
    told = [
        {"activity_id": "a-1", "kind": "E-mail open", "at": "2026-11-02T08:00:00Z"},
        {"activity_id": "a-1", "kind": "call", "at": "2026-11-03T08:00:00Z"},
        {"kind": "meeting", "note": "In the house", "at": "2026-11-04 08:00"},
    ]
    done = record_activities(world.session, world.actor(), lead.id, told, **clients(world))
    assert (done.new, [one.kind for one in done.rows]) == (2, ["e-mail_open", "e-mail_open", "meeting"])
    assert stale(world) == {"l-1": True, "l-2": False}
    assert all_of(world, Lead)[0].version == lead.version == 1
    again = record_activities(world.session, world.actor(), lead.id, told[:1], **clients(world))
    assert (again.new, len(activities(world, lead.id))) == (0, 2)
    with pytest.raises(DomainError) as refused:
        record_activities(world.session, world.actor(), other.id, told[:1], **clients(world))
    assert list(refused.value.details) == ["activity_id"]
    bad = [{"kind": "call"}, {"kind": "*"}, {"kind": "", "at": "soon"}]
    with pytest.raises(DomainError) as refused:
        record_activities(world.session, world.actor(), lead.id, bad, **clients(world))
    assert set(refused.value.details) == {"activities.1.kind", "activities.2.kind", "activities.2.at"}
