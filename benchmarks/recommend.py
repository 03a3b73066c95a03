"""The next item of a session against the peers.

    python -m benchmarks recommend        # REGULARS_BENCHMARK_DATA names the folder with the data

The public split of Diginetica that graph models are judged on, every item ranked, all test prefixes. The sequences carry no times, so
sessions are spaced evenly. Everything is learned, and V-STAN's settings are chosen, on the training sequences alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.stores import data_folder
from regulars.serve.recommend.domain import figures, pairs
from regulars.serve.recommend.domain.sessions import Neighbourhood, SessionIndex
from regulars.serve.recommend.estimator import Sources, learn
from regulars.serve.recommend.estimator.ranker import Lists, held_out, judged
from regulars.serve.recommend.estimator.sources import ranked

_DAYS = 150.0
_TUNED_ON = 1_500
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
    return "## Recommendations: the next product of a visit\n\n" + _sessions(data_folder())


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
