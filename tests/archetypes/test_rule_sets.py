"""Versions of the rules: published, rolled out by hash, taken back, and their answers back to the byte."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.archetypes.making import flexible, make_person, member, spender
from tests.conftest import World
from webapp.archetypes.facts import RuleDeed
from webapp.archetypes.models import Recommendation, RuleEvent, RuleSet, RulesInForce
from webapp.archetypes.recalculating import start_recalculation
from webapp.archetypes.recommending import Ask, NightAsked, recommend, replay
from webapp.archetypes.rule_sets import Read, RuleDeeds, find_version, most_share
from webapp.archetypes.rule_state import place_of, state_of
from webapp.archetypes.rules.ruleset import SHIPPED, Rules
from webapp.archetypes.touching import touch_members
from webapp.core.access import Role
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.jobs.models import Job

DEARER = SHIPPED.model_copy(
    update={"pricing": SHIPPED.pricing.model_copy(update={"big_spender": Decimal("1.3")})}
)


@dataclass(frozen=True)
class Fixed:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class Desk:
    """The deeds in the hands of an admin of the first company."""

    world: World

    @property
    def deeds(self) -> RuleDeeds:
        made = self.world.services
        return RuleDeeds(self.world.clock, made.auditor, made.starter, 10_000)

    def draft(self, rules: Rules = DEARER) -> UUID:
        actor = self.world.actor(Role.ADMIN)
        return self.deeds.draft(self.world.session, actor, "dearer", rules).id

    def read(self, set_id: UUID) -> Read:
        self.world.actor(Role.ADMIN)
        row = self.world.session.scalars(select(RulesInForce)).one()
        return Read(find_version(self.world.session, set_id).version, row.version)

    def do(self, deed: str, set_id: UUID, *more: object, reason: str = "because") -> None:
        read, actor = self.read(set_id), self.world.actor(Role.ADMIN)
        first = () if deed == "withdraw" else (set_id,)
        getattr(self.deeds, deed)(self.world.session, actor, *first, read, *more, reason)

    @property
    def first(self) -> UUID:
        self.world.actor(Role.ADMIN)
        return self.world.session.scalars(select(RuleSet.id).where(RuleSet.number == 1)).one()


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def audited(world: World) -> list[tuple[AuditAction, str]]:
    rows = select(AuditEntry.action, AuditEntry.reason).where(AuditEntry.subject == "ruleset")
    return [tuple(row) for row in world.session.execute(rows.order_by(AuditEntry.seq))]  # type: ignore[misc]  # rows are tuples


def told(world: World) -> list[tuple[RuleDeed, int, int, str]]:
    rows = world.session.scalars(select(RuleEvent).order_by(RuleEvent.at))
    return [(one.deed, one.number, one.share, one.reason) for one in rows]


def test_a_draft_is_numbered_after_the_highest_and_what_is_shipped_becomes_version_1(desk: Desk) -> None:
    world, one = desk.world, desk.draft()
    two = desk.draft()
    numbers = world.session.execute(select(RuleSet.number, RuleSet.published_at).order_by(RuleSet.number))
    assert [(number, at is None) for number, at in numbers] == [(1, False), (2, True), (3, True)]
    assert Rules.model_validate(find_version(world.session, two).rules) == DEARER
    assert Rules.model_validate(find_version(world.session, desk.first).rules) == SHIPPED
    desk.deeds.discard(world.session, world.actor(), one, 1)
    with pytest.raises(NotFound):
        find_version(world.session, one)
    actions = [action for action, _ in audited(world)]
    assert actions == [AuditAction.RULES_DRAFTED] * 2 + [AuditAction.RULES_DISCARDED]


def test_a_draft_is_saved_as_read_and_each_value_is_traced(desk: Desk) -> None:
    world, draft = desk.world, desk.draft(SHIPPED)

    def save(rules: Rules, version: int) -> RuleSet:
        return desk.deeds.change(world.session, world.actor(), draft, rules, "dearer", version)

    assert save(SHIPPED, 1).version == 1  # nothing changed
    assert save(DEARER, 1).version == 2
    with pytest.raises(Conflict):
        save(SHIPPED, 1)
    row = select(AuditEntry.changes).where(AuditEntry.action == AuditAction.RULES_CHANGED)
    assert [set(one) for one in world.session.scalars(row)] == [{"pricing__big_spender"}]
    desk.do("publish", draft)
    with pytest.raises(Conflict, match="never change"):
        save(SHIPPED, 2)
    with pytest.raises(Conflict, match="never change"):
        desk.deeds.discard(world.session, world.actor(), draft, 2)


def test_publishing_puts_a_version_in_force_for_everybody_and_starts_a_recalculation(desk: Desk) -> None:
    world, draft = desk.world, desk.draft()
    desk.do("publish", draft, reason="  the board’s   decision ")
    state = state_of(world.session)
    assert (state.number, state.rules, state.rollout) == (2, DEARER, None)
    assert find_version(world.session, draft).published_at is not None
    assert told(world) == [(RuleDeed.PUBLISHED, 2, 100, "the board’s decision")]
    assert audited(world)[-1] == (AuditAction.RULES_PUBLISHED, "the board’s decision")
    assert [job.kind for job in world.session.scalars(select(Job))] == ["archetypes.recalculate"]
    with pytest.raises(Conflict, match="published already"):
        desk.do("publish", draft)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\0b"])
def test_nothing_comes_into_force_without_a_reason_that_can_be_kept(desk: Desk, reason: str) -> None:
    draft = desk.draft()
    for deed, more in (("publish", ()), ("roll_out", (10,))):
        with pytest.raises(DomainError) as refused:
            desk.do(deed, draft, *more, reason=reason)
        assert list(refused.value.details) == ["reason"]
    assert state_of(desk.world.session).number == 1


def test_what_changed_since_somebody_looked_is_not_published_over(desk: Desk) -> None:
    world, draft, other = desk.world, desk.draft(), desk.draft()
    read = desk.read(draft)
    desk.do("publish", other)
    with pytest.raises(Conflict, match="in force since"):
        desk.deeds.publish(world.session, world.actor(Role.ADMIN), draft, read, "late")
    read = desk.read(draft)
    desk.deeds.change(world.session, world.actor(), draft, SHIPPED, "", 1)
    with pytest.raises(Conflict, match="changed this draft"):
        desk.deeds.publish(world.session, world.actor(Role.ADMIN), draft, read, "late")
    assert state_of(world.session).number == 3


def test_a_rollout_takes_its_share_by_the_hash_and_never_a_held_out_member(desk: Desk) -> None:
    world, draft = desk.world, desk.draft()
    desk.do("roll_out", draft, 10)
    state, people = state_of(world.session), [uuid4() for _ in range(4000)]
    those = {one for one in people if state.of(one)[0] == 2}
    assert 320 < len(those) < 480
    assert those == {one for one in people if place_of(one) >= 0.9}
    assert not any(state.held_out(one) for one in those)
    assert state.of(next(iter(those)))[1] == DEARER
    desk.do("roll_out", draft, most_share(SHIPPED))
    state = state_of(world.session)
    more = {one for one in people if state.of(one)[0] == 2}
    assert those < more
    assert all(state.held_out(one) for one in people if one not in more)
    assert [(deed, share) for deed, _, share, _ in told(world)] == [
        (RuleDeed.ROLLED_OUT, 10),
        (RuleDeed.ROLLED_OUT, 95),
    ]
    for share in (0, 96, 100, -1):
        with pytest.raises(DomainError, match="1 to 95"):
            desk.do("roll_out", draft, share)


def test_only_one_version_is_rolled_out_at_a_time_and_it_can_be_taken_back(desk: Desk) -> None:
    world, draft, other = desk.world, desk.draft(), desk.draft()
    desk.do("roll_out", draft, 10)
    with pytest.raises(Conflict, match="Take it back first"):
        desk.do("roll_out", other, 10)
    desk.do("withdraw", draft)
    assert state_of(world.session).rollout is None
    with pytest.raises(Conflict, match="rolled out any more"):
        desk.do("withdraw", draft)
    with pytest.raises(Conflict, match="Only a draft"):
        desk.do("roll_out", draft, 10)
    assert [deed for deed, *_ in told(world)] == [RuleDeed.ROLLED_OUT, RuleDeed.WITHDRAWN]
    assert {action for action, _ in audited(world)} >= {
        AuditAction.RULES_ROLLED_OUT,
        AuditAction.RULES_WITHDRAWN,
    }


def test_a_rolled_out_version_goes_on_to_everybody_and_another_one_ends_it(desk: Desk) -> None:
    world, draft = desk.world, desk.draft()
    desk.do("roll_out", draft, 10)
    desk.do("publish", draft)
    assert (state_of(world.session).number, state_of(world.session).rollout) == (2, None)
    third = desk.draft(SHIPPED)
    desk.do("roll_out", third, 20)
    desk.do("roll_back", desk.first)
    assert (state_of(world.session).number, state_of(world.session).rollout) == (1, None)
    assert [deed for deed, *_ in told(world)] == [
        RuleDeed.ROLLED_OUT,
        RuleDeed.PUBLISHED,
        RuleDeed.ROLLED_OUT,
        RuleDeed.WITHDRAWN,
        RuleDeed.ROLLED_BACK,
    ]
    for never in (desk.first, desk.draft()):
        with pytest.raises(Conflict, match="former"):
            desk.do("roll_back", never)


def answers(world: World, clock: Fixed, users: list[str], each: int) -> list[bytes]:
    """So many answers for each member, in one unit, each for another price and date."""
    world.actor()
    session, today = world.session, clock.now().date()
    with unit(session):
        return [
            recommend(
                session,
                Ask(
                    user,
                    NightAsked(
                        base_price=Decimal(1000 + 7 * number),
                        currency="EUR",
                        checkin=today + timedelta(days=number % 31 + 1),
                    ),
                ),
                clock,
            ).body
            for user in users
            for number in range(each)
        ]


def without_id(bodies: list[bytes]) -> list[dict[str, object]]:
    return [{**json.loads(body), "logId": ""} for body in bodies]


@pytest.mark.thorough
def test_rolling_back_gives_a_thousand_former_answers_again_to_the_byte(desk: Desk) -> None:
    world = desk.world
    people = [spender(world, "s1"), spender(world, "s2", 5), flexible(world, "f1"), make_person(world, "n1")]
    world.actor()
    with unit(world.session) as session:
        touch_members(session, people)
    start_recalculation(
        world.session, world.actor(Role.ADMIN), world.services.starter, everyone=True, size=10_000
    )
    world.work()
    clock, users = Fixed(world.clock.now()), ["s1", "s2", "f1", "n1"]
    before = answers(world, clock, users, 250)
    desk.do("publish", desk.draft())
    world.work()
    world.actor()
    assert member(world, people[0]).rule_set == 2
    between = answers(world, clock, users, 20)
    assert {json.loads(one)["ruleSetVersion"] for one in between} == {2}
    former = [body for start in range(0, 1000, 250) for body in before[start : start + 20]]
    assert without_id(between) != without_id(former)
    desk.do("roll_back", desk.first)
    world.work()
    world.actor()
    session = world.session
    logged = session.scalars(select(Recommendation.id).where(Recommendation.rule_set == 1)).all()
    again = {str(one): replay(session, one) for one in logged}
    assert len(again) == 1000
    assert all(same for _, _, same in again.values())
    assert all(again[json.loads(body)["logId"]][1] == body for body in before)
    assert without_id(answers(world, clock, users, 20)) == without_id(former)


def test_another_companys_versions_are_not_there(desk: Desk) -> None:
    world, draft = desk.world, desk.draft()
    world.actor(Role.ADMIN, world.other_id)
    with pytest.raises(NotFound):
        find_version(world.session, draft)
    assert state_of(world.session).number == 1
