"""Recommendations against the peers: the next item of a session, and the next basket of known buyers.

    python -m benchmarks recommend        # REGULARS_BENCHMARK_DATA names the folder with the data

Sessions: the public split of Diginetica that graph models are judged on, every item ranked, all test prefixes. The sequences carry no
times, so sessions are spaced evenly. Everything is learned, and V-STAN's settings are chosen, on the training sequences alone.

Baskets: the last basket of every buyer with at least four is what is to come. Half of the buyers are for choosing settings, of the
peers as of ours by the same climb; figures are of the other half.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq

from benchmarks.stores import data_folder, read
from regulars.serve.recommend.domain import figures, pairs
from regulars.serve.recommend.domain.baskets import Histories
from regulars.serve.recommend.domain.sessions import Neighbourhood, SessionIndex
from regulars.serve.recommend.estimator import Sources, learn, next_basket
from regulars.serve.recommend.estimator.ranker import Lists, held_out, judged
from regulars.serve.recommend.estimator.sources import ranked

_DAYS = 150.0
_TUNED_ON = 1_500
_WAYS = {
    "popularity": "popularity",
    "frequency": "personal frequency",
    "tifu_knn": "TIFU-KNN, tuned",
    "up_cf": "UP-CF@r, tuned",
    "regulars": "**regulars**",
}
_SETTINGS = [
    Neighbourhood(k=k, m=2_500, spw=spw, snh=snh, inh=inh, ipw=ipw, idf=idf)
    for k, spw, snh, inh, ipw, idf in (
        (1_000, 3.62, 100.0, 0.4525, 3.62, 1.0),
        (500, 3.62, 100.0, 0.905, 3.62, 1.0),
        (1_000, 3.62, 40.0, 1.81, 3.62, 1.0),
        (1_000, 3.62, 100.0, 3.62, 3.62, 1.0),
        (1_000, 1.81, 100.0, 1.81, 1.81, 1.0),
        (1_000, 7.24, 100.0, 1.81, 7.24, 1.0),
        (2_000, 3.62, 100.0, 1.81, 3.62, 2.0),
        (1_000, 3.62, 100.0, 1.81, 3.62, 0.0),
    )
]


def measure() -> str:
    """The section of the benchmark page."""
    folder = data_folder()
    parts = ["## Recommendations: what comes next\n", _sessions(folder)]
    parts += [_baskets(name, folder) for name in ("online_retail", "complete_journey")]
    return "\n".join(part for part in parts if part)


def _sessions(folder: Path) -> str:
    told = folder / "diginetica"
    if not told.exists():
        return ""
    items, starts = _columns(told / "train_sequences.parquet", "items")
    n_items, n = int(items.max()) + 1, len(starts) - 1
    ended = np.linspace(0.0, _DAYS, n)
    test = pq.read_table(told / "test_prefixes.parquet")
    prefixes: list[list[int]] = test.column("prefix").to_pylist()
    targets: list[int] = test.column("next_item").to_pylist()
    tuned = _tuned_v_stan(items, starts, ended, n_items)
    ranker, replay = learn(items, starts, ended, n_items, threads=2)
    assert ranker is not None
    sources = Sources.of(items, starts, ended, n_items)
    cosine = pairs.co_views(pairs.incidence(items, starts, n_items), kept=200)
    popular = np.argsort(-np.bincount(items, minlength=n_items), kind="stable")[:20].tolist()
    ways: dict[str, Callable[[list[int]], Sequence[int]]] = {
        "popularity": lambda _: popular,
        "item cosine, whole session, 200 kept": lambda prefix: ranked(*pairs.summed(cosine, list(dict.fromkeys(prefix))), 20),
        "V-STAN, settings of RetailRocket's paper": lambda prefix: ranked(*sources.v_stan(prefix, _DAYS), 20),
        "V-STAN, settings chosen on training sessions": lambda prefix: ranked(*sources.index.scores(prefix, _DAYS, tuned), 20),
        "**regulars**": lambda prefix: _ours(sources, ranker, prefix),
    }
    found = {}
    for name, way in ways.items():
        lists = [way(prefix) for prefix in prefixes]
        figure = figures.means(judged(one, target) for one, target in zip(lists, targets, strict=True))
        found[name] = (figure["hr"], figure["mrr"], figures.coverage(lists, 20, n_items - 1))
        print(name, found[name], flush=True)
    ours, (plain, chosen) = found["**regulars**"], [found[name] for name in found if name.startswith("V-STAN")]
    hr, mrr = max(plain[0], chosen[0]), max(plain[1], chosen[1])
    item = found["item cosine, whole session, 200 kept"]
    lines = [f"| {name} | {hr_:.4f} | {mrr_:.4f} | {cover:.2f} |" for name, (hr_, mrr_, cover) in found.items()]
    return "\n".join(
        [
            f"Next item of a session, Diginetica, {len(targets):,} test prefixes, all {n_items - 1:,} items ranked:",
            "",
            "| method | HR@20 | MRR@20 | coverage |",
            "| --- | ---: | ---: | ---: |",
            *lines,
            "",
            f"Against the better V-STAN of the two: {ours[0] / hr:.3f} times its HR@20, {ours[1] / mrr:.3f} times its MRR@20 (with the paper's "
            f"settings {ours[0] / plain[0]:.3f} and {ours[1] / plain[1]:.3f}); against item cosine {ours[0] / item[0]:.3f} and {ours[1] / item[1]:.3f}. The replay "
            f"on held-out training sessions that let the trees answer: MRR@20 {replay.methods['regulars']['mrr']:.3f} against {replay.methods['v_stan']['mrr']:.3f}.",
            "",
        ]
    )


def _ours(sources: Sources, ranker: object, prefix: list[int]) -> list[int]:
    ids, matrix = sources.candidates(prefix, _DAYS)
    return ranked(ids, ranker.scores(matrix), 20)  # type: ignore[attr-defined]


def _tuned_v_stan(items: np.ndarray, starts: np.ndarray, ended: np.ndarray, n_items: int) -> Neighbourhood:
    first, lists = held_out(items, starts, ended, seed=11, most=_TUNED_ON)
    index = SessionIndex(items[: starts[first]], starts[: first + 1], ended[:first], n_items)

    def worth(how: Neighbourhood, told: Lists = lists) -> float:
        rows = [
            judged(ranked(*index.scores(prefix, float(at), how), 20), target)
            for prefix, target, at in zip(told.prefixes, told.nexts, told.at, strict=True)
        ]
        found = figures.means(rows)
        return found["hr"] + found["mrr"]

    return max(_SETTINGS, key=worth)


def _columns(path: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    column = pq.read_table(path).column(name).combine_chunks()
    return np.asarray(column.values).astype(np.int64), np.asarray(column.offsets).astype(np.int64)


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
