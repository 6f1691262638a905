"""P2: every process real, every byte of the instance's folder read: an erased person is in none."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.instance import Http, Instance

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
ANN, BOB = "zqanna-77", "zqbert-88"
WITHIN = 90  # seconds


def written(api: Http, who: str) -> None:
    """A person with a survey, behaviour, preferences, a contact, a lead and a parked enrichment."""
    email, name = f"{who}@mail.example", f"{who.partition('-')[0].title()} {who.partition('-')[0][::-1]}"
    said = {"answers": {"fears": f"{who} fears the water"}, "version": 0}
    document = {"person": {"name": name, "email": email, "title": f"{who} director"}}
    calls = [
        ("POST", "/api/persons", {"user_id": who, "name": name, "email": email}),
        ("PUT", f"/api/persons/{who}/survey", said),
        ("PUT", f"/api/v1/preferences/{who}", {"privacy": {"tracking_enabled": True}}),
        ("POST", "/api/v1/behavior/track", {"user_id": who, "event_type": "search", "query": f"{who} boots"}),
        ("GET", f"/api/v1/personalize/homepage/{who}", None),
        ("POST", "/api/contacts", {"name": name, "email": email, "notes": f"{who} likes tea"}),
        ("POST", "/api/enrichments", {"document": document}),
    ]
    for method, path, body in calls:
        answer = api.call(method, path, body)
        assert answer.status < 300, (path, answer.text)


def asked(api: Http, who: str, deed: str) -> None:
    """Have it done, and wait until it is."""
    answer = api.call("POST", f"/api/v1/privacy/{who}/{deed}")
    assert answer.status == 202, answer.text
    until = time.monotonic() + WITHIN
    while (told := api.get(f"/api/v1/privacy/requests/{answer.json['id']}").json)["state"] == "running":
        assert time.monotonic() < until, told
        time.sleep(0.2)
    assert told["state"] == "done", told


def holding(instance: Instance, word: str) -> list[str]:
    """The files that hold the word, and the logs of the processes."""
    files = [one for one in instance.folder.rglob("*") if one.is_file()]
    found = [
        str(one.relative_to(instance.folder)) for one in files if word.encode() in one.read_bytes().lower()
    ]
    return found + [line for line in instance.lines if word in line.lower()]


def test_P2_nothing_of_an_erased_person_is_in_any_file_or_log(tmp_path: Path) -> None:
    with Instance(tmp_path / "instance", CACHE_TTL="3600") as instance:
        api = instance.api("all")
        for who in (ANN, BOB):
            written(api, who)
            asked(api, who, "export")
        assert any("atelier.db" in one for one in holding(instance, "zqanna"))
        assert any("appendonly" in one for one in holding(instance, "zqanna"))
        asked(api, ANN, "erase")
        assert holding(instance, "zqanna") == []
        assert holding(instance, "annaqz") == []
        assert any("atelier.db" in one for one in holding(instance, "zqbert"))
        late = api.call("POST", "/api/v1/behavior/track", {"user_id": ANN, "event_type": "page_view"})
        assert late.json["reason"] == "erased", json.dumps(late.json)
    assert holding(instance, "zqanna") == []
