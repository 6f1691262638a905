"""Product fits: found, taken, written by hand, changed, removed and brought back."""

# ruff: noqa: RUF001 - Cyrillic

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.personas.fits import COURSE, PLANTED, SHELF, Api, confined, persona, product
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.llm.provider import OpenAiProvider
from webapp.core.llm.stand_in import StandIn
from webapp.personas.fit_answer import FitBrief, NumberedProduct, PersonaFacts
from webapp.personas.fits import fits_of
from webapp.personas.models import Persona, Product, ProductFit
from webapp.personas.rules.fit import best_fit

MISSING = "Persona missing product link"


UNKNOWN = {"product_id": str(uuid4()), "valuePropToThem": "x"}


def kept(world: World, persona_id: UUID) -> list[ProductFit]:
    rows = select(ProductFit).where(ProductFit.persona_id == persona_id).order_by(ProductFit.id)
    return list(confined(world).scalars(rows))


def page(world: World, persona_id: UUID, role: str = "editor") -> str:
    answer = world.client(role).get(f"/personas/{persona_id}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_persona_without_a_fit_says_so_and_how_to_add_one(world: World) -> None:
    here = persona(world)
    text = page(world, here.id)
    assert MISSING in text
    assert "The company has no product yet" in text
    assert f"/products/new?return=/personas/{here.id}/fits/new" in text
    product(world)
    text = page(world, here.id)
    assert MISSING in text
    assert "Find the best fit" in text
    assert "Find the best fit" not in page(world, here.id, "viewer")


def test_the_best_fit_is_found_looked_at_edited_and_taken(world: World) -> None:
    here, shelf = persona(world), product(world)
    product(world, **COURSE)
    browser = world.client()
    browser.send(f"/personas/{here.id}/fits/find")
    assert 'hx-trigger="load delay' in browser.part(f"/personas/{here.id}/fits").get_data(as_text=True)
    world.work()
    text = browser.part(f"/personas/{here.id}/fits").get_data(as_text=True)
    assert "Proposed: ShelfSense" in text
    assert "hx-trigger" not in text
    assert kept(world, here.id) == []
    taken = {
        "product_id": str(shelf.id),
        "valuePropToThem": "Shelves that fill themselves",
        "alignmentReasoning": "Two pains are about stock",
    }
    browser.send(f"/personas/{here.id}/fits/take", taken)
    (fit,) = kept(world, here.id)
    assert (fit.product_id, fit.value_prop_to_them, fit.unreviewed) == (
        shelf.id,
        taken["valuePropToThem"],
        False,
    )
    assert fit.provenance["valuePropToThem"]["state"] == "edited"
    assert fit.provenance["valuePropToThem"]["model"] == "rules"
    text = page(world, here.id)
    assert MISSING not in text
    assert "Proposed:" not in text
    actions = confined(world).scalars(select(AuditEntry.action).where(AuditEntry.subject_id == fit.id)).all()
    assert actions == [AuditAction.FIT_ADDED]


def test_a_dismissed_proposal_saves_nothing(world: World) -> None:
    here = persona(world)
    product(world)
    browser = world.client()
    browser.send(f"/personas/{here.id}/fits/find")
    browser.send(f"/personas/{here.id}/fits/dismiss")
    world.work()
    assert "Proposed:" not in page(world, here.id)
    assert kept(world, here.id) == []
    assert browser.send(f"/personas/{here.id}/fits/take", {"valuePropToThem": "x"}).status_code == 303


def test_a_proposal_without_a_text_comes_back_with_its_reason(world: World) -> None:
    here = persona(world)
    shelf = product(world)
    browser = world.client()
    browser.send(f"/personas/{here.id}/fits/find")
    world.work()
    answer = browser.send(
        f"/personas/{here.id}/fits/take",
        {"product_id": str(shelf.id), "valuePropToThem": " ", "alignmentReasoning": "kept text"},
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Say what the product is worth to them." in text
    assert "kept text" in text


def test_a_text_is_never_taken_for_a_product_it_was_not_written_for(world: World) -> None:
    here, shelf = persona(world), product(world)
    browser = world.client()
    browser.send(f"/personas/{here.id}/fits/find")
    world.work()
    answer = browser.send(
        f"/personas/{here.id}/fits/take", {"product_id": str(uuid4()), "valuePropToThem": "Of another one"}
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Another product is proposed now." in text
    assert "Of another one" in text
    assert f'name="product_id" value="{shelf.id}"' in text
    assert kept(world, here.id) == []


def test_two_searches_at_once_are_one(world: World) -> None:
    here = persona(world)
    product(world)
    browser = world.client()
    browser.send(f"/personas/{here.id}/fits/find")
    answer = browser.send(f"/personas/{here.id}/fits/find", follow_redirects=True)
    assert "being looked for already" in answer.get_data(as_text=True)
    browser.send(f"/personas/{here.id}/fits/stop")
    world.work()
    assert "Proposed:" not in page(world, here.id)
    assert "Try again" in page(world, here.id)


def test_a_fit_is_added_changed_removed_and_brought_back_by_hand(world: World) -> None:
    here, shelf = persona(world), product(world)
    browser, at = world.client(), f"/personas/{here.id}/fits"
    assert "ShelfSense" in browser.get(f"{at}/new").get_data(as_text=True)
    browser.send(at, {"product_id": str(shelf.id), "valuePropToThem": "Worth it"})
    (fit,) = kept(world, here.id)
    assert fit.provenance["valuePropToThem"]["state"] == "own"
    browser.send(f"{at}/{fit.id}", {"valuePropToThem": "Worth more", "version": "1"})
    (fit,) = kept(world, here.id)
    assert (fit.value_prop_to_them, fit.version) == ("Worth more", 2)
    removed = browser.send(f"{at}/{fit.id}/remove", follow_redirects=True).get_data(as_text=True)
    assert MISSING in removed
    assert f"{at}/{fit.id}/bring-back" in removed
    assert browser.get(f"{at}/{fit.id}/edit").status_code == 404
    browser.send(f"{at}/{fit.id}/bring-back")
    assert "Worth more" in page(world, here.id)


def test_the_same_pair_twice_is_refused_and_a_removed_one_revived(world: World) -> None:
    here, shelf = persona(world), product(world)
    browser, at = world.client(), f"/personas/{here.id}/fits"
    texts = {"product_id": str(shelf.id), "valuePropToThem": "First"}
    browser.send(at, texts)
    again = browser.send(at, {**texts, "valuePropToThem": "Second, typed"})
    assert again.status_code == 409
    assert "Second, typed" in again.get_data(as_text=True)
    (fit,) = kept(world, here.id)
    browser.send(f"{at}/{fit.id}/remove")
    browser.send(at, {**texts, "valuePropToThem": "Third"})
    (fit,) = kept(world, here.id)
    assert (fit.value_prop_to_them, fit.removed_at) == ("Third", None)


def test_a_change_of_an_old_version_shows_both(world: World) -> None:
    here, shelf = persona(world), product(world)
    browser, at = world.client(), f"/personas/{here.id}/fits"
    browser.send(at, {"product_id": str(shelf.id), "valuePropToThem": "First"})
    (fit,) = kept(world, here.id)
    browser.send(f"{at}/{fit.id}", {"valuePropToThem": "Theirs", "version": "1"})
    answer = browser.send(f"{at}/{fit.id}", {"valuePropToThem": "Mine", "version": "1"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Theirs" in text
    assert "Mine" in text


@pytest.mark.parametrize("data", [{}, {"product_id": "none"}, UNKNOWN])
def test_what_cannot_be_added_names_its_field(world: World, data: dict[str, str]) -> None:
    here = persona(world)
    product(world)
    answer = world.client().send(f"/personas/{here.id}/fits", data)
    assert answer.status_code in {404, 422}
    assert "Choose one of the products." in answer.get_data(as_text=True)


def draft(world: World, **data: str) -> Persona:
    """A persona saved from the builder with these ingredients."""
    browser, draft_id = world.client(), uuid4()
    fields = {
        "personName": "P",
        "title": "T",
        "coreGoal": "G",
        "needForOurProduct": "N",
        "potentialPitch": "The pitch",
    }
    answer = browser.send(f"/personas/builder/{draft_id}", {**fields, **data, "do": "save"})
    assert answer.status_code == 303
    return confined(world).get_one(Persona, draft_id)


def test_a_described_product_becomes_one_with_its_fit(world: World) -> None:
    here = draft(world, product_description="Plans shifts for wards.")
    text = page(world, here.id)
    assert "Drafted for a product described in the builder" in text
    assert "Plans shifts for wards." in text
    assert "The pitch" in text
    browser, at = world.client(), f"/personas/{here.id}/fits/take"
    sent = {"product_description": "Plans shifts for wards.", "valuePropToThem": "The pitch"}
    refused = browser.send(at, sent)
    assert refused.status_code == 422
    assert "A product needs a name." in refused.get_data(as_text=True)
    browser.send(at, {**sent, "product_name": "WardPlan"})
    (fit,) = kept(world, here.id)
    made = world.session.get_one(Product, fit.product_id)
    assert (made.name, made.description) == ("WardPlan", "Plans shifts for wards.")


def test_the_product_a_persona_was_drafted_for_is_offered_not_linked(world: World) -> None:
    shelf = product(world)
    here = draft(world, product_id=str(shelf.id))
    assert kept(world, here.id) == []
    assert "Drafted for ShelfSense: add it as a fit?" in page(world, here.id)
    taken = {"product_id": str(shelf.id), "valuePropToThem": "The pitch"}
    world.client().send(f"/personas/{here.id}/fits/take", taken)
    assert [fit.product_id for fit in kept(world, here.id)] == [shelf.id]


def test_a_deleted_product_takes_its_fits_along(world: World) -> None:
    here, shelf = persona(world), product(world)
    browser = world.client()
    browser.send(f"/personas/{here.id}/fits", {"product_id": str(shelf.id), "valuePropToThem": "x"})
    browser.send(f"/products/{shelf.id}/delete")
    assert MISSING in page(world, here.id)


@pytest.fixture
def live(make_world: Callable[..., World]) -> Api:
    return Api(make_world(worker=True))


def test_the_call_proposes_and_upserts_the_best_fit(live: Api) -> None:
    world = live.world
    here, shelf = persona(world), product(world)
    answer = live("POST", f"/api/personas/{here.id}/product-fit")
    assert answer.status_code == 200, answer.json
    assert set(answer.json) == {"id", "personaId", "productId", "valuePropToThem", "alignmentReasoning"}
    assert (answer.json["personaId"], answer.json["productId"]) == (str(here.id), str(shelf.id))
    again = live("POST", f"/api/personas/{here.id}/product-fit", {"companyHQId": "acme"})
    assert again.json["id"] == answer.json["id"]
    (fit,) = kept(world, here.id)
    assert (fit.unreviewed, fit.version) == (True, 2)
    assert "unreviewed" in page(world, here.id)
    world.client().send(f"/personas/{here.id}/fits/{fit.id}/review")
    assert kept(world, here.id)[0].unreviewed is False


def test_the_call_leaves_what_a_person_wrote(live: Api) -> None:
    world = live.world
    here, shelf = persona(world), product(world)
    world.client().send(
        f"/personas/{here.id}/fits", {"product_id": str(shelf.id), "valuePropToThem": "By hand"}
    )
    answer = live("POST", f"/api/personas/{here.id}/product-fit").json
    assert answer["valuePropToThem"] == "By hand"
    assert "expired" in answer["alignmentReasoning"]


def test_the_call_may_be_sent_twice_and_later_asked_for(world: World) -> None:
    api = Api(world)
    here = persona(world)
    product(world)
    sent = {"Idempotency_Key": "k1", "Prefer": "respond-async"}
    first, second = (api("POST", f"/api/personas/{here.id}/product-fit", {}, **sent) for _ in range(2))
    assert (first.status_code, first.json["jobId"]) == (202, second.json["jobId"])
    world.work()
    done = api("GET", first.headers["Location"])
    assert (done.status_code, done.json["personaId"]) == (200, str(here.id))
    assert api("GET", f"/api/personas/generate/{first.json['jobId']}").status_code == 404


def test_without_products_the_call_writes_nothing(world: World) -> None:
    here = persona(world)
    answer = Api(world)("POST", f"/api/personas/{here.id}/product-fit", {})
    assert (answer.status_code, answer.json["code"]) == (422, "no_products")
    assert "No products found" in answer.json["error"]
    assert kept(world, here.id) == []


def test_what_the_call_needs_is_told(world: World) -> None:
    api = Api(world)
    here = persona(world)
    product(world)
    assert api("POST", f"/api/personas/{uuid4()}/product-fit", {}).status_code == 404
    assert api("POST", f"/api/personas/{here.id}/product-fit", {"surprise": 1}).status_code == 400
    assert api("POST", f"/api/personas/{here.id}/product-fit", {"companyHQId": "other"}).status_code == 404
    gone = api("POST", f"/api/personas/{here.id}/bd-intel", {})
    assert (gone.status_code, gone.json["code"]) == (410, "gone")
    assert "/api/contacts/<id>/analysis" in gone.json["error"]


@pytest.mark.thorough
@pytest.mark.parametrize(("mode", "status"), [("429", 503), ("refusal", 502), ("wrong", 502), ("reset", 503)])
def test_a_failing_model_is_told_and_nothing_is_written(
    make_world: Callable[..., World], mode: str, status: int
) -> None:
    with StandIn(mode=mode) as server:
        provider = OpenAiProvider("key", server.base_url, "gpt-4o-mini")
        world = make_world(provider, worker=True, llm_timeout=5.0, llm_budget=12.0, llm_attempts=2)
        here = persona(world)
        product(world)
        answer = Api(world)("POST", f"/api/personas/{here.id}/product-fit", {})
    assert (answer.status_code, answer.json["retryable"]) == (status, True)
    assert kept(world, here.id) == []


def test_with_a_model_the_product_is_one_of_the_companys_and_its_text_stays_text(
    make_world: Callable[..., World],
) -> None:
    with StandIn(mode="injection") as server:
        world = make_world(OpenAiProvider("key", server.base_url, "gpt-4o-mini"), worker=True)
        here = persona(world)
        ours = {product(world).id, product(world, **COURSE).id}
        answer = Api(world)("POST", f"/api/personas/{here.id}/product-fit", {})
    assert answer.status_code == 200, answer.json
    assert UUID(answer.json["productId"]) in ours
    text = page(world, here.id)
    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text


def test_B3_another_companys_persona_product_and_fit_are_not_there(world: World) -> None:
    theirs, their_product = persona(world, world.other_id), product(world, world.other_id)
    mine = persona(world)
    product(world)
    browser = world.client()
    browser.send(f"/personas/{mine.id}/fits", {"product_id": str(their_product.id), "valuePropToThem": "x"})
    assert kept(world, mine.id) == []
    assert Api(world)("POST", f"/api/personas/{theirs.id}/product-fit", {}).status_code == 404
    for path in ("fits/find", "fits/stop", "fits/dismiss", "fits/take", "fits", f"fits/{uuid4()}/remove"):
        answer = browser.send(f"/personas/{theirs.id}/{path}", UNKNOWN)
        assert answer.status_code == 404, path
    assert browser.get(f"/personas/{theirs.id}/fits/new").status_code == 404
    assert browser.part(f"/personas/{theirs.id}/fits").status_code == 404


def test_C2_payloads_in_fits_come_out_as_text(world: World) -> None:
    here, shelf = persona(world), product(world, name=PLANTED)
    browser, at = world.client(), f"/personas/{here.id}/fits"
    browser.send(at, {"product_id": str(shelf.id), "valuePropToThem": PLANTED, "alignmentReasoning": PLANTED})
    (fit,) = kept(world, here.id)
    for path in (f"/personas/{here.id}", f"{at}/{fit.id}/edit", f"{at}/new"):
        text = browser.get(path).get_data(as_text=True)
        assert "<script>alert" not in text
        assert "<b hx-get" not in text


def test_fits_of_many_personas_are_one_read(world: World) -> None:
    first, second = persona(world), persona(world, personName="Another")
    shelf = product(world)
    world.client().send(f"/personas/{first.id}/fits", {"product_id": str(shelf.id), "valuePropToThem": "x"})
    found = fits_of(confined(world), [first.id, second.id])
    assert [line.product_name for line in found[first.id]] == ["ShelfSense"]
    assert found[second.id] == []


BRIEF = FitBrief(
    persona=PersonaFacts(
        title="Owner", pain_points=("Stock lists nobody keeps",), need_for_our_product="Supplies on the shelf"
    ),
    products=(
        NumberedProduct(number="1", name="Course", description="Certified training for teams."),
        NumberedProduct(number="2", **SHELF),
    ),
)


def test_rules_choose_by_shared_words_and_say_them() -> None:
    answer = best_fit(BRIEF)
    assert answer.product == "2"
    assert "shelf" in answer.alignment_reasoning
    assert "2 products were compared" in answer.alignment_reasoning
    assert not any(sign in answer.alignment_reasoning for sign in ("%", "/100"))


def test_rules_say_that_they_found_nothing() -> None:
    empty = BRIEF.model_copy(
        update={"persona": PersonaFacts(title="Astronaut", pain_points=("Weightless soup",))}
    )
    answer = best_fit(empty)
    assert "decide by hand" in answer.alignment_reasoning


def test_rules_speak_russian_where_the_persona_does() -> None:
    brief = FitBrief(
        persona=PersonaFacts(person_name="Владелец", pain_points=("Расходники заканчиваются внезапно",)),
        products=(
            NumberedProduct(number="1", name="Курс", description="Обучение терапевтов"),
            NumberedProduct(number="2", name="Полка", description="Заказывает расходники заранее"),
        ),
    )
    answer = best_fit(brief)
    assert answer.product == "2"
    assert "расходники" in answer.alignment_reasoning
