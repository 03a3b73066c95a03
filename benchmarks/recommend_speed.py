"""Recommendations at the size of a large shop: 500,000 products, 2 million visits, 10 million views, all simulated.

    python -m benchmarks recommend_speed

In a process of its own: making the models, one list after another with and without trees, and taking in events; CPU time of one thread.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks.measuring import child, peak_mb
from regulars.serve.recommend.domain.sessions import SessionIndex
from regulars.serve.recommend.estimator import Sources, learn
from regulars.serve.recommend.estimator.sources import ranked

_ITEMS, _SESSIONS, _DAYS = 500_000, 2_000_000, 90.0
_LEARNED_FROM = 60_000
_LISTS = 3_000
_APPENDED = 200_000


def measure() -> str:
    """The section of the benchmark page."""
    found = child("benchmarks.recommend_speed").answer
    return f"""## Recommendations: speed

Simulated: {_ITEMS:,} products, {_SESSIONS:,} visits, {found["views"]:,} views in {_DAYS:.0f} days; popularity is steep (the thousand most seen products have
{found["top_share"]:.0%} of the views) and visits stay near their topic. CPU time of one thread; the trees were learned from {_LEARNED_FROM:,} of the visits.

| what | CPU |
| --- | ---: |
| sessions by item and items by session, made anew | {found["index_s"]:.1f} s |
| the same with co-views, next views and popularity | {found["build_s"]:.1f} s |
| memory of the process at its highest, the simulated views included | {found["peak_mb"]:,.0f} MB |
| V-STAN's list, p50 / p99 | {found["v_stan_ms"][0]:.2f} / {found["v_stan_ms"][1]:.2f} ms |
| candidates of all sources with their features, p50 / p99 | {found["candidates_ms"][0]:.2f} / {found["candidates_ms"][1]:.2f} ms |
| the list that trees put in order, p50 / p99 | {found["ranked_ms"][0]:.2f} / {found["ranked_ms"][1]:.2f} ms |
| the same, visits of ten of the 200 most seen products | {found["hot_ms"][0]:.2f} / {found["hot_ms"][1]:.2f} ms |
| the same after {_APPENDED:,} events in the tail | {found["tail_ms"][0]:.2f} / {found["tail_ms"][1]:.2f} ms |
| taking in one event | {found["append_us"]:.1f} µs |
"""


def main() -> None:
    """Measure, and print the figures as one JSON object."""
    items, starts, ended = visits(_ITEMS, _SESSIONS, _DAYS)
    counts = np.sort(np.bincount(items, minlength=_ITEMS))[::-1]
    index_s = _cpu(lambda: SessionIndex(items, starts, ended, _ITEMS))
    begun = time.process_time()
    sources = Sources.of(items, starts, ended, _ITEMS)
    build_s = time.process_time() - begun
    peak = peak_mb()
    print("built", index_s, build_s, peak, file=sys.stderr, flush=True)
    first = starts[-_LEARNED_FROM - 1]
    ranker, _ = learn(items[first:], starts[-_LEARNED_FROM - 1 :] - first, ended[-_LEARNED_FROM:], _ITEMS, threads=1, fewest=100)
    assert ranker is not None
    chance = np.random.default_rng(5)
    chosen = chance.integers(0, _SESSIONS, _LISTS)
    prefixes = [items[starts[one] : starts[one + 1]].tolist() for one in chosen]
    popular = np.argsort(-np.bincount(items, minlength=_ITEMS))[:200]
    hot = [chance.choice(popular, 10, replace=False).tolist() for _ in range(_LISTS // 10)]

    def ordered(prefix: list[int]) -> object:
        ids, matrix = sources.candidates(prefix, _DAYS)
        return ranked(ids, ranker.scores(matrix), 20)

    answer = {
        "views": len(items),
        "top_share": float(counts[:1000].sum() / counts.sum()),
        "index_s": index_s,
        "build_s": build_s,
        "peak_mb": peak,
        "v_stan_ms": _each(lambda prefix: ranked(*sources.v_stan(prefix, _DAYS), 20), prefixes),
        "candidates_ms": _each(lambda prefix: sources.candidates(prefix, _DAYS), prefixes),
        "ranked_ms": _each(ordered, prefixes),
        "hot_ms": _each(ordered, hot),
        "append_us": _append(sources, items, chance),
        "tail_ms": _each(ordered, prefixes[:1000]),
    }
    print(json.dumps(answer))


def visits(n_items: int, n_visits: int, days: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Visits around a topic of forty products, topics and products in them taken by steep popularity."""
    chance = np.random.default_rng(1)
    lengths = 1 + chance.geometric(1 / 4.0, n_visits)
    starts = np.concatenate([[0], lengths.cumsum()]).astype(np.int64)
    n = int(starts[-1])
    topic = np.repeat((n_items / 40 * chance.random(n_visits) ** 3).astype(np.int64), lengths)
    stray = chance.random(n) < 0.15
    topic[stray] = (n_items / 40 * chance.random(int(stray.sum())) ** 3).astype(np.int64)
    inside = (40 * chance.random(n) ** 2).astype(np.int64)
    return (topic * 40 + inside).astype(np.int32), starts, np.linspace(0.0, days, n_visits)


def _append(sources: Sources, items: np.ndarray, chance: np.random.Generator) -> float:
    index = sources.index
    told = chance.choice(items, _APPENDED).tolist()
    begun = time.process_time()
    session = index.begin(_DAYS)
    for place, item in enumerate(told):
        if place % 5 == 0:
            session = index.begin(_DAYS)
        index.append(session, item, _DAYS)
    return (time.process_time() - begun) / _APPENDED * 1e6


def _cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _each(work: Callable[[list[int]], object], prefixes: list[list[int]]) -> tuple[float, float]:
    """p50 and p99 in milliseconds."""
    found = []
    for prefix in prefixes:
        begun = time.thread_time()
        work(prefix)
        found.append((time.thread_time() - begun) * 1e3)
    return float(np.quantile(found, 0.5)), float(np.quantile(found, 0.99))


if __name__ == "__main__":
    main()
