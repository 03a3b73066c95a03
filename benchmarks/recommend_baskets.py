"""The next basket of known buyers against the peers.

    python -m benchmarks recommend_baskets        # REGULARS_BENCHMARK_DATA names the folder with the data

The last basket of every buyer with at least four is what is to come. Half of the buyers are for choosing settings, of the peers as of
ours by the same climb; figures are of the other half.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np

from benchmarks.stores import data_folder, read
from regulars.serve.recommend.domain import figures
from regulars.serve.recommend.domain.baskets import Histories
from regulars.serve.recommend.estimator import next_basket

_WAYS = {
    "popularity": "popularity",
    "frequency": "personal frequency",
    "tifu_knn": "TIFU-KNN, tuned",
    "up_cf": "UP-CF@r, tuned",
    "regulars": "**regulars**",
}


def measure() -> str:
    """The section of the benchmark page."""
    found = [_baskets(name, data_folder()) for name in ("online_retail", "complete_journey")]
    return "\n".join(["## Recommendations: the next basket\n", *(one for one in found if one)])


def _baskets(name: str, folder: Path) -> str:
    scratch = duckdb.connect()
    if not read(scratch, name, folder):
        return ""
    histories, truth = _histories(scratch)
    judged_ = next_basket.judge(histories, truth)
    found = judged_.figures()
    lines = [f"| {_WAYS[way]} | {row['recall']:.4f} | {row['ndcg']:.4f} | {row['any']:.3f} |" for way, row in found.items()]
    print(name, *lines, sep="\n", flush=True)
    each = {
        way: np.array([figures.ndcg(one, wanted, 10) for one, wanted in zip(lists, judged_.truth, strict=True)])
        for way, lists in judged_.lists.items()
    }
    rival = max(("tifu_knn", "up_cf"), key=lambda way: each[way].mean())
    low, high = _interval(each["regulars"] - each[rival])
    return "\n".join(
        [
            f"Next basket, {name}, {len(judged_.truth):,} buyers ({histories.n_users - len(judged_.truth):,} others chose the settings):",
            "",
            "| method | Recall@10 | NDCG@10 | any of 10 |",
            "| --- | ---: | ---: | ---: |",
            *lines,
            "",
            f"Against {_WAYS[rival]}: NDCG@10 {each['regulars'].mean() - each[rival].mean():+.4f} (95 % {low:+.4f} to {high:+.4f}, paired by "
            f"buyer); the share of TIFU-KNN in ours was {judged_.chosen.mix}.",
            "",
        ]
    )


def _histories(scratch: duckdb.DuckDBPyConnection) -> tuple[Histories, list[list[int]]]:
    """All but the last basket of buyers with four or more, and that last one."""
    rows = scratch.execute(
        """SELECT customer_id, order_id, min(sold_at) AS at, list(DISTINCT product_id ORDER BY product_id) AS products
        FROM lines WHERE quantity > 0 GROUP BY 1, 2 ORDER BY 1, 3, 2"""
    ).fetchall()
    number: dict[str, int] = {}
    of: dict[str, list[list[int]]] = {}
    for customer, _, _, products in rows:
        of.setdefault(customer, []).append([number.setdefault(one, len(number)) for one in products])
    kept = [one for one in of.values() if len(one) >= 4]
    return Histories.of([one[:-1] for one in kept], len(number)), [one[-1] for one in kept]


def _interval(differences: np.ndarray) -> tuple[float, float]:
    chance = np.random.default_rng(1)
    draws = chance.choice(differences, (1_000, len(differences))).mean(axis=1)
    return float(np.quantile(draws, 0.025)), float(np.quantile(draws, 0.975))
