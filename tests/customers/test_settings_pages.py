"""How a company runs the service: defaults and switches on their page, followed by the next call."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.conftest import World
from tests.customers.serving import Caller, fresh
from tests.pages import CheckedClient
from webapp.accounts.models import Company
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import unit
from webapp.core.told_settings import told_settings, without_password
from webapp.customers.facts import Feature
from webapp.customers.models import CustomerSettings
from webapp.customers.service import INSTANCE, service_of

HOME = "/customers/settings"
SAVED = {"consent_first": "y", "wording": "1", "search_shift": "5", "retention_days": "730", "version": "0"}


@pytest.fixture(scope="module")
def looked_at(module_world: Callable[..., World]) -> World:
    """A world that these tests only try to change."""
    return module_world()


@pytest.fixture(scope="module")
def steering(looked_at: World) -> CheckedClient:
    return looked_at.client("admin")


def traces(world: World, action: AuditAction) -> list[Any]:
    fresh(world)
    return list(world.session.scalars(select(AuditEntry.changes).where(AuditEntry.action == action)))


def test_defaults_are_saved_and_the_next_call_follows(world: World) -> None:
    admin, caller = world.client("admin"), Caller(world)
    page = admin.get(HOME).get_data(as_text=True)
    assert "Not said: system" in page
    changed = {**SAVED, "language": "de-ch", "theme": "dark", "sms": "yes", "wording": "2026-11"}
    assert admin.send(HOME, changed).status_code == 303
    told = caller.get("u-1").get_json()
    assert (told["language"], told["theme"], told["notifications"]["sms"]) == ("de-CH", "dark", True)
    assert set(traces(world, AuditAction.CUSTOMER_SETTINGS_CHANGED)[0]) == {
        "language",
        "theme",
        "sms",
        "wording",
    }
    again = admin.get(HOME).get_data(as_text=True)
    assert 'value="de-CH"' in again
    assert admin.send(HOME, {**SAVED, "version": "1"}).status_code == 303
    assert caller.get("u-1").get_json()["language"] == "en"


def test_consent_first_is_the_companys_to_say(world: World) -> None:
    admin, caller = world.client("admin"), Caller(world)
    assert caller.get("u-1").get_json()["privacy"]["tracking_enabled"] is False
    without = {name: text for name, text in SAVED.items() if name != "consent_first"}
    assert admin.send(HOME, without).status_code == 303
    assert caller.get("u-1").get_json()["privacy"]["tracking_enabled"] is True


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("language", "english", "BCP 47"),
        ("currency", "ZZZ", "no currency"),
        ("timezone", "Mars", "no such time zone"),
        ("quiet_from", "26:00", "00:00 to 23:59"),
        ("search_shift", "51", "from 0 to 50"),
        ("search_shift", "many", "Not a valid integer"),
        ("retention_days", "0", "from 1 to 3,650"),
        ("wording", "", "Name the wording"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    looked_at: World, steering: CheckedClient, field: str, text: str, why: str
) -> None:
    answer = steering.send(HOME, {**SAVED, "theme": "dark", field: text})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert why in page
    assert f'id="{field}-error"' in page
    assert re.search(r'<option selected value="dark">', page)
    fresh(looked_at)
    assert looked_at.session.scalars(select(CustomerSettings)).all() == []


def test_two_admins_saving_at_once_see_both_versions(world: World) -> None:
    admin = world.client("admin")
    assert admin.send(HOME, {**SAVED, "language": "de"}).status_code == 303
    late = admin.send(HOME, {**SAVED, "language": "fr"})
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "What is saved now" in page
    assert 'value="fr"' in page
    assert admin.send(HOME, {**SAVED, "language": "fr", "version": "1"}).status_code == 303


def switch_in(page: str, feature: str) -> str:
    return re.findall(rf'id="switch-{feature}".*?</tr>', page, re.DOTALL)[0]


@pytest.mark.thorough
def test_each_feature_is_switched_off_and_on(make_world: Callable[..., World]) -> None:
    world = make_world(enable_dynamic_pricing=True)
    admin = world.client("admin")
    token = admin.form_token()
    for feature in Feature:
        for state, on in (("off", False), ("on", True)):
            path = f"{HOME}/switches/{feature.value}/{state}"
            assert admin.post(path, data={"csrf_token": token}).status_code == 303
            fresh(world)
            assert service_of(world.session, world.services.settings).on(feature) is on
            told = switch_in(admin.get(HOME).get_data(as_text=True), feature.value)
            assert ("Switch off" in told) is on
    told = [next(iter(one)) for one in traces(world, AuditAction.FEATURE_SWITCHED)]
    assert sorted(told) == sorted([feature.value for feature in Feature] * 2)
    assert admin.send(f"{HOME}/switches/search/on").status_code == 303  # as it is already
    assert len(traces(world, AuditAction.FEATURE_SWITCHED)) == len(told)


def test_what_the_instance_switches_off_names_its_setting(make_world: Callable[..., World]) -> None:
    world = make_world(**dict.fromkeys(INSTANCE.values(), False))
    page = world.client("viewer").get(HOME).get_data(as_text=True)
    for feature, setting in INSTANCE.items():
        assert f"{setting.upper()}=true" in switch_in(page, feature.value)
        assert f"<code>{setting.upper()}</code>" in page
        assert not service_of(world.session, world.services.settings).on(feature)


def test_the_instances_settings_are_told_without_their_secrets(
    looked_at: World, steering: CheckedClient
) -> None:
    page = steering.get(HOME).get_data(as_text=True)
    for name in ("LOG_LEVEL", "PORT", "DATABASE_URL", "REDIS_URL", "REDIS_PASSWORD"):
        assert f"<code>{name}</code>" in page
    assert "DATABASE_URL" not in looked_at.client("viewer").get(HOME).get_data(as_text=True)
    secret = {"redis_password": "geheim", "redis_url": "redis://:geh@eim@here/0"}
    given = looked_at.services.settings.model_copy(update=secret)
    told = {one.name: one.value for one in told_settings(given)}
    assert (told["REDIS_PASSWORD"], told["REDIS_URL"]) == ("set", "redis://:•••@here/0")
    asked = "postgresql://here/db?user=a&password=s3cret&sslmode=require"
    assert without_password(asked) == "postgresql://here/db?user=a&password=•••&sslmode=require"
    assert "best hour are refused (403)" in switch_in(page, "personalization")


def test_the_kill_switch_takes_all_that_is_personal_with_it(world: World) -> None:
    admin = world.client("admin")
    admin.send(f"{HOME}/switches/personalization/off")
    page = admin.get(HOME).get_data(as_text=True)
    for feature in ("recommendations", "search", "smart_notifications"):
        told = switch_in(page, feature)
        assert "all personalization of this company is switched off" in told


def test_coverage_counts_who_granted_refused_and_said_nothing(world: World) -> None:
    caller = Caller(world)
    for user_id, body in {
        "a": {"privacy": {"tracking_enabled": True}},
        "b": {"privacy": {"tracking_enabled": True}},
        "c": {"privacy": {"tracking_enabled": False}},
        "d": {"theme": "dark"},
    }.items():
        assert caller.put(user_id, body).status_code == 200
    page = world.client("viewer").get(HOME).get_data(as_text=True)
    assert "2 of 4 customers granted tracking, 1 refused it; 1 said nothing, and are not tracked" in page
    row = re.findall(r"<tr><td>Tracking</td>(.*?)</tr>", page)[0]
    assert re.findall(r'num">([^<]+)<', row) == ["2", "1", "1", "50.0 %"]


def test_without_gdpr_the_companys_policy_stands_in_place_of_consents(
    make_world: Callable[..., World],
) -> None:
    world = make_world(gdpr_compliant=False)
    world.actor()
    with unit(world.session) as session:
        session.execute(
            update(Company).where(Company.id == world.company_id).values(consent_policy="We ask nicely.")
        )
    Caller(world).put("u-1", {"privacy": {"tracking_enabled": True}})
    viewer = world.client("viewer")
    person = re.findall(
        r'href="(/customers/[0-9a-f-]{36})"', viewer.get("/customers").get_data(as_text=True)
    )[0]
    for path in (HOME, "/customers/consents", person):
        page = viewer.get(path).get_data(as_text=True)
        assert "We ask nicely." in page
        assert "Who consented" not in page
        assert "Consent history" not in page


def test_B1_only_admins_steer(world: World) -> None:
    for role in ("viewer", "editor"):
        browser = world.client(role)
        page = browser.get(HOME).get_data(as_text=True)
        assert "Save settings" not in page
        assert "Switch off" not in page
        assert browser.send(HOME, SAVED).status_code == 403
        assert browser.send(f"{HOME}/switches/search/off").status_code == 403
    for odd in ("nothing/off", "search/sideways"):
        assert world.client("admin").send(f"{HOME}/switches/{odd}").status_code == 404
