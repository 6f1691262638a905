"""A recalculation whose worker is killed in the middle: it goes on, and looks at each member once."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from tests.faults.test_lessons_batch import ask
from tests.instance import Instance, until

pytestmark = pytest.mark.fault


@pytest.mark.timeout(240)
def test_J1_a_recalculation_goes_on_after_the_death_of_its_worker(tmp_path: Path) -> None:
    with Instance(tmp_path / "instance", ARCHETYPE_SET="1") as instance:
        browser = instance.signed_in()
        (members,) = ask(instance, "SELECT count(*) FROM members")[0]
        before = dict(ask(instance, "SELECT person_id, archetype FROM members"))
        form = {"everyone": "yes", "csrf_token": browser.token_of("/archetypes/recalculation")}
        answer = browser.form("/archetypes/recalculation", form)
        assert answer.status == 303, answer.text
        told = {name.lower(): value for name, value in answer.headers.items()}
        job = UUID(told["location"].rsplit("/", 1)[1]).hex
        for share in (0.2, 0.5):
            until(lambda share=share: _done(instance, job) > members * share, 60)
            assert _done(instance, job) < members
            instance.kill("worker 1:")
            instance.kill("worker 2:")
        ended = until(lambda: _ended(instance, job), 120)
        assert ended == "done"
        log = ask(instance, "SELECT processed, failed, finished_at FROM archetype_job_logs")
        assert [row[:2] for row in log] == [(members, 0)]
        assert log[0][2] is not None
        assert dict(ask(instance, "SELECT person_id, archetype FROM members")) == before


def _done(instance: Instance, job: str) -> int:
    (done,) = ask(instance, f"SELECT done FROM jobs WHERE id = '{job}'")[0]
    return int(str(done))


def _ended(instance: Instance, job: str) -> object:
    (state,) = ask(instance, f"SELECT state FROM jobs WHERE id = '{job}'")[0]
    return None if state in {"queued", "running"} else state
