"""Trees that put candidates in order (LightGBM, LambdaRank), learned from lists made before their next view was known.

The last sessions are kept out of the sources; each gives one prefix and the item that came next. The newest of them judge: trees
are only offered where they beat V-STAN's own order there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from regulars.serve.recommend.domain import figures, pairs
from regulars.serve.recommend.estimator.sources import FEATURES, Matrix, Sources, ranked

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Share of the sessions that lists are taken from, the newest, and of the lists those that judge.
HELD_OUT = 0.06
JUDGES = 0.2
MOST_LISTS = 12_000
#: Lists with an answer below which nothing is learned.
FEWEST_LISTS = 2_000
TREES = 150
K = 20
_OURS = ("regulars", "champion")
_SETTINGS = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 20,
    "learning_rate": 0.08,
    "num_leaves": 31,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
}


@dataclass(frozen=True, slots=True)
class Replay:
    """What would have been shown to the newest held-out sessions, by method: HR@20, MRR@20 and coverage."""

    lists: int
    methods: Mapping[str, Mapping[str, float]]

    @property
    def won(self) -> bool:
        """Whether the trees are better on both."""
        if not self.lists or "regulars" not in self.methods:
            return False
        ours, theirs = self.methods["regulars"], self.methods["v_stan"]
        return ours["mrr"] > theirs["mrr"] and ours["hr"] >= theirs["hr"]


class Ranker:
    """Fitted trees; `text` is all that is kept of them."""

    def __init__(self, text: str) -> None:
        import lightgbm as lgb

        self.text = text
        self._trees = lgb.Booster(model_str=text)

    def scores(self, matrix: Matrix, *, threads: int = 1) -> Floats:
        """The score of each candidate."""
        found: Floats = np.asarray(self._trees.predict(matrix, num_threads=threads), np.float64)
        return found

    def gains(self) -> dict[str, float]:
        """How much each feature gave, as shares."""
        gain = self._trees.feature_importance("gain")
        return {name: float(value) for name, value in zip(FEATURES, gain / max(gain.sum(), 1e-12), strict=True)}


@dataclass(frozen=True, slots=True)
class Lists:
    """Prefixes of held-out sessions with the item that came next, oldest first."""

    prefixes: Sequence[Sequence[int]]
    nexts: Sequence[int]
    at: Floats


def held_out(items: Ints, starts: Ints, ended: Floats, *, seed: int, most: int = MOST_LISTS) -> tuple[int, Lists]:
    """The number of sessions that sources are made from, and a prefix of each later one: a random place, never the beginning."""
    n = len(starts) - 1
    lengths = np.diff(starts)
    first = n - max(1, int(n * HELD_OUT))
    later = first + np.flatnonzero(lengths[first:] > 1)
    chance = np.random.default_rng(seed)
    if len(later) > most:
        later = np.sort(chance.choice(later, most, replace=False))
    cuts = chance.integers(1, lengths[later])
    begin = starts[later]
    prefixes = [items[b : b + cut].tolist() for b, cut in zip(begin, cuts, strict=True)]
    return first, Lists(prefixes, items[begin + cuts].tolist(), ended[later])


def learn(
    items: Ints,
    starts: Ints,
    ended: Floats,
    n_items: int,
    *,
    seed: int = 7,
    threads: int = 0,
    fewest: int = FEWEST_LISTS,
    champion: Ranker | None = None,
) -> tuple[Ranker | None, Replay]:
    """Trees from a shop's sessions, and how they did on the newest; no trees where too few lists hold the answer."""
    first, lists = held_out(items, starts, ended, seed=seed)
    sources = Sources.of(items[: starts[first]], starts[: first + 1], ended[:first], n_items)
    cut = int(len(lists.nexts) * (1 - JUDGES))
    matrices, labels, sizes = [], [], []
    for prefix, target, at in zip(lists.prefixes[:cut], lists.nexts[:cut], lists.at[:cut], strict=True):
        ids, matrix = sources.candidates(prefix, float(at))
        label = ids == target
        if label.any():
            matrices.append(matrix)
            labels.append(label)
            sizes.append(len(ids))
    judges = Lists(lists.prefixes[cut:], lists.nexts[cut:], lists.at[cut:])
    if len(sizes) < fewest:
        return None, replay([champion] if champion else [], sources, judges)
    ranker = _fitted(np.concatenate(matrices), np.concatenate(labels), sizes, seed, threads)
    return ranker, replay([ranker, champion] if champion else [ranker], sources, judges)


def replay(rankers: Sequence[Ranker], sources: Sources, lists: Lists) -> Replay:
    """All methods on the same lists; of two rankers the second is the champion that answers today."""
    popular = np.argsort(-sources.popular, kind="stable")[:K].tolist()
    shown: dict[str, list[list[int]]] = {name: [] for name in ("popularity", "co_views", "v_stan", *_OURS[: len(rankers)])}
    for prefix, at in zip(lists.prefixes, lists.at, strict=True):
        shown["popularity"].append(popular)
        shown["co_views"].append(ranked(*pairs.summed(sources.co_views, list(dict.fromkeys(prefix))), K))
        shown["v_stan"].append(ranked(*sources.v_stan(prefix, float(at)), K))
        ids, matrix = sources.candidates(prefix, float(at)) if rankers else (np.empty(0, np.int64), np.empty((0, 0), np.float32))
        for name, ranker in zip(_OURS, rankers, strict=False):
            shown[name].append(ranked(ids, ranker.scores(matrix), K))
    found = {
        name: {
            **figures.means(judged(one, target) for one, target in zip(given, lists.nexts, strict=True)),
            "coverage": figures.coverage(given, K, len(sources.popular)),
        }
        for name, given in shown.items()
    }
    return Replay(len(lists.nexts), found)


def judged(found: Sequence[int], target: int) -> dict[str, float]:
    """HR@20 and MRR@20 of one list."""
    return {"hr": figures.hit(found, target, K), "mrr": figures.reciprocal_rank(found, target, K)}


def _fitted(matrix: Matrix, labels: npt.NDArray[np.bool_], sizes: Sequence[int], seed: int, threads: int) -> Ranker:
    import lightgbm as lgb

    settings: dict[str, Any] = {**_SETTINGS, "seed": seed, "num_threads": threads}
    data = lgb.Dataset(matrix, labels.astype(np.int8), group=list(sizes), feature_name=list(FEATURES))
    return Ranker(lgb.train(settings, data, num_boost_round=TREES).model_to_string())
