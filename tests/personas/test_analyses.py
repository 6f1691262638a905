"""How to speak with a contact: generated, edited, saved, restored; for people and for programs."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from uuid import UUID, uuid4

import pytest

from tests.conftest import World
from tests.pages import CheckedClient
from tests.personas.fits import KATRIN, PLANTED, Api, clients, confined, contact, product
from webapp.core.llm.provider import OpenAiProvider
from webapp.core.llm.stand_in import StandIn
from webapp.personas.analyses import Analyses, analysis_of
from webapp.personas.analysis_answer import AnalysisDraft
from webapp.personas.demo import COMPANY, CONTACTS, PRODUCTS
from webapp.personas.facts import Brief, CompanyProfile, PersonFacts, ProductFacts
from webapp.personas.models import ContactAnalysis
from webapp.personas.rules.analysis import analyse
from webapp.personas.rules.given import named

TYPED = {"summary": "She runs two sites", "talkTrack": "Begin with Saturdays"}


def row_of(world: World, contact_id: UUID) -> ContactAnalysis | None:
    return analysis_of(confined(world), contact_id)


def press(browser: CheckedClient, contact_id: UUID, do: str, **data: str) -> str:
    """Press a button of the form as it stands on the page, with these texts typed into it."""
    at = f"/contacts/{contact_id}/analysis/edit"
    page = browser.get(at).get_data(as_text=True)
    base = re.search(r'id="base"[^>]*value="([^"]*)"', page)
    assert base
    shown = {name: text for name, text in fields(page).items() if name not in data}
    answer = browser.send(
        at, {**shown, **data, "do": do, "base": unescape(base.group(1))}, follow_redirects=True
    )
    return answer.get_data(as_text=True)


def fields(page: str) -> dict[str, object]:
    """The texts and rows that the form shows."""
    areas = re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\s?(.*?)</textarea>', page, re.DOTALL)
    found: dict[str, object] = {name: unescape(text).strip() for name, text in areas}
    for name in ("questions", "nextSteps"):
        found[name] = [unescape(text).strip() for known, text in areas if known == name]
    chosen = re.search(r'<option selected value="([^"]*)"', page)
    return {**found, "product_id": chosen.group(1) if chosen else ""}


@pytest.mark.thorough
def test_it_is_generated_edited_saved_and_read(world: World) -> None:
    katrin, shelf = contact(world), product(world)
    browser = world.client()
    assert "Not prepared yet" in browser.get(f"/contacts/{katrin.id}/analysis").get_data(as_text=True)
    running = press(browser, katrin.id, "generate", product_id=str(shelf.id))
    assert "Prepare for Katrin Voß" in running
    world.work()
    drafted = browser.get(f"/contacts/{katrin.id}/analysis/edit").get_data(as_text=True)
    assert "stock lists that nobody keeps" in drafted
    assert "ShelfSense" in drafted
    row = row_of(world, katrin.id)
    assert row
    assert row.version == 0
    shown = press(browser, katrin.id, "save", summary="My own summary")
    assert "The preparation is saved." in shown
    assert "My own summary" in shown
    row = row_of(world, katrin.id)
    assert row
    assert (row.version, row.draft, row.unreviewed) == (1, {}, False)
    assert row.provenance["summary"]["state"] == "own"
    assert row.provenance["talkTrack"]["state"] == "drafted"
    assert row.fields["questions"]
    viewer = world.client("viewer")
    assert "My own summary" in viewer.get(f"/contacts/{katrin.id}/analysis").get_data(as_text=True)
    assert viewer.get(f"/contacts/{katrin.id}/analysis/edit").status_code == 403


def test_what_is_typed_survives_a_reload_and_is_never_written_over(world: World) -> None:
    katrin = contact(world)
    browser = world.client()
    press(browser, katrin.id, "keep", summary="Mine")
    assert "Mine" in browser.get(f"/contacts/{katrin.id}/analysis/edit").get_data(as_text=True)
    press(browser, katrin.id, "generate")
    world.work()
    row = row_of(world, katrin.id)
    assert row
    assert row.draft["fields"]["summary"] == "Mine"
    assert row.draft["fields"]["talkTrack"]
    again = press(browser, katrin.id, "discard")
    assert "The draft is discarded." in again
    row = row_of(world, katrin.id)
    assert row
    assert row.draft == {}


def test_a_new_draft_of_a_drafted_text_can_be_undone(world: World) -> None:
    katrin, shelf = contact(world), product(world)
    browser = world.client()
    press(browser, katrin.id, "generate")
    world.work()
    press(browser, katrin.id, "generate", product_id=str(shelf.id))
    world.work()
    row = row_of(world, katrin.id)
    assert row
    assert "ShelfSense" in row.draft["fields"]["talkTrack"]
    press(browser, katrin.id, "undo:talkTrack")
    row = row_of(world, katrin.id)
    assert row
    assert "ShelfSense" not in row.draft["fields"]["talkTrack"]


def test_what_is_missing_is_named_and_nothing_typed_is_lost(world: World) -> None:
    katrin = contact(world)
    page = press(world.client(), katrin.id, "save", summary="Only this")
    assert "Talk track is needed." in page
    assert "Only this" in page


def test_objections_are_blocks_of_a_line_and_its_answer(world: World) -> None:
    katrin = contact(world)
    typed = "Too dear\nSay the price.\n\nNo time\nBegin small."
    page = press(world.client(), katrin.id, "save", **TYPED, objections=typed)
    assert "<b>Too dear</b>" in page
    row = row_of(world, katrin.id)
    assert row
    assert row.fields["objections"] == ["Too dear\nSay the price.", "No time\nBegin small."]


def test_a_version_is_compared_and_restored(world: World) -> None:
    katrin = contact(world)
    browser = world.client()
    press(browser, katrin.id, "save", **TYPED)
    press(browser, katrin.id, "save", summary="Another word")
    history = browser.get(f"/contacts/{katrin.id}/analysis/history").get_data(as_text=True)
    assert "<ins>" in history
    browser.send(f"/contacts/{katrin.id}/analysis/restore", {"version": "1"})
    row = row_of(world, katrin.id)
    assert row
    assert (row.version, row.fields["summary"]) == (3, TYPED["summary"])


def test_a_save_over_a_newer_version_shows_both_first(world: World) -> None:
    katrin = contact(world)
    browser = world.client()
    press(browser, katrin.id, "save", **TYPED)
    press(browser, katrin.id, "keep", summary="Mine")
    Analyses(**clients(world)).restore(world.session, world.actor(), katrin.id, 1)
    page = press(browser, katrin.id, "save", summary="Mine, typed on")
    assert "saved anew while you were editing" in page
    assert "Mine, typed on" in page
    assert TYPED["summary"] in page
    assert "The preparation is saved." in press(browser, katrin.id, "save:2")
    row = row_of(world, katrin.id)
    assert row
    assert row.fields["summary"] == "Mine, typed on"


@pytest.fixture
def live(make_world: Callable[..., World]) -> Api:
    return Api(make_world(worker=True))


def test_the_call_answers_an_analysis_and_saves_nothing_unless_asked(live: Api) -> None:
    katrin, shelf = contact(live.world), product(live.world)
    at = f"/api/contacts/{katrin.id}/analysis"
    assert live("GET", at).status_code == 404
    answer = live("POST", at)
    assert answer.status_code == 200, answer.json
    told = answer.json["analysis"]
    assert set(told) == {
        *("contactId", "summary", "talkTrack", "questions", "objections", "nextSteps", "sources"),
    }
    assert not re.search(r"score", str(told), re.IGNORECASE)
    assert live("GET", at).status_code == 404
    saved = live("POST", at, {"productId": str(shelf.id), "mode": "save"}).json["analysis"]
    assert (saved["version"], saved["unreviewed"]) == (1, True)
    assert "ShelfSense" in saved["talkTrack"]
    assert live("GET", at).json == saved
    page = live.world.client().get(f"/contacts/{katrin.id}/analysis").get_data(as_text=True)
    assert "Nobody has looked at this preparation yet." in page


def test_the_call_keeps_what_a_person_wrote(live: Api) -> None:
    katrin = contact(live.world)
    press(live.world.client(), katrin.id, "save", **TYPED)
    saved = live("POST", f"/api/contacts/{katrin.id}/analysis", {"mode": "save"}).json["analysis"]
    assert (saved["summary"], saved["version"]) == (TYPED["summary"], 2)
    assert saved["questions"]


def test_the_call_may_be_sent_twice_and_later_asked_for(world: World) -> None:
    api, katrin = Api(world), contact(world)
    sent = {"Idempotency_Key": "k1", "Prefer": "respond-async"}
    first, second = (api("POST", f"/api/contacts/{katrin.id}/analysis", {}, **sent) for _ in range(2))
    assert (first.status_code, first.json["jobId"]) == (202, second.json["jobId"])
    world.work()
    assert api("GET", first.headers["Location"]).json["analysis"]["summary"]
    other = api("POST", f"/api/contacts/{katrin.id}/analysis", {"mode": "save"}, Idempotency_Key="k1")
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("body", "status"),
    [({"productId": str(uuid4())}, 404), ({"mode": "x"}, 400), ({"companyHQId": "other"}, 404), ([1], 400)],
)
def test_bad_input_is_told(world: World, body: object, status: int) -> None:
    katrin = contact(world)
    assert Api(world)("POST", f"/api/contacts/{katrin.id}/analysis", body).status_code == status


@pytest.mark.parametrize(("mode", "status"), [("quota", 503), ("malformed", 502), ("wrong", 502)])
def test_a_failing_model_is_told_and_nothing_is_saved(
    make_world: Callable[..., World], mode: str, status: int
) -> None:
    with StandIn(mode=mode) as server:
        provider = OpenAiProvider("key", server.base_url, "gpt-4o-mini")
        world = make_world(provider, worker=True, llm_timeout=5.0, llm_budget=12.0, llm_attempts=2)
        katrin = contact(world)
        answer = Api(world)("POST", f"/api/contacts/{katrin.id}/analysis", {"mode": "save"})
    assert (answer.status_code, answer.json["retryable"]) == (status, True)
    assert row_of(world, katrin.id) is None


def test_with_a_model_no_name_or_address_leaves_and_its_text_stays_text(
    make_world: Callable[..., World],
) -> None:
    with StandIn(mode="injection") as server:
        world = make_world(OpenAiProvider("key", server.base_url, "gpt-4o-mini"), worker=True)
        katrin = contact(world, notes="Likes tea.")
        answer = Api(world)("POST", f"/api/contacts/{katrin.id}/analysis", {"mode": "save"})
        sent = str([call.messages for call in server.calls])
    assert answer.status_code == 200, answer.json
    assert "Likes tea" in sent
    assert "Katrin" not in sent
    assert KATRIN["email"] not in sent
    page = world.client().get(f"/contacts/{katrin.id}/analysis").get_data(as_text=True)
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_B3_another_companys_contact_is_not_there(world: World) -> None:
    theirs = contact(world, world.other_id)
    api, browser = Api(world), world.client()
    for method in ("GET", "POST"):
        assert api(method, f"/api/contacts/{theirs.id}/analysis").status_code == 404
    for path in ("", "/edit", "/history"):
        assert browser.get(f"/contacts/{theirs.id}/analysis{path}").status_code == 404
    for path in ("/edit", "/autosave", "/restore", "/review"):
        assert browser.send(f"/contacts/{theirs.id}/analysis{path}", {"do": "save"}).status_code == 404, path


def test_C2_payloads_come_out_as_text(world: World) -> None:
    katrin = contact(world, name=PLANTED, notes=PLANTED)
    browser = world.client()
    press(browser, katrin.id, "save", summary=PLANTED, talkTrack=PLANTED, objections=f"{PLANTED}\n{PLANTED}")
    press(browser, katrin.id, "keep", summary=PLANTED + "!")
    for path in ("", "/edit", "/history"):
        page = browser.get(f"/contacts/{katrin.id}/analysis{path}").get_data(as_text=True)
        assert "<script>alert" not in page
        assert "<b hx-get" not in page


@pytest.mark.parametrize("person", CONTACTS, ids=lambda one: one.name)
def test_every_given_fact_is_used_or_listed(person: PersonFacts) -> None:
    for offered in (ProductFacts(), PRODUCTS[0].facts):
        brief = Brief(company=COMPANY, product=offered, person=person)
        answer: AnalysisDraft = analyse(brief)
        used = {fact for source in answer.sources for fact in source.facts}
        assert used | set(answer.unused_facts) >= set(named(brief))
        assert not used & set(answer.unused_facts)
        assert answer.summary
        assert answer.talk_track
        assert len(answer.questions) >= 4
        assert all(one.answer for one in answer.objections)


def test_in_a_russian_company_it_is_written_in_russian() -> None:
    notes = "\u0423\u0441\u0442\u0430\u043b\u0430 \u043e\u0442 \u0431\u0443\u043c\u0430\u0433."
    answer = analyse(Brief(company=CompanyProfile(language="ru"), person=PersonFacts(notes=notes)))
    assert all(
        re.search("[\u0430-\u044f]", text) for text in (answer.summary, answer.talk_track, *answer.questions)
    )
    assert "Ask" not in answer.talk_track
