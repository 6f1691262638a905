"""The quick way of a file of events finds what the rules of a single row find, whatever its rows say."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import World
from tests.customers.test_event_import import HEAD, ago, says, switch_off
from webapp.accounts.companies import zone_of
from webapp.core.db import scope_to, unit
from webapp.core.imports.check import read_and_settle, reader_of
from webapp.core.imports.kind import Problem
from webapp.core.imports.reading import Record
from webapp.core.imports.stage import BAD, CREATE, DEEDS, UNCHANGED, Stage
from webapp.core.reading import in_zone, read_moment
from webapp.customers.event_import import COLUMNS, EVENT_IMPORT, LABELS, WHY
from webapp.customers.facts import BROWSING
from webapp.customers.tracking import ERASED, HISTORY_OFF, NO_CONSENT, SWITCHED_OFF, Done, problems
from webapp.people.erased import digest_of
from webapp.people.models import Tombstone

NAMES = HEAD.split(",")
ROWS = 400
REASONS = {"cy": SWITCHED_OFF, "dee": NO_CONSENT, "gone": ERASED}
CELLS: dict[str, tuple[str, ...]] = {
    "user_id": ("ann", "bo", " ann ", "cy", "dee", "gone", "", "a/b", "x" * 201, "a\0b"),
    "event_type": (
        "page_view",
        "product_view",
        "search",
        "rating",
        "newsletter_read",
        "purchase",
        "",
        "Oh No",
    ),
    "product_id": ("", "p-1", " p-1 ", "p" * 201),
    "query": ("", "trail shoe", "q" * 501),
    "value": ("", "19.90", " 3 ", "7", "a lot", "nan", "1e13", "1_0"),
    "currency": ("", "eur", "EUR", "XXQ"),
    "session_id": ("", "s-1", "s" * 201),
    "event_id": ("", "e-1", "e-2", " e-1 ", "e" * 201),
}


@pytest.fixture
def peopled(world: World) -> World:
    """Two customers who consented, one who refused, one erased."""
    for name, tracking in (("ann", True), ("bo", True), ("cy", False)):
        says(world, name, tracking=tracking)
    with unit(world.session) as session:
        digest = digest_of(session, world.services.settings.audit_secret(), "gone")
        session.add(Tombstone(digest=digest, at=world.clock.now()))
    return world


def moments(world: World) -> tuple[str, ...]:
    good = ago(world, 3)
    bare = good.removesuffix("Z")
    odd = (bare, f"{bare}+02:00", good.lower(), f" {good} ", good.replace("T", " "), f"{bare[:16]}Z")
    return good, *odd, ago(world, -1), ago(world, 731), "yesterday", "", "2026-13-01T00:00:00Z"


def a_row(chance: random.Random, times: tuple[str, ...]) -> dict[str, str]:
    """Mostly right cells, so that rows with one fault, several and none all come up."""
    cells = {"timestamp": chance.choice(times) if chance.random() < 0.3 else times[0]}
    for name, choices in CELLS.items():
        cells[name] = chance.choice(choices) if chance.random() < 0.3 else choices[0]
    if chance.random() < 0.5:
        cells["event_id"] = f"e-{chance.randrange(10**9)}"
    return {
        name: cells[name]
        for name in NAMES
        if name in {"user_id", "event_type", "timestamp"} or chance.random() < 0.9
    }


def judged(world: World, cells: dict[str, str], *, browsing: bool) -> list[Problem]:
    """What the rules of a single row say of it."""
    values, wrong = EVENT_IMPORT.read(cells)
    if wrong:
        return [(LABELS[column.name], wrong[column.name]) for column in COLUMNS if column.name in wrong]
    event = Done(
        values["user_id"],
        values["event_type"],
        values.get("product_id"),
        values.get("query"),
        float(values["value"]) if values.get("value") else None,
        at=in_zone(read_moment(cells["timestamp"]), zone_of(world.session)),
    )
    now = world.clock.now()
    found = problems(event, now - timedelta(days=730), now)
    if found:
        name, why = next(iter(found.items()))
        return [(LABELS[name], why)]
    reason = REASONS.get(event.user_id) or (HISTORY_OFF if event.kind in BROWSING and not browsing else None)
    return [(LABELS["user_id"], WHY[reason])] if reason else []


def identity(world: World, cells: dict[str, str]) -> str:
    """What makes two right rows the same: the id, without one all that they say."""
    values, _ = EVENT_IMPORT.read(cells)
    at = in_zone(read_moment(cells["timestamp"]), zone_of(world.session))
    said = [values.get(name) or "" for name in NAMES if name not in {"timestamp", "event_id"}]
    return values.get("event_id") or repr((at, said))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("browsing", [True, False])
def test_a_file_is_judged_like_its_rows_one_by_one(
    peopled: World, tmp_path: Path, seed: int, *, browsing: bool
) -> None:
    if not browsing:
        switch_off(peopled, "browsing_history")
    scope_to(peopled.session, peopled.company_id)
    chance, times = random.Random(seed), moments(peopled)
    rows = [a_row(chance, times) for _ in range(ROWS)]
    expected, seen = list[tuple[str, list[Problem]]](), set[str]()
    for cells in rows:
        wrong = judged(peopled, cells, browsing=browsing)
        same = "" if wrong else identity(peopled, cells)
        expected.append((BAD if wrong else UNCHANGED if same in seen else CREATE, wrong))
        seen.add(same)
    assert EVENT_IMPORT.for_run is not None
    kind = EVENT_IMPORT.for_run()
    read = reader_of(kind, {name: name for name in NAMES})
    staged = (read(Record(number, cells)) for number, cells in enumerate(rows))
    with Stage(tmp_path / "stage", fresh=True) as stage:
        read_and_settle(stage, kind, peopled.session, staged, lambda _: None)
        found = stage.page(DEEDS, -1, ROWS + 1)
    assert [(row.deed, row.problems) for row in found] == expected


def test_what_is_read_of_a_cell_is_the_same_the_second_time() -> None:
    assert EVENT_IMPORT.for_run is not None
    kind = EVENT_IMPORT.for_run()
    read = reader_of(kind, {name: name for name in NAMES})
    cells = {"user_id": " ann ", "event_type": "rating", "timestamp": "2026-01-02t03:04:05z", "value": "x"}
    rows = [read(Record(number, cells)) for number in (1, 2)]
    assert rows[0].problems == rows[1].problems == [("Value", "This is no number: write it like 19.90.")]
    assert (
        rows[0].values
        == rows[1].values
        == {"user_id": "ann", "event_type": "rating", "timestamp": "2026-01-02T03:04:05Z"}
    )
