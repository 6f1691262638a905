"""Re-ranking, send time, prices, insights, audiences: by tables and by properties."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from webapp.core.audience import meant
from webapp.customers.facts import Lifecycle
from webapp.customers.rules.audience import unknown_variables, written
from webapp.customers.rules.ease import ease
from webapp.customers.rules.insights import Bands, PriceBand, Seen, insights, lifecycle, rfm, totals
from webapp.customers.rules.pricing import Prices, Rule, price
from webapp.customers.rules.quality import judged, ndcg_at, recall_at
from webapp.customers.rules.reranking import reranked
from webapp.customers.rules.send_time import Quiet, best_hour, best_time, hours_of, next_moment

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NIGHT = Quiet(time(22), time(8))


@given(
    st.lists(st.integers(0, 999), unique=True, max_size=30),
    st.dictionaries(st.integers(0, 999), st.floats(0, 10), max_size=30),
    st.integers(0, 8),
)
def test_search_is_never_added_to_cut_or_moved_beyond_the_bound(
    found: list[int], affinity: dict[int, float], shift: int
) -> None:
    names = [str(one) for one in found]
    order = reranked(names, {str(one): value for one, value in affinity.items()}, shift)
    assert sorted(order) == sorted(names)
    assert all(abs(order.index(one) - place) <= shift for place, one in enumerate(names))


def test_what_is_liked_comes_first_and_without_a_taste_nothing_moves() -> None:
    assert reranked(list("abcd"), {"d": 1.0}, 3) == list("dabc")
    assert reranked(list("abcd"), {"d": 1.0}, 2) == list("adbc")
    assert reranked(list("abcd"), {}, 3) == list("abcd")
    assert reranked(list("abcd"), {"d": 1.0}, 0) == list("abcd")


@pytest.mark.parametrize(
    ("at", "quiet"),
    [(time(22), True), (time(23, 59), True), (time(7, 59), True), (time(8), False), (time(21, 59), False)],
)
def test_quiet_hours_pass_midnight(at: time, *, quiet: bool) -> None:
    assert NIGHT.holds(at) is quiet


def test_few_opens_follow_the_company_and_many_their_own() -> None:
    company = hours_of({18: 900, 9: 100})
    assert best_hour(hours_of({}), company, NIGHT) == 18
    assert best_hour(hours_of({10: 2}), company, NIGHT) == 18
    assert best_hour(hours_of({10: 30}), company, NIGHT) == 10
    assert best_hour(hours_of({3: 100, 20: 1}), company, NIGHT) not in range(22, 24)
    assert best_hour(hours_of({}), hours_of({}), Quiet(time(0), time(23, 59))) is None


@given(
    st.dictionaries(st.integers(0, 23), st.integers(0, 50), max_size=24),
    st.integers(0, 23),
    st.integers(0, 23),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001  # made aware below
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
)
def test_nobody_is_written_to_in_quiet_hours(
    own: dict[int, int], begins: int, ends: int, at: datetime, zone: str
) -> None:
    quiet, now = Quiet(time(begins), time(ends)), at.replace(tzinfo=UTC)
    found = best_time(hours_of(own), hours_of({9: 5}), quiet, ZoneInfo(zone), now)
    if found is not None:
        local = found.at.astimezone(ZoneInfo(zone))
        assert found.at >= now
        assert local.hour == found.hour
        assert not quiet.holds(local.time())


def test_an_hour_that_spring_skips_is_met_the_day_after() -> None:
    zone = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 01:30; at 2 the clock goes to 3
    assert next_moment(2, Quiet(time(22), time(1)), zone, before) == datetime(2026, 3, 30, 0, tzinfo=UTC)
    autumn = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)  # 2 o'clock comes twice on the 25th
    assert next_moment(2, Quiet(time(22), time(1)), zone, autumn) == datetime(2026, 10, 25, 0, tzinfo=UTC)


SHARES = st.decimals(Decimal("0.5"), Decimal("1.5"), places=2)


@given(
    st.decimals(Decimal(1), Decimal(5_000), places=2),
    st.lists(st.decimals(Decimal("0.1"), Decimal(3), places=2), max_size=4),
    SHARES,
    st.decimals(Decimal(0), Decimal("0.5"), places=2),
    st.sampled_from([Decimal("0.01"), Decimal("0.5"), Decimal(1), Decimal(5)]),
    st.one_of(st.none(), st.decimals(Decimal("0.9"), Decimal("1.1"), places=2)),
)
def test_no_price_leaves_floor_and_ceiling_or_changes_more_than_allowed(
    base: Decimal,
    moves: list[Decimal],
    floor: Decimal,
    change: Decimal,
    rounding: Decimal,
    before: Decimal | None,
) -> None:
    low, high = min(floor, Decimal(1)), max(floor, Decimal(1))
    rules = Prices(
        rules=[Rule(fact="demand", words=["high"], multiplier=one, reason="much asked for") for one in moves],
        floor=low,
        ceiling=high,
        daily_change=change,
        rounding=rounding,
    )
    yesterday = None if before is None else (base * before).quantize(Decimal("0.01"))
    found = price(base, {"demand": "high"}, rules, [yesterday] if yesterday else [], Decimal("0.01")).price
    cent = Decimal("0.01")
    assert base * low - cent <= found <= base * high + cent
    if yesterday is not None and base * low <= yesterday <= base * high:
        assert abs(found - yesterday) <= yesterday * change + cent


def test_a_price_is_explained_and_says_what_held_it() -> None:
    rules = Prices(
        rules=[Rule(fact="demand", words=["high"], multiplier=Decimal("1.5"), reason="much asked for")],
        ceiling=Decimal("1.2"),
        rounding=Decimal(1),
    )
    found = price(Decimal(100), {"demand": "high"}, rules, [], Decimal("0.01"))
    assert (found.price, found.reasons, found.held) == (
        Decimal(120),
        ("much asked for",),
        ("the ceiling",),
    )
    plain = price(Decimal(100), {"demand": "low"}, rules, [], Decimal("0.01"))
    assert (plain.price, plain.reasons, plain.held) == (Decimal(100), (), ())
    with pytest.raises(ValueError, match="floor lies above"):
        Prices(floor=Decimal(2), ceiling=Decimal(1))


@pytest.mark.parametrize(
    ("first", "last", "stands"),
    [
        (10, 1, Lifecycle.NEW),
        (14, 14, Lifecycle.NEW),
        (15, 1, Lifecycle.ACTIVE),
        (200, 30, Lifecycle.ACTIVE),
        (200, 31, Lifecycle.AT_RISK),
        (200, 90, Lifecycle.AT_RISK),
        (200, 91, Lifecycle.DORMANT),
    ],
)
def test_lifecycles_by_days(first: int, last: int, stands: Lifecycle) -> None:
    assert lifecycle(NOW - timedelta(days=first), NOW - timedelta(days=last), NOW) is stands


def test_insights_say_what_they_rest_on() -> None:
    seen = [
        Seen(
            "product_view",
            NOW - timedelta(days=day),
            f"p{day}",
            category="shoes",
            price=10.0 * day,
            price_currency="EUR",
        )
        for day in range(1, 11)
    ]
    seen.append(Seen("search", NOW - timedelta(days=2), query=" Boots "))
    seen.append(Seen("page_view", NOW - timedelta(days=3), price=9_000.0, price_currency="JPY"))
    found = insights(seen, NOW, ZoneInfo("UTC"), None)
    assert found is not None
    assert (found.events, found.rfm, found.lifecycle) == (12, None, Lifecycle.NEW)
    assert found.categories == (("shoes", 10),)
    assert found.price_band == PriceBand(32.5, 77.5, 10, "EUR")
    assert found.searches == (("boots", 1),)
    assert found.trend == ("rising", 12, 0)
    assert insights([], NOW, ZoneInfo("UTC"), None) is None


def test_buyers_stand_in_fifths() -> None:
    bands = Bands([5, 10, 20, 40], [1, 2, 3, 4], {"EUR": [10, 20, 30, 40]})
    bought = [
        Seen("purchase", NOW - timedelta(days=day), value=25.0, currency="EUR") for day in (1, 2, 3, 4, 5)
    ]
    found = rfm(totals(bought, NOW), NOW, bands)
    assert found is not None
    assert (found.recency, found.frequency, found.money, found.name) == (5, 5, 5, "champion")
    once = [Seen("purchase", NOW - timedelta(days=100), price=5.0, price_currency="EUR")]
    late = rfm(totals(once, NOW), NOW, bands)
    assert late is not None
    assert (late.recency, late.frequency, late.money, late.name) == (1, 1, 1, "lapsed")


def test_audiences_and_texts() -> None:
    facts = {"lifecycle": ["new"], "locale": ["de-AT"]}
    assert meant({}, facts)
    assert meant({"lifecycle": ["new", "active"], "locale": ["de"]}, facts)
    assert not meant({"lifecycle": ["active"]}, facts)
    assert not meant({"segment": ["vip"]}, facts)
    assert not meant({"locale": ["d"]}, facts)
    assert unknown_variables("Hi {{ name }}, {{shoe_size}}") == ["shoe_size"]
    told = written("Hi {{name}}, see {{ category }}{{city}}", {"name": "Ada"}, {"category": "news"})
    assert (told.text, told.fell_back, told.missing) == ("Hi Ada, see news", ("category",), ("city",))


@pytest.mark.parametrize("customers", [60, 20])
def test_ease_is_the_closed_form_whichever_dimension_is_smaller(customers: int) -> None:
    tastes = (np.random.default_rng(0).random((customers, 40)) < 0.15).astype(np.float32)
    inverse = np.linalg.inv(tastes.T.astype(float) @ tastes + 5 * np.eye(40))
    exact = np.eye(40) - inverse / np.diag(inverse)
    np.fill_diagonal(exact, 0)
    assert ease(csr_array(tastes), 5.0) == pytest.approx(exact, abs=1e-5)


def test_rankings_are_judged_by_their_definitions() -> None:
    assert recall_at([1, 2, 3], {2, 9}, 2) == 0.5
    assert recall_at([1, 2, 3], {1, 2, 3}, 2) == 1.0
    assert ndcg_at([1, 2], {1}, 10) == 1.0
    assert ndcg_at([2, 1], {1}, 10) == pytest.approx(1 / np.log2(3))
    found = judged([([0, 1], {0}), ([1, 0], {0}), ([1], set())], items=4, recall_k=1, ndcg_k=2)
    assert (found.recall, found.coverage, found.customers) == (0.5, 0.5, 2)
