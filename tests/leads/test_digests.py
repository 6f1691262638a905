"""Digests: what they say in each tone, who gets one and when, and that no day has two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.leads.making import keep, make_activity, make_lead
from webapp.core.db import unit
from webapp.core.jobs.models import Job, JobState
from webapp.leads.digests import MORNING, digest, sellers
from webapp.leads.facts import Action, Frequency, NoticeKind, Stage, Tone
from webapp.leads.models import Lead, Notice, Salesperson
from webapp.leads.rules.digest import Figures, headline, invitation

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


SAID = {
    (Figures(23, 4, 2, 1), Tone.PROFESSIONAL): """
        You have 23 open leads, 4 of them at risk. In the last day 2 were won and 1 was lost.""",
    (Figures(1, 0, 0, 0), Tone.PROFESSIONAL): """
        You have 1 open lead, none of them at risk. Nothing was won or lost in the last day.""",
    (Figures(23, 4, 2, 1, Frequency.WEEKLY), Tone.FRIENDLY): """
        Good morning! I count 23 open leads on your desk, and 4 of them could do with a sign of life from you.
        You won 2 in the last week (1 was lost): well done!""",
    (Figures(2, 0, 0, 3), Tone.PROFESSIONAL): """
        You have 2 open leads, none of them at risk. In the last day none was won and 3 were lost.""",
    (Figures(0, 0, 0, 2), Tone.FRIENDLY): """
        Good morning! Your desk is clear: I find no open leads. 2 were lost in the last day; it happens.""",
    (Figures(3, 0, 0, 0), Tone.FRIENDLY): """
        Good morning! I count 3 open leads on your desk. Nothing was decided in the last day.""",
    (Figures(23, 4, 2, 1), Tone.CONCISE): """
        23 open, 4 at risk; 2 won, 1 lost in the last day.""",
}


@pytest.mark.parametrize(("given", "text"), SAID.items())
def test_each_tone_says_the_same_figures(given: tuple[Figures, Tone], text: str) -> None:
    assert headline(*given) == " ".join(text.split())


@pytest.mark.parametrize("tone", Tone)
def test_no_tone_praises_where_nothing_was_won(tone: Tone) -> None:
    assert "well done" not in headline(Figures(9, 1, 0, 3), tone)
    assert len({invitation(Figures(9, 1, 0, 3), one) for one in Tone}) == 3
    assert invitation(Figures(0, 0, 0, 0), tone) == ""


def write(world: World, local: datetime, role: str = "editor") -> Notice | None:
    world.actor()
    with unit(world.session) as session:
        row = digest(session, world.staff[role], world.clock.now(), local)
        session.flush()
    return row


def prefer(world: World, frequency: Frequency, role: str = "editor", tone: Tone = Tone.PROFESSIONAL) -> None:
    keep(world, Salesperson(staff_id=world.staff[role], digest=frequency, tone=tone))


@pytest.mark.parametrize(
    ("frequency", "days", "count"),
    [(Frequency.DAILY, 8, 8), (Frequency.WEEKLY, 8, 2), (Frequency.OFF, 8, 0)],
)
def test_it_comes_as_often_as_ordered(world: World, frequency: Frequency, days: int, count: int) -> None:
    prefer(world, frequency)
    written = [write(world, MONDAY + timedelta(days=number)) for number in range(days)]
    assert sum(row is not None for row in written) == count
    assert written[0] is not None or frequency is Frequency.OFF


def test_a_second_run_on_the_same_day_writes_nothing(world: World) -> None:
    assert write(world, MONDAY) is not None
    assert write(world, MONDAY + timedelta(hours=9)) is None
    assert write(world, MONDAY + timedelta(days=1)) is not None


def test_its_figures_are_the_persons_own(world: World) -> None:
    now = world.clock.now()
    for number in range(7):
        make_lead(world, f"L{number}", probability=number / 10, at_risk=number > 4, next_action=Action.CALL)
    make_lead(world, "Unscored")
    make_lead(world, "Won", stage=Stage.WON, closed_at=now - timedelta(hours=3))
    make_lead(world, "Lost long ago", stage=Stage.LOST, closed_at=now - timedelta(days=3))
    make_lead(world, "Theirs", owner="viewer", probability=0.99)
    row = write(world, MONDAY)
    assert row is not None
    assert (row.body["open"], row.body["at_risk"], row.body["won"], row.body["lost"]) == (8, 2, 1, 0)
    assert [one["probability"] for one in row.body["top"]] == [0.6, 0.5, 0.4, 0.3, 0.2]
    assert row.body["top"][0]["action"] == "call"
    assert "L6" not in str(row.body)  # names are read when it is shown


def test_it_counts_from_the_last_one_where_that_is_about_a_period_ago(world: World) -> None:
    now = world.clock.now()
    keep(world, Salesperson(staff_id=world.staff["editor"], digested_at=now - timedelta(hours=30)))
    make_lead(world, "Won", stage=Stage.WON, closed_at=now - timedelta(hours=28))
    row = write(world, MONDAY)
    assert row is not None
    assert row.body["won"] == 1


def test_after_a_long_break_a_day_is_a_day(world: World) -> None:
    now = world.clock.now()
    keep(world, Salesperson(staff_id=world.staff["editor"], digested_at=now - timedelta(days=30)))
    make_lead(world, "Won", stage=Stage.WON, closed_at=now - timedelta(days=9))
    row = write(world, MONDAY)
    assert row is not None
    assert row.body["won"] == 0


def test_the_morning_job_tells_everybody_who_sells_once(world: World) -> None:
    lead_id = make_lead(world, "Alsterhof", at_risk=True, probability=0.5)
    make_activity(world, lead_id, 40)
    make_lead(world, "Of the admin", owner="admin")
    who = world.actor()
    schedule = next(one for one in world.services.scheduler.schedules if one.kind is MORNING)
    for _ in range(2):
        world.services.scheduler.run_now(world.session, world.actor(), schedule)
        assert world.work() == 1
    who = world.actor()
    assert {job.state for job in world.session.scalars(select(Job))} == {JobState.DONE}
    counted = select(Notice.staff_id, Notice.kind, func.count()).group_by(Notice.staff_id, Notice.kind)
    assert {(str(a), b): c for a, b, c in world.session.execute(counted)} == {
        (str(who.staff_id), NoticeKind.AT_RISK): 1,
        (str(who.staff_id), NoticeKind.DIGEST): 1,
        (str(world.staff["admin"]), NoticeKind.DIGEST): 1,
    }


def test_who_has_no_lead_is_left_alone(world: World) -> None:
    world.actor()
    assert sellers(world.session) == []


def test_the_page_of_a_digest_shows_its_leads_and_what_became_of_them(world: World) -> None:
    make_lead(world, "Alsterhof", probability=0.6, next_action=Action.MEETING, at_risk=True)
    gone = make_lead(world, "Deleted", probability=0.7)
    row = write(world, MONDAY)
    assert row is not None
    address = f"/leads/notices/{row.id}"
    world.actor()
    with unit(world.session) as session:
        session.delete(session.get_one(Lead, gone))
    text = world.client().get(address).text
    assert "Alsterhof" in text
    assert "Propose a meeting" in text
    assert "a lead that is gone" in text
    assert "Deleted" not in text
