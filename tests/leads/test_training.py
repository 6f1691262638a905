"""Training: what is missing, what is judged, leaks, champion and challenger, coverage of the accuracy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.bench.lead_worlds import bayes, nothing, right, wrong
from webapp.leads.rules.encoding import Encoder
from webapp.leads.rules.evaluation import (
    Sample,
    calibrated,
    cross_validated,
    held_out,
    in_time_order,
)
from webapp.leads.rules.metrics import judged
from webapp.leads.rules.moments import DAY, Events, Histories, closed_moments
from webapp.leads.rules.personal import Personal
from webapp.leads.rules.score import Floats
from webapp.leads.rules.training import Trained, missing_in_words, train, verdict

YEAR = 365 * DAY


def closed(
    counts: Sequence[dict[str, int]],
    won: Sequence[int],
    attributes: Sequence[dict[str, object]] | None = None,
    late: str = "",
) -> tuple[Histories, Floats, Floats]:
    """Leads that lived for ten days, a day apart; `late` happens to the won ones after they closed."""
    size, further = len(won), [late] if late else []
    kinds = tuple(dict.fromkeys([*(kind for one in counts for kind in one), *further]))
    opened = np.arange(size) * DAY
    ended = opened + 10 * DAY
    acts = [
        (lead, kinds.index(kind), opened[lead] + (n + 1) * 9 * DAY / (times + 1))
        for lead, one in enumerate(counts)
        for kind, times in one.items()
        for n in range(times)
    ]
    if late:
        acts += [(lead, kinds.index(late), ended[lead] + DAY) for lead in range(size) if won[lead]]
    lead, what, at = (list(column) for column in zip(*acts, strict=True)) if acts else ([], [], [])
    histories = Histories(
        opened=opened,
        sources=[""] * size,
        values=[None] * size,
        attributes=list(attributes or [{}] * size),
        kinds=kinds,
        activities=Events(np.array(lead, np.int64), np.array(what, np.int64), np.array(at, float)),
        stages=Events(np.arange(size), np.zeros(size, np.int64), opened),
    )
    return histories, ended, np.array(won, float)


def trained(size: int = 120, seed: int = 0, **more: object) -> Trained:
    """A person who wins with calls."""
    random = np.random.default_rng(seed)
    drawn = random.integers(0, 5, (size, 2)).tolist()
    counts = [{"call": calls, "page_view": views} for calls, views in drawn]
    won = [int(random.random() < (0.85 if one["call"] > 1 else 0.2)) for one in counts]
    attributes = more.get("attributes")
    told = [attributes(bool(one)) for one in won] if callable(attributes) else None
    histories, ended, outcome = closed(counts, won, told, str(more.get("late", "")))
    return train(histories, ended, outcome, [str(one) for one in range(size)])


@pytest.mark.parametrize(
    ("won", "lost", "said"),
    [
        (14, 6, ""),
        (10, 9, "1 more closed lead (19 of 20) is missing before a model can be trained."),
        (
            0,
            0,
            (
                "20 more closed leads (0 of 20) and 5 more won (0 of 5) and 5 more lost (0 of 5) "
                "are missing before a model can be trained."
            ),
        ),
        (21, 4, "1 more lost (4 of 5) is missing before a model can be trained."),
        (3, 30, "2 more won (3 of 5) are missing before a model can be trained."),
    ],
)
def test_what_is_missing_is_counted(won: int, lost: int, said: str) -> None:
    assert missing_in_words(won, lost) == said


def test_too_few_closed_leads_train_nothing() -> None:
    histories, ended, won = closed([{"call": 1}] * 19, [1, 0] * 9 + [1])
    with pytest.raises(ValueError, match="1 more closed lead"):
        train(histories, ended, won, [str(one) for one in range(19)])


def test_the_same_leads_give_the_same_bits_and_another_lead_others() -> None:
    assert trained().digest == trained().digest
    assert trained().digest != trained(size=121).digest
    assert trained().model.as_json() == trained().model.as_json()


def test_what_happens_after_the_closing_earns_no_weight() -> None:
    """An activity that only follows won leads is not known at any moment before."""
    late = trained(late="contract_signed")
    assert all(column.of != "contract_signed" for column in late.model.encoder.columns)
    assert late.figure("accuracy")[0] == trained().figure("accuracy")[0]


def test_an_attribute_that_was_filled_in_after_closing_raises_the_leak_alarm() -> None:
    """It has no time of its own: nearly perfect prediction gives it away, and it earns no weight."""
    leaky = trained(attributes=lambda won: {"invoice": "A-17"} if won else {})
    assert [one["input"] for one in leaky.evaluation["leaks"]] == ["attributes.invoice"]
    assert leaky.evaluation["leaks"][0]["auc"] == 1.0
    assert all(column.input != "attributes.invoice" for column in leaky.model.encoder.columns)
    honest = trained(attributes=lambda won: {"region": "North" if won else "South"} if won else {})
    assert honest.evaluation["leaks"]
    assert not trained().evaluation["leaks"]


def test_leaks_stay_out_of_the_judging_too() -> None:
    leaky = trained(attributes=lambda won: {"invoice": 1 if won else 0})
    assert leaky.figure("auc")[0] < 0.97


def test_a_better_model_goes_in_force_with_its_reason() -> None:
    found = trained()
    assert found.adopted
    assert found.reason.startswith("Better on leads it had not seen: log-loss ")
    assert found.figure("accuracy")[0] > 0.7
    low, high = found.figure("accuracy")[1:]
    assert low < found.figure("accuracy")[0] < high


def test_a_model_of_nothing_stays_out_with_the_reason() -> None:
    random = np.random.default_rng(5)
    counts = [{"call": int(random.integers(0, 5))} for _ in range(80)]
    histories, ended, won = closed(counts, [int(random.random() < 0.5) for _ in counts])
    found = train(histories, ended, won, [str(one) for one in range(80)])
    assert not found.adopted
    assert found.reason.startswith("Not better than “always the commoner outcome” by more than one standard")


def test_a_challenger_that_is_worse_on_newer_leads_stays_out() -> None:
    leads = wrong(300, np.random.default_rng(1))
    found = cross_validated(Sample(leads.moments, leads.won, np.arange(300) * DAY))
    assert verdict(found)[0]
    assert verdict(found, (0.1, 0.2, 30))[0]
    adopted, reason = verdict(found, (0.3, 0.1, 30))
    assert not adopted
    assert reason.startswith("Worse than the version in force on 30 leads closed since")


def test_a_champion_is_only_judged_on_leads_that_it_has_not_seen() -> None:
    random = np.random.default_rng(3)
    counts = [{"call": int(random.integers(0, 5))} for _ in range(120)]
    # What won turned round in the last third: an old model is wrong about it, a new one knows half of it.
    won = [int((one["call"] > 1) == (place < 80)) for place, one in enumerate(counts)]
    won = [int(one) if random.random() < 0.9 else 1 - int(one) for one in won]
    histories, ended, outcome = closed(counts, won)
    ids = [str(one) for one in range(120)]
    old = trained().model
    with_old = train(histories, ended, outcome, ids, (old, float(ended[79])))
    assert with_old.model.as_json() == train(histories, ended, outcome, ids).model.as_json()


def test_figures_agree_with_their_definitions() -> None:
    leads = bayes(200, np.random.default_rng(2))
    found = cross_validated(Sample(leads.moments, leads.won, np.zeros(200)))
    rows = found.rows["personal"]
    said = judged(rows)
    p, y = rows.probability, rows.won
    assert said["log_loss"][0] == pytest.approx(float(-np.log(np.where(y > 0, p, 1 - p)).mean()))
    assert said["brier"][0] == pytest.approx(float(((p - y) ** 2).mean()))
    assert said["accuracy"][0] == pytest.approx(float(((p > 0.5) == (y > 0)).mean()))
    pairs = [(a > b) + 0.5 * (a == b) for a in p[y > 0] for b in p[y == 0]]
    assert said["auc"][0] == pytest.approx(float(np.mean(pairs)))
    halves = [((p > 0.5) == (y > 0))[y == one].mean() for one in (0, 1)]
    assert said["balanced_accuracy"][0] == pytest.approx(float(np.mean(halves)))
    assert all(low <= value <= high for value, low, high in said.values())


@pytest.mark.parametrize(("size", "days", "ordered"), [(99, 400, False), (100, 100, False), (100, 181, True)])
def test_folds_follow_time_where_there_is_enough_history(size: int, days: float, *, ordered: bool) -> None:
    assert in_time_order(np.linspace(0, days * DAY, size)) is ordered


def test_in_time_order_nothing_is_predicted_from_what_came_later() -> None:
    """The truth turns round at the end: whoever had seen it would do well there."""
    leads = wrong(300, np.random.default_rng(4))
    turned = np.where(np.arange(300) >= 260, 1 - leads.won, leads.won)
    found = cross_validated(Sample(leads.moments, turned, np.linspace(0, YEAR, 300)))
    assert found.method == "in_time_order"
    rows = found.rows["personal"]
    assert min(rows.lead) >= 100
    late = rows.lead >= 260
    right_late = ((rows.probability > 0.5) == (rows.won > 0.5))[late].mean()
    right_early = ((rows.probability > 0.5) == (rows.won > 0.5))[~late].mean()
    assert right_late < 0.5 < right_early


def test_all_moments_of_a_lead_stay_in_one_fold() -> None:
    found = trained(60).evaluation
    leads = found["rows"]["lead"]
    per_round = [leads.count(lead) for lead in set(leads)]
    moments = len(leads) / 2 / len(set(leads))  # two rounds under 150 leads
    assert set(per_round) == {round(2 * moments)}


def test_the_last_fifth_is_held_out_in_time() -> None:
    leads = wrong(200, np.random.default_rng(6))
    found = held_out(Sample(leads.moments, leads.won, np.linspace(0, YEAR, 200)))
    assert found is not None
    assert sorted(set(found.rows["personal"].lead.tolist())) == list(range(160, 200))
    one_sided = np.where(np.arange(200) >= 160, 1.0, leads.won)
    assert held_out(Sample(leads.moments, one_sided, np.linspace(0, YEAR, 200))) is None


def test_calibration_comes_with_two_hundred_leads_and_only_where_it_helps() -> None:
    few = wrong(150, np.random.default_rng(7))
    assert calibrated(cross_validated(Sample(few.moments, few.won, np.zeros(150))), 150)[1] is None
    many = wrong(400, np.random.default_rng(8))
    found = cross_validated(Sample(many.moments, many.won, np.zeros(400)))
    timid = 0.5 + (found.rows["personal"].probability - 0.5) / 4  # far too timid: there is much to mend
    rows = {**found.rows, "personal": found.rows["personal"].of(timid)}
    mended, calibrator = calibrated(type(found)(found.method, found.rounds, rows), 400)
    assert calibrator is not None
    assert calibrator.method == "platt"
    assert judged(mended.rows["personal"])["log_loss"][0] < judged(rows["personal"])["log_loss"][0]
    very = wrong(1_000, np.random.default_rng(9))
    found = cross_validated(Sample(very.moments, very.won, np.zeros(1_000)))
    timid = 0.5 + (found.rows["personal"].probability - 0.5) / 4
    _, steps = calibrated(
        type(found)(found.method, 1, {**found.rows, "personal": found.rows["personal"].of(timid)}), 1_000
    )
    assert steps is not None
    assert steps.method == "isotonic"
    assert list(steps.y) == sorted(steps.y)


@pytest.mark.thorough
@pytest.mark.parametrize("world", [bayes, wrong])
def test_the_reported_accuracy_covers_the_one_on_fresh_leads(world: object) -> None:
    """At 40 and 120 closed leads: of 95 % intervals at least nineteen in twenty hold the truth."""
    covered = []
    for seed in range(20):
        for size in (40, 120):
            leads = world(size, np.random.default_rng(seed))  # type: ignore[operator]  # a world is a function
            if min(leads.won.sum(), size - leads.won.sum()) < 5:
                continue
            fresh = world(2_000, np.random.default_rng(50_000 + seed))  # type: ignore[operator]  # likewise
            found = cross_validated(Sample(leads.moments, leads.won, np.zeros(size)))
            _, low, high = found.figures["personal"]["accuracy"]
            said = Personal.train(leads.moments, leads.won).predict(fresh.moments).probability
            reached = float(((said > 0.5) == (fresh.won > 0.5)).mean())
            covered.append(low <= reached <= high)
    assert np.mean(covered) >= 0.95


@pytest.mark.thorough
def test_the_default_is_hardly_ever_beaten_where_it_is_right_or_nothing_can_be_known() -> None:
    adopted = 0
    for world in (right, nothing):
        for seed in range(15):
            leads = world(100, np.random.default_rng(seed))
            adopted += verdict(cross_validated(Sample(leads.moments, leads.won, np.zeros(100))))[0]
    assert adopted <= 2


def test_an_attribute_with_a_level_for_each_way_to_end_is_a_leak() -> None:
    """No single level tells won from lost, all together do."""
    turn = iter(range(1_000))
    reasons = {True: ("liked", "referral"), False: ("price", "timing")}
    leaky = trained(attributes=lambda won: {"close_reason": reasons[won][next(turn) % 2]})
    assert [one["input"] for one in leaky.evaluation["leaks"]] == ["attributes.close_reason"]
    assert leaky.figure("auc")[0] < 0.97


def test_a_bulk_close_out_at_one_moment_can_be_trained_on() -> None:
    random = np.random.default_rng(11)
    counts = [{"call": int(random.integers(0, 3)) + 2 * (place < 60)} for place in range(120)]
    histories, _, won = closed(counts, [int(place < 60) for place in range(120)])
    ended = np.where(won > 0, np.arange(120) * 4 * DAY + 10 * DAY, 500 * DAY)
    found = train(histories, ended, won, [str(one) for one in range(120)])
    assert found.evaluation["method"] == "repeated"
    assert all(np.isfinite(figure).all() for figure in found.evaluation["figures"]["personal"].values())


def test_what_is_missing_does_not_flatten_the_numbers_that_are_known() -> None:
    random = np.random.default_rng(12)
    budgets = random.normal(500_000, 10_000, 100)
    told = [{"budget": float(budgets[place])} if place % 2 else {} for place in range(100)]
    histories, ended, _ = closed([{"call": 1}] * 100, [place % 3 == 0 for place in range(100)], told)
    moments = closed_moments(histories, ended)
    encoder = Encoder.learn(moments)
    place = next(n for n, one in enumerate(encoder.columns) if one.read == "number")
    column = encoder.encode(moments)[:, place]
    known = np.array([bool(one) for one in moments.attributes])
    assert column[known].std() == pytest.approx(1, abs=0.1)
    assert (column[~known] == 0).all()


def test_a_model_that_is_mostly_the_default_says_so() -> None:
    leads = right(50, np.random.default_rng(0))
    said = Personal.train(leads.moments, leads.won)
    assert said.posterior.held > 0.8
    assert float(said.predict(leads.moments).own.max()) < 0.2
