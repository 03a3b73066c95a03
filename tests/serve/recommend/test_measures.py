"""What performance is made of, on itself: lifts with intervals, click propensities, spread, and money without refunds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.errors import InvalidInput
from regulars.serve.recommend.domain import position, spread, trials
from regulars.serve.recommend.domain.figures import intervals
from regulars.serve.recommend.domain.lift import lift
from regulars.serve.recommend.domain.trials import PlacementSetting
from regulars.serve.recommend.performing import kept


def test_a_lift_is_told_with_an_interval_that_counts_a_visitor_once() -> None:
    chance = np.random.default_rng(3)
    seen = np.full(2_000, 10.0)
    clicks = chance.binomial(10, 0.10, 2_000).astype(float)
    base = chance.binomial(10, 0.05, 2_000).astype(float)

    found = lift(seen, clicks, seen, base)
    crowd = np.r_[10_000.0, np.full(1_000, 10.0), np.zeros(999)]
    of_one = lift(crowd, crowd * np.r_[0.2, np.full(1_999, 0.1)], seen, base)

    assert found.state == "better"
    assert found.lift == pytest.approx(clicks.sum() / base.sum() - 1, abs=1e-6)
    assert found.low is not None and found.high is not None and found.low < 1.0 < found.high
    assert of_one.low is not None and of_one.high is not None
    assert of_one.high - of_one.low > 2 * (found.high - found.low)  # half of it is one visitor's


def test_equal_sides_show_no_difference_nineteen_times_of_twenty() -> None:
    chance = np.random.default_rng(5)
    told = 0
    for _ in range(300):
        taste = chance.beta(2, 18, 400)  # visitors differ, and each is on both sides
        clicks, base = (chance.binomial(5, taste).astype(float) for _ in range(2))
        told += lift(np.full(400, 5.0), clicks, np.full(400, 5.0), base).state != "no_difference"

    assert told <= 27  # 5 % of 300 and three standard errors


def test_too_little_is_said_to_be_too_little() -> None:
    few = np.full(20, 5.0)

    assert lift(few, few * 0.2, few, few * 0.2).state == "too_few"
    assert lift(np.empty(0), np.empty(0), np.empty(0), np.empty(0)).lift is None
    assert intervals([{"hr": 1.0}]) == {}
    assert intervals([{"hr": 1.0}, {"hr": 0.0}] * 50)["hr"] == pytest.approx((0.4015, 0.5985), abs=1e-4)


def test_known_click_propensities_are_found_again_in_simulated_clicks() -> None:
    """Simulated: five places looked at with known shares, a lottery on a fifth of the lists, ranks of unlike appeal."""
    chance, known = np.random.default_rng(11), np.array([1.0, 0.72, 0.55, 0.4, 0.3])
    appeal, drawn, lists = np.array([0.30, 0.24, 0.2, 0.17, 0.15]), 0.06, 400_000
    counts: dict[tuple[int, int | None], tuple[int, int]] = {}

    def add(place: int, rank: int | None, n: int, liked: float) -> None:
        before = counts.get((place, rank), (0, 0))
        counts[place, rank] = (before[0] + n, before[1] + int(chance.binomial(n, known[place - 1] * liked)))

    for rank in range(1, 6):
        add(rank, rank, int(lists * 0.8), appeal[rank - 1])
    for place in range(1, 6):
        n = int(lists * 0.2 / 5)
        add(place, None, n, drawn)
        for rank in range(1, 6):
            at = rank + (place <= rank)
            if at <= 5:
                add(at, rank, n, appeal[rank - 1])

    found = position.told(counts)

    assert [one.propensity for one in found] == pytest.approx(known.tolist(), rel=0.04)
    assert [one.weight for one in found] == pytest.approx((1 / known).tolist(), rel=0.04)
    for one, truth in zip(found[1:], known[1:], strict=True):
        assert one.low is not None and one.high is not None and one.low < truth < one.high < 1.2 * one.low
    naive = [counts[rank, rank][1] / counts[rank, rank][0] for rank in range(1, 6)]
    assert naive[4] / naive[0] == pytest.approx(known[4] * 0.5, rel=0.05)  # what clicks alone would have said


def test_propensities_are_not_told_from_little_and_places_nothing_connects() -> None:
    assert position.told({}) == []
    assert [one.propensity for one in position.told({(1, None): (50, 9), (2, None): (50, 4)})] == [1.0, None]
    alone = position.told({(1, 1): (9_000, 900), (2, 2): (9_000, 500)})
    assert [one.propensity for one in alone] == [None, None]  # no rank was ever at another place
    few = position.told({(1, None): (900, 30), (2, None): (900, 15)})
    assert [one.propensity for one in few] == [1.0, None]  # the error of the second is above 0.25
    apart, _ = position.propensities(np.array([[100.0, 100, 0, 0], [0, 0, 100, 100]]), np.array([[20.0, 10, 0, 0], [0, 0, 20, 10]]))
    assert apart[:2] == pytest.approx([1.0, 0.5])
    assert np.isnan(apart[2:]).all()
    assert [position.weight(one) for one in (0.001, 0.5, 1.4)] == [10.0, 2.0, 1.0]


def test_spread_is_as_counted_by_hand() -> None:
    """Four products, shown 0, 1, 1 and 2 times: the Gini coefficient is 0.375; of 8 + 4 lines a product sold thrice has 4."""
    counts, sold = {"b": 1, "c": 1, "d": 2}, {"d": 3, "b": 4, "a": 1}

    assert spread.gini(counts, 4) == pytest.approx(0.375)
    assert spread.gini({"a": 7}, 1) == pytest.approx(0.0)
    assert spread.gini({}, 5) is None
    assert spread.head_share(counts, sold, 4) == pytest.approx(0.25)
    assert spread.novelty({"d": 1}, sold, 4) == pytest.approx(-math.log2(4 / 12))
    assert spread.novelty(counts, sold, 4) == pytest.approx(-(math.log2(5 / 12) + math.log2(1 / 12) + 2 * math.log2(4 / 12)) / 4)


@given(st.lists(st.integers(0, 90_000), min_size=1, max_size=6), st.integers(0, 300_000), st.integers(0, 300_000))
def test_what_is_kept_of_lines_is_never_below_nought_nor_above_what_was_paid(amounts: list[int], of_it: int, whole: int) -> None:
    lines = [
        {"order_id": "o", "line_key": n, "product_id": "p", "amount_minor": amount, "items_minor": sum(amounts)}
        for n, amount in enumerate(amounts)
    ]

    found = kept(
        lines, [{"order_id": "o", "product_id": "p", "minor": of_it}, {"order_id": "o", "product_id": None, "minor": whole}]
    )

    assert all(0 <= one["kept_minor"] <= one["amount_minor"] for one in found)
    if not whole:
        assert sum(one["kept_minor"] for one in found) == max(sum(amounts) - of_it, 0)
    if whole >= sum(amounts):
        assert sum(one["kept_minor"] for one in found) == 0


def test_the_lottery_keeps_its_shares_and_places() -> None:
    setting = PlacementSetting(placement="home", random_bps=1_000, popular_bps=500)

    drawn = [trials.draw(setting, f"rec_{n}", 4) for n in range(20_000)]

    random = [one.place for one in drawn if one.baseline == "random"]
    assert len(random) == pytest.approx(2_000, rel=0.1)
    assert sum(one.baseline == "popular" for one in drawn) == pytest.approx(1_000, rel=0.1)
    assert [random.count(place) / len(random) for place in (1, 2, 3, 4)] == pytest.approx([0.25] * 4, abs=0.04)
    assert drawn[:50] == [trials.draw(setting, f"rec_{n}", 4) for n in range(50)]
    assert trials.propensity(setting, "random", 4) == pytest.approx(0.025)
    assert trials.propensity(setting, "model", 4) == pytest.approx(0.925)
    assert trials.propensity(PlacementSetting(placement="home"), "model", 4) is None


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"random_bps": 2_001}, "bad_lists_share"),
        ({"popular_bps": -1}, "bad_lists_share"),
        ({"variant": "dearest"}, "bad_order"),
        ({"variant_bps": 10_001}, "bad_lists_share"),
        ({"most_per_visitor": 0}, "bad_cap"),
        ({"most_share_bps": 0}, "bad_cap"),
        ({"placement": "buy_again", "random_bps": 100}, "no_baseline_here"),
        ({"placement": "nowhere"}, "bad_placement"),
    ],
)
def test_settings_that_cannot_mean_anything_are_refused(more: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        trials.checked(PlacementSetting(**{"placement": "home", **more}))  # type: ignore[arg-type]

    assert refused.value.code == code
    assert refused.value.mend
