"""Re-drafting single fields by rules: instructions are followed, or something else sensible comes back."""

# ruff: noqa: RUF001 - Cyrillic, and dashes as they are printed

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.personas.samples import BOOKWELL, BRIEFS, THOROUGH
from webapp.personas.answer import FIELDS, FIELDS_BY_WIRE, MOST_PAINS, SHORT
from webapp.personas.facts import Brief, PersonFacts, ProductFacts
from webapp.personas.rules import draft_persona, redraft

BRIEF = Brief(
    product=BOOKWELL,
    description=(
        "A busy owner of three physiotherapy practices, 40 people. Struggles with no-shows on Fridays, "
        "wants to open a fourth site but is afraid of hiring."
    ),
)
WIRES = [field.wire for field in FIELDS]
LONG_WIRES = ["coreGoal", "needForOurProduct", "potentialPitch"]


def values(brief):
    draft = draft_persona(brief)
    return {field.wire: value for field in FIELDS if (value := getattr(draft, field.name))}


CURRENT = values(BRIEF)


def again(instruction, fields=LONG_WIRES, brief=BRIEF, current=CURRENT):
    answer = redraft(brief, current, fields, instruction)
    assert [one.field.value for one in answer.fields] == list(fields)
    return {one.field.value: one.value for one in answer.fields}


INSTRUCTIONS = [
    "",
    "shorter",
    "longer",
    "more detail",
    "for a hospital",
    "more formal",
    "friendlier",
    "more concrete",
    "without jargon",
    "mention the price",
    "mention the waiting list",
    "in Russian",
    "короче",
    "make it sing like Shakespeare",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("instruction", INSTRUCTIONS)
def test_no_field_comes_back_unchanged(instruction):
    for wire, value in again(instruction, WIRES).items():
        assert value != CURRENT.get(wire)


def test_shorter_keeps_the_core_and_loses_words():
    new = again("shorter, please", [*LONG_WIRES, "painPoints"])
    for wire in LONG_WIRES:
        assert len(new[wire]) < len(CURRENT[wire])
        assert CURRENT[wire].startswith(new[wire].rstrip(".")[:25])
    assert sum(map(len, new["painPoints"])) < sum(map(len, CURRENT["painPoints"]))


@pytest.mark.parametrize("instruction", ["longer", "more detail", "ausführlicher", "подробнее"])
def test_longer_keeps_what_is_there_and_adds_to_it(instruction):
    new = again(instruction, [*LONG_WIRES, "painPoints"])
    for wire in LONG_WIRES:
        assert new[wire].startswith(CURRENT[wire])
        assert len(new[wire]) > len(CURRENT[wire])
    assert new["painPoints"][: len(CURRENT["painPoints"])] == CURRENT["painPoints"]
    assert len(new["painPoints"]) > len(CURRENT["painPoints"])


def test_for_somebody_else_moves_the_persona_to_their_line_of_business():
    new = again("for a bakery", WIRES)
    assert "bakery" in new["personName"]
    assert "bakery" in new["company"].casefold()
    assert new["industry"] == "Hospitality and food service"
    assert "physiotherapy" not in new["coreGoal"]


def test_for_another_job_changes_the_title_too():
    assert again("for the IT director of a bank", ["title", "company"]) == {
        "title": "IT director",
        "company": "Small to mid-sized bank",
    }


def test_more_formal_drops_the_question_and_short_forms():
    new = again("more formal")
    assert "?" not in new["potentialPitch"]
    assert "BookWell cuts no-shows" in new["potentialPitch"]
    assert new["potentialPitch"] != again("friendlier")["potentialPitch"]


def test_friendlier_uses_short_forms():
    assert "They'd" in again("friendlier")["needForOurProduct"]


def test_without_jargon_replaces_the_words_that_are_known():
    current = {"coreGoal": "Leverage the pipeline to reduce churn and improve ROI."}
    new = again("without jargon", ["coreGoal"], current=current | {"title": "Owner"})
    assert not re.search(r"leverage|pipeline|churn|ROI", new["coreGoal"])


def test_mention_the_price_quotes_the_note_and_invents_none():
    assert "€49 per month" in again("mention the price")["potentialPitch"]
    cheap = BRIEF.model_copy(update={"product": ProductFacts(name="BookWell", description="Cuts no-shows.")})
    new = again("mention the price", ["potentialPitch"], brief=cheap, current=values(cheap))
    assert not re.search(r"\d", new["potentialPitch"])
    assert "price" in new["potentialPitch"]


def test_mention_takes_the_words_asked_for():
    new = again("mention our warranty", [*LONG_WIRES, "painPoints"])
    assert all("warranty" in new[wire].casefold() for wire in LONG_WIRES)
    assert "Warranty" in new["painPoints"]


def test_more_concrete_adds_given_facts_only():
    new = again("more concrete")
    assert "11–50 people" in new["coreGoal"]
    assert "BookWell fills cancelled slots" in new["needForOurProduct"]


def test_in_russian_changes_the_language():
    new = again("in Russian", [*LONG_WIRES, "title"])
    assert all(re.search("[а-яё]{4}", text) for text in new.values())


def test_texts_edited_by_hand_are_the_ones_that_are_changed():
    current = CURRENT | {
        "coreGoal": "Win the tender in spring, then rest. Sleep until summer comes round again."
    }
    assert (
        again("shorter", ["coreGoal"], current=current)["coreGoal"] == "Win the tender in spring, then rest."
    )


def test_two_wishes_at_once_are_both_followed():
    pitch = again("shorter and more formal")["potentialPitch"]
    assert len(pitch) < len(CURRENT["potentialPitch"])
    assert "?" not in pitch


def test_asking_again_and_again_never_returns_the_text_at_hand():
    current = dict(CURRENT)
    for _ in range(4):
        new = again("another one", LONG_WIRES, current=current)
        assert all(new[wire] != current[wire] for wire in LONG_WIRES)
        current |= new


def test_an_empty_field_is_drafted_and_an_unknown_one_left_out():
    assert again("", ["potentialPitch"], current={})["potentialPitch"]
    assert redraft(BRIEF, CURRENT, ["nonsense"], "shorter").fields == []


def test_a_field_without_another_wording_comes_back_empty_rather_than_unchanged():
    answer = redraft(Brief(), {"title": "Owner"}, ["title"], "shorter")
    assert answer.fields[0].value is None


@pytest.mark.thorough
@THOROUGH
@given(
    BRIEFS,
    st.dictionaries(
        st.sampled_from(WIRES), st.text(max_size=200) | st.lists(st.text(max_size=80), max_size=4)
    ),
    st.sampled_from(INSTRUCTIONS) | st.text(max_size=80),
)
def test_any_redraft_keeps_bounds_changes_something_and_is_the_same_twice(brief, current, instruction):
    answer = redraft(brief, current, WIRES, instruction)
    assert answer == redraft(brief, current, WIRES, instruction)
    for one in answer.fields:
        spec = FIELDS_BY_WIRE[one.field]
        if spec.many:
            assert len(one.value) <= MOST_PAINS
            assert all(len(text) <= SHORT for text in one.value)
        else:
            assert len(one.value or "") <= spec.longest
        assert one.value in (None, []) or one.value != current.get(one.field)


def test_a_redraft_never_tells_who_the_contact_is():
    person = PersonFacts(name="Zoë Quillfeather", company="Quorvex GmbH", title="Owner")
    brief = Brief(product=BOOKWELL, person=person)
    answer = redraft(brief, {}, WIRES, "mention Zoë Quillfeather of Quorvex GmbH")
    said = " ".join(str(one.value) for one in answer.fields)
    assert "Quillfeather" not in said
    assert "Quorvex" not in said
