"""Figures of lists, by hand-counted vectors."""

from __future__ import annotations

import pytest

from regulars.serve.recommend.domain import figures


@pytest.mark.parametrize(("target", "k", "hit", "mrr", "ndcg"), [(9, 20, 1, 1 / 3, 0.5), (9, 2, 0, 0, 0), (7, 20, 0, 0, 0)])
def test_one_target_counts_where_it_stands(target: int, k: int, hit: float, mrr: float, ndcg: float) -> None:
    ranked = [5, 3, 9, 1]

    found = figures.hit(ranked, target, k), figures.reciprocal_rank(ranked, target, k), figures.ndcg_of_one(ranked, target, k)

    assert found == pytest.approx((hit, mrr, ndcg), abs=1e-10)


def test_a_set_is_judged_against_the_whole_truth() -> None:
    assert figures.recall([1, 2, 3, 4, 5], {2, 5, 8}, 5) == pytest.approx(0.6666666667, abs=1e-10)
    assert figures.ndcg([1, 2, 3, 4, 5], {2, 5, 8}, 5) == pytest.approx(0.4776237035, abs=1e-10)
    assert figures.any_hit([1, 2, 3, 4, 5], {2, 5, 8}, 5) == 1
    assert figures.recall([1, 2], {1, 2, 3}, 2) == pytest.approx(0.6666666667, abs=1e-10)
    assert figures.ndcg([1, 2], {1, 2, 3}, 2) == pytest.approx(0.7653606369, abs=1e-10)
    assert figures.ndcg([1, 2], {1, 2, 3}, 2, ideal_within_k=True) == 1.0


def test_graded_gains_and_coverage() -> None:
    assert figures.graded_ndcg([0.5, 0, 1, 0], [1, 1, 0.5], 10) == pytest.approx(0.5316519653, abs=1e-10)
    assert figures.coverage([[1, 2], [2, 3], [2, 1]], 2, 6) == 0.5
    assert figures.means([{"hr": 1.0}, {"hr": 0.0}]) == {"hr": 0.5}
