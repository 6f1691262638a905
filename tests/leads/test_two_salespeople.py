"""Two salespeople with opposite habits, through the calls, each with a token of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import World
from tests.personas.test_catalog_api import Api

EACH = 30  # closed leads of each kind
DAY = timedelta(days=1)
Kind = tuple[str, int]  # of activity, how often
# What wins: by salesperson, how many in ten with property views only, and with opened e-mails only.
HABITS = {"editor": (9, 3), "admin": (2, 8)}


class Seller:
    """A salesperson's program: leads are written, closed and asked about with their own token."""

    def __init__(self, world: World, role: str) -> None:
        self.world, self.role = world, role
        self.api = Api(world, token=world.token("leads:write", staff=role))
        self.email = f"{role}@test.example"

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.api(method, path, body)
        assert answer.json["success"], answer.json
        return answer.json["data"]

    def closed(self, name: str, kind: Kind, *, won: bool, days: int) -> None:
        """Write a lead that lived for three weeks and closed so many days ago."""
        ended = self.world.app.extensions["atelier"].clock.now() - days * DAY
        begun = ended - 21 * DAY
        self("POST", "/api/leads/bulk", {"leads": [self._lead(name, begun, ended, won=won)]})
        moments = [begun + (place + 1) * DAY for place in range(kind[1])]
        self("POST", f"/api/leads/{name}/activities", {"activities": _activities(kind[0], moments)})

    def _lead(self, name: str, begun: datetime, ended: datetime, *, won: bool) -> dict[str, Any]:
        return {
            "lead_id": name,
            "name": name,
            "stage": "WON" if won else "LOST",
            "owner": self.email,
            "created_at": begun.isoformat(),
            "stage_changed_at": ended.isoformat(),
            "closed_at": ended.isoformat(),
        }

    def history(self, habits: tuple[int, int]) -> None:
        """Thirty closed leads of each kind, won in ten as often as said."""
        for kind, of_ten in zip((("property_view", 3), ("email_open", 10)), habits, strict=True):
            for number in range(EACH):
                name = f"{self.role}-{kind[0]}-{number}"
                self.closed(name, kind, won=number % 10 < of_ten, days=5 + 6 * number)

    def probability(self, lead_id: str) -> float:
        return float(self("GET", f"/api/intelligence/leads/{lead_id}/prediction")["conversionProbability"])


def _activities(kind: str, moments: list[datetime]) -> list[dict[str, Any]]:
    return [{"kind": kind, "at": at.isoformat()} for at in moments]


@pytest.fixture(scope="module")
def sellers(module_world: Callable[..., World]) -> Iterator[dict[str, Seller]]:
    world = module_world(worker=True)
    both = {role: Seller(world, role) for role in HABITS}
    for role, habits in HABITS.items():
        both[role].history(habits)
    now = world.app.extensions["atelier"].clock.now()
    for name, kind, times in (("viewed", "property_view", 3), ("mailed", "email_open", 10)):
        begun = now - 20 * DAY
        both["editor"]("POST", "/api/leads", {"lead_id": name, "name": name, "created_at": begun.isoformat()})
        moments = [begun + (place + 1) * DAY for place in range(times)]
        both["editor"]("POST", f"/api/leads/{name}/activities", {"activities": _activities(kind, moments)})
    yield both


def test_x(sellers: dict[str, Seller]) -> None:
    for role, one in sellers.items():
        print(role, one("POST", "/api/intelligence/optimize-scoring", {}))
        print(one.probability("viewed"), one.probability("mailed"))
        print(one("GET", "/api/intelligence/leads/viewed/prediction"))
        print(one("GET", "/api/intelligence/leads/viewed/next-action"))
        print(one("GET", "/api/intelligence/scoring-model"))
