"""Documents of earlier shapes: where each part goes, what is dropped, and that nothing happens twice."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.personas.fits import KATRIN, PLANTED, confined, contact
from webapp.core.audit import AuditAction, AuditEntry
from webapp.personas.legacy import LegacyUnreadable, documents_in, read_document
from webapp.personas.models import ContactAnalysis, Persona

FIRST = {
    "persona_name": "The chain owner",
    "ideal_roles": ["Owner", "Managing partner"],
    "core_goals": ["Full weeks", "Calm evenings"],
    "pain_points": ["No-shows"],
    "value_prop": "Patients who come",
    "impact_statement": "Fewer empty slots",
}
WIDER = {
    "id": "ck1",
    "personName": "Enterprise CMO",
    "title": "Chief Marketing Officer",
    "headline": "Growing brands",
    "seniority": "C-level",
    "industry": "Software",
    "subIndustries": ["SaaS", "Fintech"],
    "company": "Scale-up",
    "companySize": "201–1,000",
    "annualRevenue": "24M",
    "location": "Galway",
    "description": "Wants a brand people remember",
    "whatTheyWant": "Pipeline they can explain",
    "painPoints": ["Attribution"],
    "risks": ["Budget cuts"],
    "decisionDrivers": ["Proof"],
    "buyerTriggers": ["A new CEO"],
    "confidenceScore": 87,
}
INTEL = {
    "personaId": "p1",
    "contactEmail": KATRIN["email"],
    "fitScore": 87,
    "urgencyScore": 40,
    "finalSummary": "Runs two sites",
    "recommendedTalkTrack": "Begin with Saturdays",
    "recommendedSequence": "Call, then visit",
    "opportunities": ["A second site"],
    "risks": ["No time"],
}


def count(world: World, model: Any = Persona) -> int:
    return int(confined(world).scalar(select(func.count()).select_from(select(model.id).subquery())) or 0)


def test_the_first_shape_goes_into_todays_fields() -> None:
    read = read_document(FIRST)
    assert read.fields == {
        "personName": "The chain owner",
        "title": "Owner, Managing partner",
        "coreGoal": "Full weeks; Calm evenings",
        "painPoints": ["No-shows"],
        "needForOurProduct": "Patients who come",
        "potentialPitch": "Fewer empty slots",
    }
    assert (read.problems, read.dropped) == ([], [])


def test_the_wider_shape_keeps_what_it_can_and_tells_the_rest() -> None:
    read = read_document(WIDER)
    assert read.problems == []
    assert read.fields["needForOurProduct"] == "Pipeline they can explain\nDecides by: Proof"
    assert read.fields["coreGoal"] == "Wants a brand people remember\nBegins to look when: A new CEO"
    assert read.fields["painPoints"] == ["Attribution", "Budget cuts"]
    assert read.fields["industry"] == "Software, SaaS, Fintech"
    assert read.fields["companySize"] == "201–1,000, revenue 24M"
    assert dict(read.dropped) == {
        "id": "ids and times are made anew",
        "confidenceScore": "scores are not kept",
    }
    assert {name for name, _ in (*read.went, *read.dropped)} == set(WIDER)


def test_intelligence_becomes_an_analysis_without_scores() -> None:
    read = read_document(INTEL)
    assert read.fields == {
        "summary": "Runs two sites",
        "talkTrack": "Begin with Saturdays\nOpportunities: A second site",
        "objections": ["No time"],
        "nextSteps": ["Call, then visit"],
    }
    assert {name for name, why in read.dropped if "score" in why} == {"fitScore", "urgencyScore"}
    assert read.who == {"email": KATRIN["email"]}


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"persona_name": "Only a name"}, "Job title is missing."),
        ({"other": 1}, "neither a persona nor a bd_intels document"),
        (["a list"], "not a JSON object"),
        ({"personName": None, "title": 3}, "Persona name is missing."),
    ],
)
def test_what_lacks_something_says_so(document: Any, problem: str) -> None:
    assert problem in " ".join(read_document(document).problems)


def test_texts_too_long_are_cut_and_told() -> None:
    read = read_document(
        {**FIRST, "value_prop": "x" * 5_000, "pain_points": [f"pain {n}" for n in range(20)]}
    )
    assert len(read.fields["needForOurProduct"]) == 1_200
    assert len(read.fields["painPoints"]) == 8
    assert {name for name, _ in read.dropped} == {"value_prop", "pain_points"}


@pytest.mark.parametrize("text", ["", "{broken", "[1,", "not json\n{}", "[" * 100_000])
def test_what_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(LegacyUnreadable):
        documents_in(text)


def test_one_object_an_array_and_lines_are_read() -> None:
    assert documents_in(json.dumps(FIRST)) == [FIRST]
    assert documents_in(json.dumps([FIRST, WIDER])) == [FIRST, WIDER]
    assert documents_in(f"{json.dumps(FIRST)}\n\n{json.dumps(WIDER)}\n") == [FIRST, WIDER]


def test_a_dry_run_saves_nothing_and_the_import_saves_once(world: World) -> None:
    contact(world)
    browser = world.client()
    documents = json.dumps([FIRST, WIDER, INTEL, {"persona_name": "No title"}])
    page = browser.send("/personas/import", {"documents": documents, "do": "look"}).get_data(as_text=True)
    assert "3 of 4 documents can be imported" in page
    assert "ideal_roles → Job title" in page
    assert "fitScore: scores are not kept" in page
    assert "Job title is missing." in page
    assert count(world) == 0
    done = browser.send("/personas/import", {"documents": documents, "do": "import"}).get_data(as_text=True)
    assert "3 documents imported" in done
    assert (count(world), count(world, ContactAnalysis)) == (2, 1)
    row = world.session.scalars(select(Persona).where(Persona.person_name == "The chain owner")).one()
    assert row.provenance["coreGoal"]["edited_by"] == "imported"
    again = browser.send("/personas/import", {"documents": documents, "do": "import"}).get_data(as_text=True)
    assert "0 documents imported" in again
    assert "It was imported before." in again
    assert count(world) == 2
    traces = confined(world).scalars(
        select(AuditEntry.reason).where(AuditEntry.action == AuditAction.LEGACY_IMPORTED)
    )
    assert traces.all() == ["3 of 4 documents"]


def test_a_file_is_kept_in_the_form_for_the_import(world: World) -> None:
    file = (io.BytesIO(json.dumps(FIRST).encode()), "old.json")
    page = world.client().send("/personas/import", {"file": file, "do": "look"}).get_data(as_text=True)
    assert "1 of 1 document can be imported" in page
    assert "persona_name&#34;" in page


def test_an_analysis_without_a_known_contact_is_refused_unless_one_is_named(world: World) -> None:
    contact(world, world.other_id)
    browser = world.client()
    nameless = json.dumps({name: text for name, text in INTEL.items() if name != "contactEmail"})
    for documents in (json.dumps(INTEL), nameless):
        page = browser.send("/personas/import", {"documents": documents, "do": "import"}).get_data(
            as_text=True
        )
        assert "It names no contact that is known" in page
    contact(world)
    data = {"documents": nameless, "contact_email": KATRIN["email"], "do": "import"}
    assert "1 document imported" in browser.send("/personas/import", data).get_data(as_text=True)


def test_what_is_unreadable_comes_back_with_its_reason(world: World) -> None:
    answer = world.client().send("/personas/import", {"documents": "{broken", "do": "import"})
    assert answer.status_code == 422
    assert "{broken" in answer.get_data(as_text=True)
    assert "line 1 cannot be read" in answer.get_data(as_text=True)


def test_C2_payloads_come_out_as_text(world: World) -> None:
    documents = json.dumps([{**FIRST, "persona_name": PLANTED}, {PLANTED: PLANTED, "persona_name": PLANTED}])
    for do in ("look", "import"):
        page = (
            world.client().send("/personas/import", {"documents": documents, "do": do}).get_data(as_text=True)
        )
        assert "<script>alert" not in page
        assert "<b hx-get" not in page


def test_the_command_says_first_and_then_imports(world: World, tmp_path: Path) -> None:
    file = tmp_path / "old.jsonl"
    file.write_text(f"{json.dumps(FIRST)}\n{json.dumps(INTEL)}\n", encoding="utf-8")
    run = world.app.test_cli_runner().invoke
    given = ["personas", "import-legacy", str(file), "--company", "acme"]
    dry = run(args=[*given, "--dry-run", "--json"])
    assert dry.exit_code == 0, dry.output
    assert json.loads(dry.output)["ready"] == 1
    assert count(world) == 0
    done = run(args=given)
    assert "1 of 2 documents imported" in done.output
    assert "Document 2: It names no contact" in done.output
    assert count(world) == 1
    assert run(args=[*given[:-1], "nowhere"]).exit_code == 1
