"""What to do next: tables of standings, and properties that hold for any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.leads.facts import CLOSED, OPEN, Action, Priority, Stage, Tone
from webapp.leads.rules.actions import (
    CHOICES,
    PLAYBOOK,
    Advice,
    Circumstances,
    Patterns,
    Standing,
    advise,
    at_risk,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
AROUND = Circumstances(NOW, UTC)  # type: ignore[arg-type]  # any zone
NOTHING = Patterns()


def lead(stage: Stage = Stage.CONTACTED, probability: float = 0.4, quiet: float = 3, **more: Any) -> Standing:
    return Standing(stage, probability, quiet, **more)


def told(standing: Standing, patterns: Patterns = NOTHING) -> Advice:
    advice = advise(standing, patterns, AROUND)
    assert advice is not None
    return advice


@pytest.mark.parametrize("stage", CLOSED)
def test_a_decided_lead_wants_nothing(stage: Stage) -> None:
    assert advise(lead(stage), NOTHING, AROUND) is None
    assert not at_risk(lead(stage, quiet=900), NOTHING)


@pytest.mark.parametrize(("stage", "action"), PLAYBOOK.items())
def test_without_a_model_the_playbook_says_it(stage: Stage, action: Action) -> None:
    advice = told(lead(stage))
    assert advice.action is action
    assert "no model of your own" in advice.reasoning


UPLIFTS = {Action.CALL: 9.2, Action.EMAIL: 1.0, Action.MEETING: -2.0}


@pytest.mark.parametrize(
    ("standing", "patterns", "action"),
    [
        (lead(), Patterns(UPLIFTS), Action.CALL),
        (lead(), Patterns({Action.CALL: 1.9, Action.EMAIL: 1.0}), Action.EMAIL),  # under a point more
        (lead(), Patterns({Action.CALL: 2.0, Action.EMAIL: 1.0}), Action.CALL),
        (lead(), Patterns({Action.CALL: -1.0, Action.EMAIL: -5.0}), Action.EMAIL),  # nothing helps
        (lead(Stage.QUALIFIED), Patterns({Action.SEND_LISTING: 4.0}), Action.SEND_LISTING),
        (lead(Stage.PROPOSAL), Patterns({Action.MEETING: 4.0}), Action.MEETING),
        (lead(Stage.PROPOSAL, quiet=7), Patterns({Action.MEETING: 40.0}), Action.FOLLOW_UP),
        (lead(Stage.NEGOTIATION, quiet=8), NOTHING, Action.FOLLOW_UP),
        (lead(Stage.QUALIFIED, quiet=8), NOTHING, Action.MEETING),
        (lead(quiet=1, outreach_days=1), Patterns(UPLIFTS), Action.WAIT),
        (lead(quiet=0.5, outreach_days=1), Patterns(UPLIFTS), Action.CALL),  # they answered
        (lead(quiet=2, outreach_days=2), Patterns(UPLIFTS), Action.CALL),
        (lead(probability=0.05, quiet=31), NOTHING, Action.CLOSE_OUT),
        (lead(probability=0.05, quiet=30), NOTHING, Action.EMAIL),
        (lead(probability=0.1, quiet=31), NOTHING, Action.EMAIL),
        (lead(probability=0.05, quiet=12), Patterns({}, 11.0, 5), Action.CLOSE_OUT),
    ],
)
def test_actions(standing: Standing, patterns: Patterns, action: Action) -> None:
    assert told(standing, patterns).action is action


@pytest.mark.parametrize(
    ("quiet", "patterns", "risk"),
    [
        (30.0, NOTHING, False),
        (30.1, NOTHING, True),
        (22.0, Patterns({}, 21.0, 5), True),
        (21.0, Patterns({}, 21.0, 5), False),
        (22.0, Patterns({}, 21.0, 4), False),  # four won leads are no experience
        (40.0, Patterns({}, 60.0, 9), False),
    ],
)
def test_churn_risk(quiet: float, patterns: Patterns, risk: bool) -> None:
    assert at_risk(lead(quiet=quiet), patterns) is risk
    assert told(lead(quiet=quiet), patterns).at_risk is risk


@pytest.mark.parametrize(
    ("standing", "priority"),
    [
        (lead(probability=0.7), Priority.HIGH),
        (lead(probability=0.4), Priority.NORMAL),
        (lead(probability=0.05), Priority.LOW),
        (lead(probability=0.4, value_ratio=2.0), Priority.HIGH),
        (lead(probability=0.7, value_ratio=0.1), Priority.LOW),
        (lead(probability=0.05, value_ratio=99.0), Priority.NORMAL),  # three medians at most
        (lead(probability=0.4, quiet=40), Priority.URGENT),
        (lead(probability=0.2, quiet=40), Priority.HIGH),
        (lead(probability=0.05, quiet=40), Priority.LOW),  # closed out
        (lead(probability=0.9, quiet=1, outreach_days=1), Priority.LOW),  # waits
    ],
)
def test_priorities(standing: Standing, priority: Priority) -> None:
    assert told(standing).priority is priority


@pytest.mark.parametrize(
    ("standing", "patterns", "said"),
    [
        (
            lead(counts={"call": 2}),
            Patterns(UPLIFTS),
            "One more call raises this lead by 9 points in your model. So far there were 2 calls.",
        ),
        (lead(), Patterns({Action.CALL: 2.4}), "by 2 points in your model. So far there were no calls."),
        (lead(counts={"call": 1}), Patterns(UPLIFTS), "So far there was 1 call."),
        (
            lead(),
            Patterns({Action.EMAIL: 0.4}),
            "One more e-mail that is opened raises this lead by 0.4 points in your model.",
        ),
        (lead(), Patterns({Action.CALL: -3.0}), "sees no other step that is worth a point more"),
        (
            lead(quiet=22, probability=0.5),
            Patterns({}, 21.0, 9),
            "quiet for 22 days; your 9 won leads were never quiet for longer than 21 days.",
        ),
        (
            lead(quiet=21.4, probability=0.5),
            Patterns({}, 21.1, 9),
            "quiet for 21.4 days; your 9 won leads were never quiet for longer than 21.1 days.",
        ),
        (
            lead(quiet=31, probability=0.5),
            NOTHING,
            "longer than the 30 days that count while you have fewer than 5",
        ),
        (lead(quiet=1.2, outreach_days=1.2), NOTHING, "in touch yesterday and nothing has come back yet"),
        (
            lead(Stage.PROPOSAL, quiet=9),
            NOTHING,
            "The proposal has been quiet for 9 days; after 7 days it is",
        ),
        (lead(probability=0.04, quiet=31), NOTHING, "At 4 % and after 31 days of silence"),
        (
            lead(hours={(1, 10): 4}),
            Patterns(hours={(1, 10): 3, (2, 9): 2}),
            "Answers came most often on Tuesdays from 10 to 11 h (7 of 9).",
        ),
    ],
)
def test_reasons_name_their_numbers(standing: Standing, patterns: Patterns, said: str) -> None:
    assert said in told(standing, patterns).reasoning


def test_who_likes_it_concise_reads_one_sentence() -> None:
    short = advise(lead(quiet=40), Patterns(UPLIFTS), Circumstances(NOW, UTC, tone=Tone.CONCISE))  # type: ignore[arg-type]  # see AROUND
    assert short
    assert short.reasoning == "One more call raises this lead by 9 points in your model."


def test_waiting_ends_two_days_after_the_last_outreach() -> None:
    advice = told(lead(quiet=0.5, outreach_days=0.5))
    assert advice.best_time >= NOW + timedelta(days=1.5)


standings = st.builds(
    Standing,
    st.sampled_from(OPEN),
    st.floats(0, 1),
    st.floats(0, 400),
    st.none() | st.floats(0, 400),
    st.none() | st.floats(0, 50),
    st.dictionaries(st.sampled_from(["call", "meeting", "page_view"]), st.integers(0, 30)),
    st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 23)), st.integers(1, 9), max_size=5),
)
patterns_ = st.builds(
    Patterns,
    st.dictionaries(st.sampled_from(CHOICES), st.floats(-30, 30)),
    st.none() | st.floats(0, 200),
    st.integers(0, 40),
)


@pytest.mark.thorough
@settings(max_examples=150, deadline=None)
@given(standings, patterns_)
def test_any_open_lead_gets_sound_advice(standing: Standing, patterns: Patterns) -> None:
    advice = told(standing, patterns)
    assert advice.best_time >= NOW
    assert advice.reasoning.endswith(".")
    assert "nan" not in advice.reasoning
    assert (advice.action is Action.CLOSE_OUT) <= advice.at_risk
    if advice.action in CHOICES and advice.action is not PLAYBOOK[standing.stage]:
        usual = patterns.uplift.get(PLAYBOOK[standing.stage], 0.0)
        assert patterns.uplift[advice.action] >= usual + 1.0


@settings(max_examples=60, deadline=None)
@given(standings, patterns_, st.floats(0, 100))
def test_more_silence_never_takes_the_risk_away(standing: Standing, patterns: Patterns, more: float) -> None:
    quieter = Standing(standing.stage, standing.probability, standing.quiet_days + more)
    assert at_risk(quieter, patterns) >= at_risk(standing, patterns)
