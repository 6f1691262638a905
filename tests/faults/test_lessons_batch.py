"""A batch whose worker is killed twice: each lesson once, nobody without theirs, nothing paid for twice."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text

from tests.instance import Instance, until
from webapp.core.llm.stand_in import StandIn

pytestmark = pytest.mark.fault
LEARNERS = 60


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A model that answers after 300 ms."""
    with StandIn(mode="slow", delay=0.3) as running:
        yield running


def ask(instance: Instance, sql: str) -> list[tuple[object, ...]]:
    engine = create_engine(f"sqlite:///{instance.folder / 'atelier.db'}")
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(sql))]
    engine.dispose()
    return found


def import_learners(instance: Instance, folder: Path) -> list[str]:
    """Sixty learners with surveys of their own; answers their ids."""
    ids = [f"k{number:02}" for number in range(LEARNERS)]
    rows = [
        {"user_id": one, "name": f"Lena Berg{number:02}", "motivation": f"To work alone in {number} months."}
        for number, one in enumerate(ids)
    ]
    file = folder / "learners.json"
    file.write_text(json.dumps(rows))
    instance.flask("lessons", "import-learners", str(file), "--company", "demo")
    return ids


class Watch(threading.Thread):
    """Looks again and again whether a learner who had a lesson has none, or two."""

    def __init__(self, instance: Instance) -> None:
        super().__init__()
        self.instance, self.over = instance, threading.Event()
        self.known: set[object] = set()
        self.lost: list[object] = []
        self.looks = 0

    def run(self) -> None:
        while not self.over.wait(0.1):
            rows = Counter(row[0] for row in ask(self.instance, "SELECT person_id FROM personal_lessons"))
            self.lost += [one for one in self.known if not rows[one]]
            self.known |= set(rows)
            self.looks += 1


@pytest.mark.timeout(240)
def test_J1_a_batch_survives_two_deaths_of_its_worker(tmp_path: Path, stand_in: StandIn) -> None:
    environment = {"OPENAI_BASE_URL": stand_in.base_url, "OPENAI_API_KEY": "k", "LLM_IN_FLIGHT": "4"}
    with Instance(tmp_path / "instance", **environment) as instance:
        ids = import_learners(instance, tmp_path)
        course, key = ask(instance, "SELECT id, key FROM courses ORDER BY key LIMIT 1")[0]
        browser = instance.signed_in()
        lesson = ask(instance, f"SELECT id FROM lessons WHERE course_id = '{course}' ORDER BY lesson_number")[
            0
        ][0]
        data = {
            "course": str(UUID(str(course))),
            "lessons": str(UUID(str(lesson))),
            "learners": "list",
            "ids": "\n".join(ids),
        }
        data |= {"only": "all", "strategy": "template", "do": "start"}
        data["csrf_token"] = browser.token_of(f"/lessons/batches?course={key}")
        watch = Watch(instance)
        watch.start()
        answer = browser.form("/lessons/batches", data)
        assert answer.status == 303, answer.text
        told = {name.lower(): value for name, value in answer.headers.items()}
        job = told["location"].rsplit("/", 1)[1]
        for calls in (10, 30):
            assert stand_in.wait_for_calls(calls, 60)
            instance.kill("worker 1:")
            instance.kill("worker 2:")
        ended = until(lambda: _ended(instance, job), 120)
        watch.over.set()
        watch.join()
        assert ended == ("done", LEARNERS)
        written = ask(instance, "SELECT person_id, version FROM personal_lessons")
        assert len(written) == LEARNERS
        assert {version for _, version in written} == {1}
    assert watch.lost == []
    assert watch.looks > 10
    prompts = Counter(json.dumps(call.messages[:2]) for call in stand_in.calls)
    assert len(prompts) == LEARNERS
    killed = 2 * 4  # so many calls were under way when each worker died
    firsts = [call for call in stand_in.calls if len(call.messages) == 2]
    assert len(firsts) <= LEARNERS + killed


def _ended(instance: Instance, job: str) -> tuple[object, ...] | None:
    found = ask(instance, f"SELECT state, done FROM jobs WHERE id = '{UUID(job).hex}'")[0]
    return None if found[0] in {"queued", "running"} else found
