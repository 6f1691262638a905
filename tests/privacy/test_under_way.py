"""P3: an erasure sticks, whatever is under way: batches, imports, trainings; late records are refused."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import World
from tests.lessons.making import confined, course, learner
from tests.lessons.test_batch import begun
from tests.lessons.test_checked_answers import Scripted, answer
from tests.people.records import make
from tests.personas.test_catalog_api import Api, told
from tests.privacy.asking import done, erase_elsewhere, everything
from webapp.core.jobs.models import ERASED, ItemState, Job, JobItem, JobState
from webapp.core.llm.ledger import LlmCall
from webapp.lessons.batch import Choice
from webapp.people.models import Person
from webapp.privacy.models import RequestKind

WORD = "zqfears the water"


def test_P3_an_erasure_during_a_running_batch_sticks(make_world: Callable[..., World]) -> None:
    provider = Scripted([])
    world = make_world(provider, llm_reuse=0, llm_in_flight=1)
    made = course(world)
    marta = learner(world, "zq-marta-1", name="Zqmarta Lind", answers={"fears": WORD})
    other = learner(world, "zq-other-1", name="Other Person", answers={"fears": "the dark"})
    plain = answer(world)
    about = answer(world, homework=f"Zqmarta, {WORD}. Fill in the checklist for 3 people.")
    erased: list[bool] = []

    def meanwhile() -> None:
        provider.answers = [about if WORD in provider.asked[-1] else plain]
        if not erased and WORD in provider.asked[-1]:
            erased.append(True)
            erase_elsewhere(world, marta.identifier)

    provider.meanwhile = meanwhile
    job_id = begun(world, Choice(course_id=made, learners="answered"))[0].id
    world.work()
    session = confined(world)
    items = session.scalars(select(JobItem).where(JobItem.job_id == job_id)).all()
    ended = {(one.subject, one.state, one.problem_code) for one in items if one.problem_code}
    assert ended == {("[erased]", ItemState.FAILED, ERASED)}
    assert sum(one.state is ItemState.DONE for one in items) == 1  # the other's
    assert session.get_one(Job, job_id).state is JobState.DONE_WITH_FAILURES
    assert [one.id for one in session.scalars(select(Person))] == [other.id]
    paid = session.scalars(select(LlmCall).where(LlmCall.item_id.in_([one.id for one in items])))
    assert sum(one.answer == "" for one in paid) == 1  # what the call cost stays, what it said does not
    whole = everything(world)
    assert [one for one in (b"zq-marta-1", b"zqmarta", WORD.encode()) if one in whole] == []


def test_late_records_of_an_erased_person_are_refused_on_every_way(world: World) -> None:
    make(world, "zq-late")
    done(world, RequestKind.ERASE, "zq-late")
    api = Api(world)
    assert told(api("POST", "/api/persons", {"user_id": "zq-late", "name": "Again"})) == (422, "erased")
    event = {"user_id": "zq-late", "event_type": "page_view"}
    tracked = api("POST", "/api/v1/behavior/track", event)
    assert (tracked.status_code, tracked.json["reason"]) == (202, "erased")
    assert api("PUT", "/api/v1/preferences/zq-late", {"theme": "dark"}).status_code == 410
    browser = world.client("editor")
    page = browser.send("/people", {"user_id": "", "identifier": "zq-late", "name": "Again"})
    assert page.status_code == 422
    assert "was erased" in page.get_data(as_text=True)
    for kind, header in (("persons", "user_id,name"), ("learners", "user_id,name")):
        assert "was erased" in imported(browser, world, kind, f"{header}\nzq-late,Again\n")
    world.actor()
    assert list(world.session.scalars(select(Person))) == []


def imported(browser: FlaskClient, world: World, kind: str, text: str) -> str:
    """The report of a dry run of such a file."""
    sent = browser.send(f"/imports/new/{kind}", {"file": (io.BytesIO(text.encode()), "a.csv")})  # type: ignore[attr-defined]  # tests' own client
    assert sent.status_code == 303, sent.get_data(as_text=True)[:2000]
    here = sent.headers["Location"].removesuffix("/columns")
    browser.send(f"{here}/columns", {"to_user_id": "user_id", "to_name": "name"})  # type: ignore[attr-defined]
    world.work()
    return browser.get(here).get_data(as_text=True)
