"""The pages of experiments: laid out in a form, started, read, stopped with a decision and its reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import World
from tests.experiments.records import a_customer, an_experiment, designing, expose, open_to_all
from tests.pages import CheckedClient
from webapp.core.access import Role
from webapp.core.db import scope_to
from webapp.experiments.facts import MetricKind, State
from webapp.experiments.facts import Role as Purpose
from webapp.experiments.models import Experiment, VariantOverride
from webapp.experiments.rules.design import Counted
from webapp.experiments.steering import Steering

FORM: dict[str, Any] = {
    "name": "Free delivery hint",
    "key": "",
    "hypothesis": "More buy",
    "treatment": "",
    "variants-key": ["control", "hint"],
    "variants-name": ["As it is", "With the hint"],
    "variants-weight": ["50", "50"],
    "metrics-key": ["bought", "returned"],
    "metrics-name": ["Bought", "Sent back"],
    "metrics-kind": ["proportion", "proportion"],
    "metrics-role": ["primary", "guard_rail"],
    "metrics-better": ["higher", "lower"],
    "metrics-event": ["purchase", ""],
    "coverage": "80",
    "minimum_effect": "10",
    "baseline": "0.1",
    "a_day": "500",
    "minimum_sample": "",
    "alpha": "5",
    "power": "80",
    "version": "0",
}


def text(browser: CheckedClient, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def the_one(world: World) -> Experiment:
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return world.session.query(Experiment).one()


@pytest.fixture
def admin(world: World) -> CheckedClient:
    return world.client("admin")


def test_one_is_laid_out_planned_started_paused_resumed_and_stopped_with_its_reason(
    world: World, admin: CheckedClient
) -> None:
    assert "No experiments yet" in text(admin, "/experiments")
    assert admin.send("/experiments", FORM).status_code == 303
    row = the_one(world)
    assert (row.key, row.state, row.coverage, row.minimum_sample) == (
        "free-delivery-hint",
        State.DRAFT,
        0.8,
        1000,
    )
    home = f"/experiments/{row.id}"
    page = text(admin, home)
    assert re.search(r"It takes [\d\s]+ users, [\d\s]+ days", page)
    assert admin.send(f"{home}/start").status_code == 303
    assert the_one(world).planned
    page = text(admin, home)
    assert "Nobody has met a variant yet" in page
    assert admin.send(f"{home}/pause").status_code == 303
    assert the_one(world).state is State.PAUSED
    assert admin.send(f"{home}/resume").status_code == 303
    refused = admin.send(f"{home}/stop", {"decision": "hint", "reason": "because of it"[:0]})
    assert refused.status_code == 422
    assert "Say why" in refused.get_data(as_text=True)
    assert the_one(world).state is State.RUNNING
    assert admin.send(f"{home}/stop", {"decision": "hint", "reason": "It sells more."}).status_code == 303
    row = the_one(world)
    assert (row.state, row.decision, row.reason) == (State.STOPPED, "hint", "It sells more.")
    assert "It sells more." in text(admin, home)


def test_the_results_begin_with_the_verdict_and_give_none_below_the_minimum(
    world: World, admin: CheckedClient
) -> None:
    row = an_experiment(world, minimum_sample=100)
    expose(world, row, control=60, b=60, did={"bought": {"control": 10, "b": 25}})
    page = text(admin, f"/experiments/{row.id}")
    first = page.index("No verdict yet")
    assert first < page.index("Users by variant")
    assert "each variant needs 100 before anything is concluded" in page
    assert "Chance to beat control" in page


def test_warnings_stand_before_the_numbers(world: World, admin: CheckedClient) -> None:
    row = an_experiment(world, minimum_sample=100)
    expose(world, row, control=400, b=600, several=30)
    page = text(admin, f"/experiments/{row.id}")
    assert "No verdict: the data cannot be trusted" in page
    assert page.index("Sample-ratio mismatch") < page.index("Users by variant")
    assert "met more than one variant" in page
    assert "Sample-ratio mismatch" in text(admin, "/")


def test_a_clear_effect_is_called_and_drawn_day_by_day(world: World, admin: CheckedClient) -> None:
    row = an_experiment(world, minimum_sample=100)
    expose(world, row, control=600, b=600, did={"bought": {"control": 120, "b": 240}}, days=10)
    page = text(admin, f"/experiments/{row.id}")
    assert "Better than the control" in page
    assert "day by day" in page
    assert "<svg" in page
    assert "+100.0 %" in page


@pytest.mark.parametrize(
    ("treatment", "where"),
    [
        ("homepage", "/customers/settings"),
        ("dynamic_pricing", "/customers/prices"),
        ("dynamic_pricing", "/customers/settings"),
        ("archetype_defaults", "/archetypes/rules"),
    ],
)
def test_something_personal_is_behind_an_experiment_in_two_clicks(
    make_world: Callable[..., World], treatment: str, where: str
) -> None:
    world = make_world(enable_dynamic_pricing=True)
    admin = world.client("admin")
    link = f"/experiments/new?treatment={treatment}"
    assert f'href="{link}"' in text(admin, where)
    assert link not in text(world.client("editor"), where)
    form = fields(text(admin, link))
    assert admin.send("/experiments", {**form, "deed": "start"}).status_code == 303
    row = the_one(world)
    assert (row.state, row.treatment) == (State.RUNNING, treatment)
    assert [(one["key"], one["weight"]) for one in row.variants] == [("control", 0.5), ("personal", 0.5)]


def test_prices_that_are_off_are_not_put_behind_an_experiment(world: World, admin: CheckedClient) -> None:
    for where in ("/customers/prices", "/customers/settings"):
        assert "treatment=dynamic_pricing" not in text(admin, where)


def fields(page: str) -> dict[str, Any]:
    """What a browser would send of the page's form, untouched."""
    form = page[page.index('action="/experiments"') :]
    found: dict[str, Any] = {}

    def put(name: str, value: str) -> None:
        found.setdefault(name, []).append(value)

    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] != "csrf_token":
            put(name[1], value[1] if value else "")
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option[^>]*value="([^"]*)"[^>]*selected|selected[^>]*value="([^"]*)"', options)
        put(name, (chosen[1] or chosen[2] or "") if chosen else "")
    for name, typed in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        put(name, typed.strip())
    return found


def test_who_gets_what_is_frozen_after_the_start_and_coverage_only_grows(
    world: World, admin: CheckedClient
) -> None:
    admin.send("/experiments", FORM)
    row = the_one(world)
    home = f"/experiments/{row.id}"
    admin.send(f"{home}/start")
    form = {**FORM, "key": row.key, "version": str(the_one(world).version)}
    refused = admin.send(home, {**form, "variants-weight": ["90", "10"]})
    assert refused.status_code == 409
    assert "It has been started" in refused.get_data(as_text=True)
    refused = admin.send(home, {**form, "coverage": "50"})
    assert refused.status_code == 409
    assert "can only grow" in refused.get_data(as_text=True)
    assert admin.send(home, {**form, "coverage": "100", "name": "Hint"}).status_code == 303
    row = the_one(world)
    assert (row.coverage, row.name) == (1.0, "Hint")


def test_what_cannot_be_is_named_at_the_field_and_nothing_typed_is_lost(
    world: World, admin: CheckedClient
) -> None:
    wrong = {**FORM, "variants-key": ["control", "control"], "hypothesis": "Kept words"}
    answer = admin.send("/experiments", wrong)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Two variants have the same key" in page
    assert "Kept words" in page
    for field, value in {
        "coverage": "much",
        "minimum_effect": "0",
        "baseline": "1e400",
        "power": "3",
        "deviation": "1e200",
    }.items():
        assert admin.send("/experiments", {**FORM, field: value}).status_code == 422
    added = admin.send("/experiments", {**FORM, "move": "metrics::add"})
    assert added.status_code == 200
    assert "Metric 3" in added.get_data(as_text=True)
    scope_to(world.session, world.company_id)
    assert world.session.query(Experiment).count() == 0


def test_the_form_sent_twice_makes_one(world: World, admin: CheckedClient) -> None:
    for _ in range(2):
        assert admin.send("/experiments", {**FORM, "once": "same"}).status_code == 303
    assert the_one(world)


def test_an_override_is_set_seen_and_taken_back_on_the_page(world: World, admin: CheckedClient) -> None:
    a_customer(world)
    row = an_experiment(world)
    home = f"/experiments/{row.id}"
    assert admin.send(f"{home}/overrides", {"user_id": "ann", "variant": "b"}).status_code == 303
    page = text(admin, f"{home}?user_id=ann")
    assert "gets <b>b</b> by override" in page
    scope_to(world.session, world.company_id)
    made = world.session.query(VariantOverride).one()
    assert "override" in text(admin, f"/people/{made.person_id}")
    assert admin.send(f"{home}/overrides/{made.id}/release").status_code == 303
    scope_to(world.session, world.company_id)
    assert world.session.query(VariantOverride).count() == 0


def test_a_draft_is_deleted_and_what_was_started_is_not(world: World, admin: CheckedClient) -> None:
    draft, started = an_experiment(world, "draft", start=False), an_experiment(world, "started")
    assert admin.send(f"/experiments/{draft.id}/delete").status_code == 303
    assert admin.send(f"/experiments/{started.id}/delete").status_code == 409
    assert the_one(world).key == "started"


def test_readers_see_and_do_not_steer(world: World) -> None:
    row = an_experiment(world)
    viewer = world.client("viewer")
    page = text(viewer, f"/experiments/{row.id}")
    assert "Stop with a decision" not in page
    for deed in ("start", "pause", "stop", "delete", "overrides"):
        assert viewer.send(f"/experiments/{row.id}/{deed}").status_code == 403


def test_another_companys_experiment_is_nowhere(world: World, admin: CheckedClient) -> None:
    row = an_experiment(world, company_id=world.other_id)
    for path in ("", "/edit"):
        text(admin, f"/experiments/{row.id}{path}", 404)
    for deed in ("", "/start", "/pause", "/stop", "/delete", "/overrides"):
        assert admin.send(f"/experiments/{row.id}{deed}", FORM).status_code == 404


def test_two_experiments_on_the_same_treatment_do_not_run_at_once(world: World, admin: CheckedClient) -> None:
    an_experiment(world, "one", treatment="homepage")
    two = an_experiment(world, "two", treatment="homepage", start=False)
    admin.send(f"/experiments/{two.id}/start")
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    assert world.session.get_one(Experiment, two.id).state is State.DRAFT


def test_a_mean_and_a_revenue_are_told_in_their_unit(world: World, admin: CheckedClient) -> None:
    metrics = (
        Counted("revenue", "Revenue", MetricKind.REVENUE, Purpose.PRIMARY),
        Counted("stars", "Stars", MetricKind.MEAN),
    )
    row = an_experiment(world, metrics=metrics, minimum_sample=50)
    expose(world, row, control=80, b=80, did={"revenue": {"control": 40, "b": 60}, "stars": {"b": 40}})
    page = text(admin, f"/experiments/{row.id}")
    assert "sum per user" in page.lower()
    assert "mean value of those who have one" in page.lower()


def test_off_says_so(world: World) -> None:
    open_to_all(world)
    admin = world.client("admin")
    admin.send("/customers/settings/switches/ab_testing/off")
    assert "Experiments are off" in text(admin, "/experiments")


def test_the_list_is_searched_filtered_and_exported(world: World, admin: CheckedClient) -> None:
    an_experiment(world, "alpha", name="Alpha", start=False)
    row = an_experiment(world, "beta", name="Beta")
    Steering(designing(world)).pause(world.session, world.actor(Role.ADMIN), row.id)
    assert "Beta" not in text(admin, "/experiments?q=al")
    assert "Alpha" not in text(admin, "/experiments?state=paused")
    assert "beta" in admin.get("/experiments/export?state=paused").get_data(as_text=True)
    assert "Beta" in text(admin, "/search?q=bet")
