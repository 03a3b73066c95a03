"""Figures of lists against hand counts, and how likely places are looked at where it is known."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.serve.search import estimator
from regulars.serve.search.domain import figures
from regulars.serve.search.estimator import Shown


def test_figures_are_those_counted_by_hand() -> None:
    gains = {"a": 0.5, "b": 1.0, "c": 1.0}

    assert figures.ndcg(["a", "x", "b", "y"], gains) == pytest.approx(0.5316519653)
    assert figures.recall(["a", "x", "b", "y"], gains) == pytest.approx(2 / 3)
    assert figures.reciprocal_rank(["x", "a"], gains) == 0.5
    assert figures.ndcg([], gains) == figures.recall([], gains) == figures.reciprocal_rank(["x"], gains) == 0.0
    assert figures.ndcg(["a"], {"a": 0.0}) == figures.recall(["a"], {"a": 0.0}) == 0.0


def test_an_interval_holds_the_mean_and_needs_two_queries() -> None:
    low, high = figures.interval([0.1, 0.2, 0.3, 0.2] * 20) or (0.0, 0.0)

    assert low < 0.2 < high
    assert figures.interval([0.4]) is None


LOOKS = 1 / np.arange(1, 11) ** 0.7


def shoppers(lists: int, *, seed: int = 3) -> tuple[Shown, np.ndarray]:
    """Lists of ten products in orders of chance, seen less the lower they stand and clicked if seen and good; and how good each is."""
    chance = np.random.default_rng(seed)
    good = chance.uniform(0.02, 0.9, 200)
    queries = chance.integers(0, 20, lists)
    products = np.array([chance.permutation(10) + 10 * query for query in queries])
    clicked = (chance.random((lists, 10)) < LOOKS) & (chance.random((lists, 10)) < good[products])
    kept = clicked.any(axis=1)
    rows = products[kept].ravel()
    places = np.tile(np.arange(10), int(kept.sum()))
    return Shown(np.arange(0, len(rows) + 1, 10), rows, rows, places, clicked[kept].ravel()), good


def test_how_likely_places_are_looked_at_is_found_from_clicks() -> None:
    shown, _ = shoppers(6_000)

    found = estimator.looked_at(shown)

    assert np.abs(found[:10] - LOOKS).max() < 0.12
    assert (np.diff(found[:10]) < 0.05).all()
    assert estimator.looked_at(shown.part(0, 0))[:2] == pytest.approx([1.0, 0.5])


def test_products_chosen_more_often_than_their_places_would_have_it_stand_out() -> None:
    shown, good = shoppers(4_000)

    rates = estimator.choices(shown, LOOKS_PADDED).of_product

    assert np.corrcoef([rates[one] for one in range(200)], good)[0, 1] > 0.9


LOOKS_PADDED = np.concatenate([LOOKS, np.full(90, 0.1)])


def test_an_order_that_knows_what_is_good_wins_the_replay_and_the_one_by_chance_does_not() -> None:
    shown, good = shoppers(1_500)
    plain = -shown.places.astype(np.float64)

    assert estimator.replay(plain, good[shown.products], shown, LOOKS_PADDED).won
    assert not estimator.replay(plain, np.random.default_rng(1).random(len(shown.places)), shown, LOOKS_PADDED).won
    assert not estimator.replay(good[shown.products], plain, shown, LOOKS_PADDED).won
