"""The pages of lead models: verdicts by state, figures as the stored rows say, who may look and train."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.leads.making import make_activity, make_lead
from tests.leads.model_making import DAY, close_leads, train, values_of
from tests.leads.test_pages import statements
from tests.pages import CheckedClient
from webapp.accounts.models import Staff
from webapp.core.db import unit
from webapp.core.intervals import wilson
from webapp.leads.models import Lead, Prediction

MINE = "/models"
CONFUSED = re.compile(
    r'Were won</th><td class="num"><b>([\d.]+)</b>.*?Were lost</th><td class="num">([\d.]+)', re.DOTALL
)


@dataclass(frozen=True)
class Shop:
    """A company where the editor has a trained model, and the admin 19 closed leads."""

    world: World
    values: dict[str, Any]
    leads: list[UUID]
    open: UUID


@pytest.fixture(scope="module")
def shop(module_world: Callable[..., World]) -> Shop:
    world = module_world()
    leads = close_leads(world, "editor", (9, 2))
    close_leads(world, "admin", (6, 6), each=10)
    world.actor()
    with unit(world.session) as session:
        owned = select(Lead).where(Lead.owner_id == world.staff["admin"]).limit(1)
        session.delete(session.scalars(owned).one())
    values = values_of(train(world))
    open_lead = make_lead(world, "Open One", opened_at=world.clock.now() - 20 * DAY)
    for day in (18, 17, 16):
        make_activity(world, open_lead, day, "property_view")
    _predicted(world, leads)
    return Shop(world, values, leads, open_lead)


def _predicted(world: World, leads: list[UUID]) -> None:
    """Predictions of half of them, four days ahead, and one that came too late to count."""
    world.actor()
    with unit(world.session) as session:
        for number, lead_id in enumerate(leads[::2]):
            lead = session.get_one(Lead, lead_id)
            assert lead.closed_at is not None
            for ahead, probability in ((4, 0.3 + 0.4 * (number % 3 > 0)), (0.2, 0.99)):
                session.add(
                    Prediction(
                        lead_id=lead_id,
                        staff_id=world.staff["editor"],
                        model_number=0,
                        probability=probability,
                        at=lead.closed_at - ahead * DAY,
                    )
                )


@pytest.fixture(scope="module")
def page(shop: Shop) -> str:
    return words_of(shop.world.client(), MINE)


def words_of(browser: CheckedClient, path: str) -> str:
    return unescape(browser.get(path).get_data(as_text=True))


def verdict_on(page: str) -> str:
    found = re.search(r'class="verdict"[^>]*>([^<]+)<', page)
    assert found is not None
    return found.group(1)


def table_of(browser: CheckedClient, path: str) -> dict[str, list[list[str]]]:
    rows = csv.reader(io.StringIO(browser.get(path).get_data(as_text=True)))
    found: dict[str, list[list[str]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row[1:])
    return found


def test_the_verdict_of_a_model_in_force_says_how_often_it_was_right(shop: Shop, page: str) -> None:
    figures = shop.values["evaluation"]["figures"]
    mine, low, high = (round(100 * one) for one in figures["personal"]["accuracy"])
    default = round(100 * figures["default"]["accuracy"][0])
    assert verdict_on(page) == (
        "Your own model is in force. On leads it had not seen it was right in "
        f"{mine} % of cases ({low} to {high} %), the default in {default} %."
    )
    assert "60 closed leads: 33 won, 27 lost" in page


def test_the_calibration_plot_is_that_of_the_stored_rows(shop: Shop, page: str) -> None:
    rows = shop.values["evaluation"]["rows"]
    p, won, weight = (np.array(rows[name], float) for name in ("probability", "won", "weight"))
    told = []
    for tenth in range(10):
        here = [place for place in range(len(p)) if min(int(p[place] * 10), 9) == tenth]
        if here:
            count = weight[here].sum()
            hits, said = (weight[here] * won[here]).sum(), (weight[here] * p[here]).sum() / count
            low, high = wilson(hits, count)
            told.append(
                f"{said * 100:.0f} % predicted, {hits / count * 100:.0f} % came true "
                f"({round(hits, 1):g} of {round(count, 1):g}; {low * 100:.0f} to {high * 100:.0f} %)"
            )
    shown = re.findall(r"<li>(\d+ % predicted[^<]+)</li>", page)
    assert shown == told
    assert re.search(r"When it says \d+ %, about \d+ of 100 are won; when it says \d+ %, about \d+", page)


def test_the_confusion_follows_the_threshold_and_so_does_the_curve(shop: Shop) -> None:
    browser, rows = shop.world.client(), shop.values["evaluation"]["rows"]
    each = list(zip(rows["probability"], rows["won"], rows["weight"], strict=True))
    for percent in (30, 65):
        page = words_of(browser, f"{MINE}?threshold={percent}")
        called = [one for one in each if one[0] >= percent / 100]
        won = sum(w for _, came, w in called if came)
        false = sum(w for _, came, w in called if not came)
        all_won = sum(w for _, came, w in each if came)
        found = CONFUSED.search(page)
        assert found is not None
        assert [float(one) for one in found.groups()] == [round(won, 1), round(false, 1)]
        assert f"from {percent} % on, {100 * won / all_won:.0f} of 100 won leads are found" in page
    assert "Choose a whole number" in words_of(browser, f"{MINE}?threshold=900")


def test_accuracy_over_time_is_that_of_the_prediction_log(shop: Shop) -> None:
    months: dict[str, list[bool]] = defaultdict(list)
    shop.world.actor()
    for number, lead_id in enumerate(shop.leads[::2]):
        lead = shop.world.session.get_one(Lead, lead_id)
        assert lead.closed_at is not None
        said_won = number % 3 > 0
        months[f"{lead.closed_at:%Y-%m}"].append(said_won == (lead.stage.value == "WON"))
    told = table_of(shop.world.client(), f"{MINE}/export")
    assert {(one[0], int(one[5]), round(float(one[2]), 4)) for one in told["month"]} == {
        (month, len(right), round(sum(right) / len(right), 4)) for month, right in months.items()
    }
    assert {"out of sample", "last fifth", "weight", "calibration", "roc", "strength"} <= told.keys()
    assert sum(float(one[2]) for one in told["weight"] if one[0] == "now") == pytest.approx(1, abs=1e-4)


def test_everything_else_of_it_is_told(shop: Shop, page: str) -> None:
    figures = shop.values["evaluation"]["figures"]
    for words in (
        "Property viewed",
        "always saying the commoner outcome",
        "Last fifth",
        "in force",
        "Cross-validated",
        "The four weights of the default, and its own",
        shop.values["reason"],
        f"{figures['default']['log_loss'][0]:.3f}",
        f"{figures['commoner']['brier'][0]:.3f}",
    ):
        assert words in page, words
    assert "average" not in page.split("Accuracy over time", maxsplit=1)[0]


def test_an_open_lead_is_told_beside_the_closed_ones_like_it(shop: Shop) -> None:
    page = words_of(shop.world.client(), f"{MINE}?lead={shop.open}")
    part = page.split('id="similar"')[1].split("</section>")[0]
    assert part.count('href="/leads/') == 9
    assert part.count("property_view ") >= 8


def test_one_missing_lead_is_said_and_the_button_waits(shop: Shop) -> None:
    page = words_of(shop.world.client("admin"), MINE)
    assert verdict_on(page) == (
        "The default is in force: 1 more closed lead (19 of 20) is missing before a model can be trained."
    )
    assert re.search(r"<button disabled[^>]*>Train</button>", page)
    sent = shop.world.client("admin").send(f"{MINE}/train")
    assert sent.status_code == 303


def test_who_may_look_and_train(shop: Shop) -> None:
    staff, viewer = shop.world.staff, shop.world.client("viewer")
    own = viewer.get(MINE).get_data(as_text=True)
    assert "Train</button>" not in own
    assert viewer.send(f"{MINE}/train").status_code == 403
    assert viewer.send(f"{MINE}/version", {"number": "0", "reason": "no"}).status_code == 403
    editor, admin = shop.world.client(), shop.world.client("admin")
    for path in (f"{MINE}/{staff['admin']}", f"{MINE}/everyone", f"{MINE}/{staff['editor']}/export"):
        assert editor.get(path).status_code == 403, path
    assert editor.send(f"{MINE}/{staff['admin']}/train").status_code == 403
    assert editor.send(f"{MINE}/everyone/train").status_code == 403
    assert verdict_on(words_of(admin, f"{MINE}/{staff['editor']}")).startswith("Editor")
    assert admin.get(f"{MINE}/{stranger_of(shop.world)}").status_code == 404
    assert admin.send(f"{MINE}/{stranger_of(shop.world)}/train").status_code == 404
    assert admin.get(f"{MINE}?version=7").status_code == 404


def stranger_of(world: World) -> UUID:
    return world.session.scalars(select(Staff.id).where(Staff.email == "stranger@test.example")).one()


def test_everyones_models_in_so_many_statements(shop: Shop) -> None:
    admin = shop.world.client("admin")
    page = words_of(admin, f"{MINE}/everyone")
    assert verdict_on(page).startswith("1 of 2 salespeople has a model of their own in force")
    assert "1 person has too few closed leads so far." in page
    assert "19 of 20" in page
    frame = statements(admin, "/account/password")
    assert statements(admin, f"{MINE}/everyone") - frame <= 12
    assert statements(admin, f"{MINE}/{shop.world.staff['editor']}") - frame <= 14
    rows = list(csv.DictReader(io.StringIO(admin.get(f"{MINE}/everyone/export").get_data(as_text=True))))
    assert sorted((one["status"], one["closed"]) for one in rows) == [("19 of 20", "19"), ("version 1", "60")]
