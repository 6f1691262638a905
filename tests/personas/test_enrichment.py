"""Reading what enrichment services return: three shapes, what is missing, what is wrong, what is hostile."""

import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.personas.samples import FLAT_PERSON, PERSON_BESIDE_COMPANY, PERSON_WITH_ORGANIZATION
from webapp.personas.enrichment import EnrichmentUnreadable, read_enrichment


def test_a_person_with_a_nested_organization_is_read_in_full():
    facts, warnings = read_enrichment(PERSON_WITH_ORGANIZATION)
    assert (facts.name, facts.title, facts.seniority) == ("Siobhán O'Dálaigh", "VP Marketing", "vp")
    assert (facts.company, facts.headcount, facts.revenue) == ("Brightloop", "180", "24M")
    assert facts.department == "master marketing"
    assert facts.location == "Galway, Ireland"
    assert facts.industry == "information technology & services"
    assert "company technologies: Salesforce, HubSpot" in facts.facts
    assert "earlier titles: Marketing Director" in facts.facts
    assert warnings == ()


def test_a_flat_person_with_nulls_and_umlauts_is_read_and_what_is_missing_is_said():
    facts, warnings = read_enrichment(FLAT_PERSON)
    assert (facts.name, facts.title, facts.headcount) == ("jörg brünnhöfer", "leiter einkauf", "51-200")
    assert facts.email == "joerg@achtal.example"
    assert facts.location == "linz, austria"
    assert facts.industry is None
    assert "The document has no industry." in warnings


def test_a_company_beside_the_person_is_read_as_the_employer():
    facts, _ = read_enrichment(PERSON_BESIDE_COMPANY)
    assert facts.name == "Ana Ruiz Calderón"
    assert (facts.title, facts.department, facts.company) == ("CFO", "finance", "Clínica Sur")
    assert (facts.industry, facts.headcount) == ("Hospital & Health Care", "251-1K")
    assert facts.location == "Málaga, Spain"


@pytest.mark.parametrize("wrap", ["data", "result", "payload", "response", "matches", "people", "results"])
def test_wrappers_around_the_person_make_no_difference(wrap):
    inner = PERSON_WITH_ORGANIZATION["person"]
    wrapped = {wrap: [inner] if wrap in {"matches", "people", "results"} else {"person": inner}}
    assert read_enrichment(wrapped)[0] == read_enrichment(PERSON_WITH_ORGANIZATION)[0]


def test_keys_are_read_in_any_usual_spelling():
    facts, _ = read_enrichment({"firstName": "Ivo", "LAST_NAME": "Žák", "jobTitle": "Owner"})
    assert (facts.name, facts.title) == ("Ivo Žák", "Owner")


def test_wrong_types_are_left_out_and_said():
    facts, warnings = read_enrichment({"person": {"name": "Ida", "title": 7.5, "seniority": {"x": [1]}}})
    assert facts.title is None
    assert "The title could not be read and was left out." in warnings


def test_control_characters_and_direction_marks_do_not_survive():
    facts, _ = read_enrichment({"name": "Da\u202ena\x00 \ud800K", "title": "Head\nof\tSales"})
    assert facts.name == "Da na K"
    assert facts.title == "Head of Sales"


def test_overlong_texts_are_cut_and_said():
    facts, warnings = read_enrichment({"name": "Ida", "summary": "word " * 5_000})
    assert len(facts.notes) <= 2_000
    assert any("very long" in warning for warning in warnings)


@pytest.mark.thorough
def test_a_huge_document_is_read_without_looking_at_all_of_it():
    flood = {f"key {n}": {"nested": [n] * 3} for n in range(50_000)}
    facts, _ = read_enrichment({"person": {"name": "Ida", "title": "CEO", **flood}})
    assert facts.title == "CEO"


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"status": 404, "error": {"type": "not_found"}}, "found nobody"),
        ({}, "no person"),
        ({"person": None}, "no person"),
        ({"person": {"name": None, "title": ""}}, "no person"),
        ({"a": {"b": {"c": 1}}}, "no person"),
        ([], "no person"),
        ("text", "JSON object"),
        (None, "JSON object"),
        (7, "JSON object"),
        ({"person": {"job_title_levels": [True], "organization": {"logo": 1}}}, "nothing about them"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence_for_people(document, says):
    with pytest.raises(EnrichmentUnreadable, match=says):
        read_enrichment(document)


KEYS = st.sampled_from(
    re.findall(
        r"\w+",
        "person data name full_name title job_title email emails organization company seniority city "
        "departments location summary employment experience keywords matches error metrics category facts",
    )
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=30,
)


@given(JSON)
def test_any_json_document_is_read_or_refused_and_never_fails_otherwise(document):
    try:
        facts, warnings = read_enrichment(document)
    except EnrichmentUnreadable:
        return
    assert all(isinstance(warning, str) for warning in warnings)
    assert json.dumps(facts.model_dump(), ensure_ascii=True)


@pytest.mark.thorough
@given(JSON)
def test_reading_twice_gives_the_same(document):
    def read():
        try:
            return read_enrichment(document)
        except EnrichmentUnreadable as refusal:
            return str(refusal)

    assert read() == read()


def test_numbers_that_are_no_numbers_are_left_out():
    facts, _ = read_enrichment({"name": "Ida", "organization": {"estimated_num_employees": math.inf}})
    assert facts.headcount is None
