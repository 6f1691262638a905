"""What is done on the pages of lead models: training once, versions put in force by hand, all at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.leads.making import make_lead
from tests.leads.model_making import close_leads, make_version, train, values_of
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.jobs.models import Job
from webapp.leads.facts import ModelDeed
from webapp.leads.models import ModelEvent, Salesperson, ScoringModel

MINE = "/models"
WORSE = "Not better than the default by more than one standard error: log-loss 0.010 higher."


@pytest.fixture(scope="module")
def values(module_world: Callable[..., World]) -> dict[str, Any]:
    """What a trained version says."""
    world = module_world()
    close_leads(world, "editor", (9, 2))
    return values_of(train(world))


def words(world: World, path: str = MINE, role: str = "editor") -> str:
    return unescape(world.client(role).get(path).get_data(as_text=True))


def in_force(world: World) -> int:
    world.actor()
    return world.session.scalars(
        select(Salesperson.number).where(Salesperson.staff_id == world.staff["editor"])
    ).one()


def test_a_rejected_version_stands_there_with_its_reason(world: World, values: dict[str, Any]) -> None:
    make_version(world, values, 1, adopted=False, reason=WORSE)
    page = words(world)
    assert (
        "The default is in force. The last trained version was not better than the default, "
        "so the default stays." in page
    )
    assert WORSE in page
    make_version(world, values, 2, adopted=True)
    make_version(world, values, 3, adopted=False, reason=WORSE)
    page = words(world)
    assert "so version 2 stays." in page
    assert ">rejected<" in page
    assert re.search(r"Version 3, rejected", page)
    assert WORSE in words(world, f"{MINE}?version=3")


def test_a_version_is_rolled_back_with_a_reason_and_audited(world: World, values: dict[str, Any]) -> None:
    make_version(world, values, 1, adopted=True)
    make_version(world, values, 2, adopted=True, weights={**values["weights"]})
    browser = world.client()
    wrong = browser.send(f"{MINE}/version", {"number": "1", "reason": " "})
    assert wrong.status_code == 422
    assert "Say why" in unescape(wrong.get_data(as_text=True))
    assert in_force(world) == 2
    assert browser.send(f"{MINE}/version", {"number": "1", "reason": "It knew the market."}).location == MINE
    assert in_force(world) == 1
    page = words(world)
    assert all(one in page for one in ("Rolled back to</b>: version 1", "It knew the market.", ">former<"))
    world.actor()
    entry = world.session.scalars(
        select(AuditEntry).where(AuditEntry.action == AuditAction.MODEL_CHOSEN)
    ).one()
    assert entry.reason == "It knew the market."
    assert browser.send(f"{MINE}/version", {"number": "9", "reason": "Why not"}).status_code == 422
    assert browser.send(f"{MINE}/version", {"number": "0", "reason": "Back to basics."}).location == MINE
    page = words(world)
    assert "The default is in force: Editor" in page
    assert "“Back to basics.”" in page
    deeds = [one.deed for one in world.session.scalars(select(ModelEvent).order_by(ModelEvent.at))]
    assert deeds[-2:] == [ModelDeed.ROLLED_BACK, ModelDeed.RESET]


def test_an_admin_chooses_for_somebody_else(world: World, values: dict[str, Any]) -> None:
    make_version(world, values, 1, adopted=True)
    theirs = f"{MINE}/{world.staff['editor']}"
    sent = world.client("admin").send(f"{theirs}/version", {"number": "0", "reason": "They asked."})
    assert sent.location == theirs
    assert in_force(world) == 0


def test_two_presses_are_one_training_and_its_end_is_told(world: World) -> None:
    close_leads(world, "editor", (9, 2), each=15)
    browser = world.client()
    first, second = (browser.send(f"{MINE}/train").location for _ in range(2))
    assert first == second
    live = browser.get(first).get_data(as_text=True)
    assert 'data-state="queued"' in live
    assert "hx-trigger" in live
    world.actor()
    assert world.session.scalar(select(func.count()).select_from(Job)) == 1
    world.work()
    assert "Version 1 is trained" in words(world, first)
    world.actor()
    assert world.session.scalar(select(func.count()).select_from(ScoringModel)) == 1
    assert "Version 1 is trained" not in words(world, first, "viewer")  # whose page it is not


def test_all_are_trained_and_all_leads_scored_by_an_admin(world: World) -> None:
    admin, everyone = world.client("admin"), f"{MINE}/everyone"
    assert "Nobody owns leads yet" in words(world, everyone, "admin")
    make_lead(world, "Open")
    assert admin.send(f"{everyone}/train").location == everyone
    assert "Nobody has enough closed leads yet." in words(world, everyone, "admin") or world.work() == 0
    close_leads(world, "editor", (9, 2), each=11)
    admin.send(f"{everyone}/train")
    assert ">training<" in words(world, everyone, "admin")
    world.work()
    world.actor()
    assert world.session.scalars(select(ScoringModel.staff_id)).all() == [world.staff["editor"]]
    assert admin.send(f"{everyone}/score").location == everyone
    world.work()
    world.actor()
    kinds = world.session.scalars(select(Job.kind).order_by(Job.id)).all()
    assert kinds == ["leads.train", "leads.score"]


def test_the_average_is_told_from_two_models_on(world: World, values: dict[str, Any]) -> None:
    make_version(world, values, 1, adopted=True)
    assert "company’s average" not in words(world)
    make_version(world, values, 1, adopted=True, role="admin", accuracy=0.5, accuracy_low=0.4)
    mean = round(100 * (values["accuracy"] + 0.5) / 2)
    assert f"{mean} % in the mean of 2 models in force" in words(world)


def test_a_leak_is_an_alarm(world: World, values: dict[str, Any]) -> None:
    leaky = {**values["evaluation"], "leaks": [{"input": "attributes.signed", "auc": 0.99}]}
    make_version(world, values, 1, adopted=True, evaluation=leaky)
    page = words(world)
    assert "Leak alarm" in page
    assert "Signed (AUC 0.99)" in page
