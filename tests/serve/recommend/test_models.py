"""The models of recommendation, each by the vector that was worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.serve.recommend.domain import baskets, content, diversity, exploring, pairs, popularity
from regulars.serve.recommend.domain.facts import Facts
from regulars.serve.recommend.domain.sessions import SKNN, V_STAN, Neighbourhood, SessionIndex

SESSIONS = [[1, 2, 3], [2, 3, 4], [5, 2], [1, 4]]
DAYS = [0.0, 1.0, 2.0, 3.0]
STAN = Neighbourhood(k=4, m=4, spw=1.0, snh=2.0, inh=1.0)
STAN_SCORES = {2: 0.3506081106, 1: 0.1393678939, 5: 0.0676676416, 3: 0.0613138742, 4: 0.0533705295}


def told(found: tuple[np.ndarray, np.ndarray]) -> dict[int, float]:
    return dict(zip(found[0].tolist(), found[1].tolist(), strict=True))


def test_session_neighbours_by_cosine() -> None:
    index = SessionIndex.of(SESSIONS, DAYS, 6)

    scores = told(index.scores([1, 2], 4.0, Neighbourhood(k=4, m=4)))

    assert scores == pytest.approx({2: 1.7247448714, 1: 1.3164965809, 3: 1.2247448714, 4: 0.9082482905, 5: 0.5}, abs=1e-9)


def test_sequence_and_time_aware_neighbours() -> None:
    index = SessionIndex.of(SESSIONS, DAYS, 6)

    assert told(index.scores([1, 2], 4.0, STAN)) == pytest.approx(STAN_SCORES, abs=1e-9)
    assert index.idf[1:].tolist() == pytest.approx([0.6931471806, 0.2876820725, 0.6931471806, 0.6931471806, 1.3862943611])


@pytest.mark.parametrize("early", range(5))
def test_the_tail_counts_like_the_rows(early: int) -> None:
    index = SessionIndex.of(SESSIONS[:early], DAYS[:early], 6)
    for items, day in zip(SESSIONS[early:], DAYS[early:], strict=True):
        session = index.begin(day)
        for item in items:
            index.append(session, item, day)

    assert told(index.scores([1, 2], 4.0, STAN)) == pytest.approx(STAN_SCORES, abs=1e-9)


def test_several_settings_at_once_are_the_same_as_one_by_one() -> None:
    chance = np.random.default_rng(5)
    sessions = [chance.integers(0, 40, chance.integers(1, 9)).tolist() for _ in range(400)]
    index = SessionIndex.of(sessions, np.linspace(0, 30, 400).tolist(), 40)
    ways = [SKNN, V_STAN, Neighbourhood(k=20, m=15, spw=2.0, snh=9.0, inh=2.0)]

    together = index.scores_by([3, 7, 3, 9], 31.0, ways)

    for way, found in zip(ways, together, strict=True):
        assert told(found) == pytest.approx(told(index.scores([3, 7, 3, 9], 31.0, way)))


def test_the_very_session_is_no_neighbour_of_itself_and_strange_requests_do_no_harm() -> None:
    index = SessionIndex.of([], [], 0)
    own = index.begin(0.0)
    for place in range(1_000):
        index.append(own, place % 7, 0.0)

    assert told(index.scores([1, 2], 0.0, V_STAN, without=own)) == {}
    assert told(index.scores([], 0.0)) == {}
    assert told(index.scores([99_999], 0.0)) == {}
    assert told(index.scores([place % 7 for place in range(1_000)], 0.0)).keys() == set(range(7))


def test_co_views_keep_the_item_itself_and_next_views_have_a_direction() -> None:
    items, starts = np.array([0, 1, 0, 1, 2]), np.array([0, 2, 5])

    cosine = pairs.co_views(pairs.incidence(items, starts, 3)).toarray()
    after = pairs.next_views(items, starts, 3).toarray()

    assert cosine == pytest.approx(np.array([[1, 1, 0.70710678], [1, 1, 0.70710678], [0.70710678, 0.70710678, 1]]), abs=1e-6)
    assert after == pytest.approx(np.array([[0, 2, 0.5], [0, 0, 1], [0, 0, 0]]))
    assert told(pairs.summed(pairs.co_views(pairs.incidence(items, starts, 3)), [0, 2, 17])) == pytest.approx(
        {0: 1.70710678, 1: 1.70710678, 2: 1.70710678}, abs=1e-6
    )


def test_bought_together_needs_support_and_more_than_chance() -> None:
    """Items 0 and 1 in 4 of 8 baskets, each in 4: lift 2, drawn to 1 + 1 * 4/9. Item 2 is in all baskets: lift 1. 3 and 4 met once."""
    rows = [[0, 1, 2]] * 4 + [[2]] * 3 + [[2, 3, 4]]
    flat = np.array([item for row in rows for item in row])
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])

    lift = pairs.co_baskets(pairs.incidence(flat, starts, 5)).toarray()

    assert lift[0] == pytest.approx([0, 4 / 9, 0, 0, 0], abs=1e-6)
    assert not lift[2:].any()


def test_temporal_item_frequencies() -> None:
    history = baskets.Histories.of([[[1, 2], [2, 3], [2], [3, 4]]], 5)

    vector = baskets.tifu_vectors(history, baskets.Tifu(group=2, within=0.9, between=0.7)).toarray()[0]

    assert vector.tolist() == pytest.approx([0, 0.1575, 0.5575, 0.425, 0.25])
    assert baskets.frequency(history, 2).toarray()[0].tolist() == pytest.approx([0, 0, 0.5, 0.5, 0.5])


def test_next_baskets_learn_from_those_who_buy_alike() -> None:
    alike = [[[1, 2], [1, 2, 3]], [[1, 2], [1, 2, 3]], [[1, 2], [1, 2]], [[4], [4]]]
    history = baskets.Histories.of(alike, 5)
    users = np.array([2])

    tifu = baskets.tifu_scores(baskets.tifu_vectors(history, baskets.Tifu(k=2)), baskets.Tifu(k=2), users)
    upcf = baskets.upcf_scores(history, baskets.Upcf(k=3), users)

    assert baskets.best(tifu, 5, fill=[4, 0]) == [[1, 2, 3, 4, 0]]
    assert baskets.best(baskets.scaled(upcf), 3) == [[1, 2, 3]]


def test_lists_are_not_all_alike() -> None:
    closeness = {frozenset("ab"): 0.95, frozenset("ac"): 0.1, frozenset("bc"): 0.2}
    ranked = [("a", 1.0), ("b", 0.9), ("c", 0.5)]

    order = diversity.mmr(ranked, lambda one, other: closeness[frozenset((one, other))], 3, weight=0.5)
    capped = diversity.mmr(
        ranked, lambda *_: 0.0, 3, weight=1.0, fits=diversity.within_caps({"brand": {"a": "x", "b": "x", "c": None}}, {"brand": 1})
    )

    assert order == ["a", "c", "b"]
    assert capped == ["a", "c"]


def test_new_arrivals_draw_by_what_was_seen_of_them_until_they_had_their_start() -> None:
    shown = {"good": (150, 120), "bad": (150, 0), "old": (200, 100)}

    firsts = [exploring.draw(["good", "bad", "old"], shown, 1, seed=str(seed))[0] for seed in range(30)]

    assert firsts == ["good"] * 30
    assert "old" not in exploring.draw(["good", "bad", "old"], shown, 3, seed="x")
    assert exploring.draw(["a", "b", "c"], {}, 3, seed="x") == exploring.draw(["c", "b", "a"], {}, 3, seed="x")
    assert exploring.borrowed_weight(0) == 1.0
    assert exploring.borrowed_weight(20) == 0.5


def test_popularity_fades_and_what_rises_is_beyond_its_usual() -> None:
    items = np.array([0] * 56 + [1] * 12 + [2] * 4)
    age = np.concatenate([np.linspace(0.1, 27.9, 56), np.full(12, 0.5), np.full(4, 0.5)])

    faded = popularity.faded(np.array([0, 0, 1]), np.array([0.0, 7.0, 0.0]), 3)
    rising = popularity.rising(items, age, 3)

    assert faded.tolist() == [1.5, 1.0, 0.0]
    assert rising.argmax() == 1
    assert rising[2] == 0  # too little is known


def test_products_are_alike_by_category_brand_words_and_price() -> None:
    products = [
        {"name": "龙井绿茶 100g", "category": "Tea", "brand": "A", "price_minor": 9_900},
        {"name": "绿茶 龙井", "category": "Tea", "brand": "A", "price_minor": 11_000},
        {"name": "Mug", "category": "Cups", "brand": "B", "price_minor": 9_900},
        {"name": None, "category": None, "brand": None, "price_minor": None},
    ]

    likeness = content.Likeness(Facts("", **one) for one in products)

    assert [one for one, _ in likeness.near(0, 5)] == [1, 2]
    assert likeness.near(3, 5) == []
    assert likeness.alike(0, 1) == pytest.approx(likeness.alike(1, 0))
