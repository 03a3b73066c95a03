"""Trees that put candidates in order (LightGBM, LambdaRank), learned from lists made before their next view was known.

The last sessions are kept out of the sources; each gives one prefix and the item that came next. The newest of them judge: trees
are only offered where they beat V-STAN's own order there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from regulars.serve.recommend.domain import figures, pairs
from regulars.serve.recommend.estimator import implicit_peer
from regulars.serve.recommend.estimator.sources import FEATURES, Matrix, Sources, ranked

Ints = npt.NDArray[np.int64]
Items = pairs.Items
Floats = npt.NDArray[np.float64]

#: Share of the sessions that lists are taken from, the newest, and of the lists those that judge.
HELD_OUT = 0.06
JUDGES = 0.2
MOST_LISTS = 12_000
#: Lists with an answer below which nothing is learned.
FEWEST_LISTS = 2_000
TREES = 150
K = 20
#: Of the clicked lists so many must lie between what sources are made from and what judges, to be learned from.
FEWEST_CLICKED = 200
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
    intervals: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=dict)

    @property
    def offered(self) -> str:
        """Which trees are offered: those that learned from clicks too only where they are better than those that did not."""
        return "clicks" if self._beats("clicks", "regulars") else "regulars"

    @property
    def won(self) -> bool:
        """Whether the trees that are offered are better than V-STAN on both."""
        return bool(self.lists) and self._beats(self.offered, "v_stan")

    def _beats(self, one: str, other: str) -> bool:
        if one not in self.methods or other not in self.methods:
            return False
        ours, theirs = self.methods[one], self.methods[other]
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


def held_out(items: Items, starts: Ints, ended: Floats, *, seed: int, most: int = MOST_LISTS) -> tuple[int, Lists]:
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


@dataclass(frozen=True, slots=True)
class Clicked:
    """A product that was chosen from a list: the visit before, when, and what the choice counts (one over the place's propensity)."""

    prefix: Sequence[int]
    target: int
    at: float
    weight: float


def learn(
    items: Items,
    starts: Ints,
    ended: Floats,
    n_items: int,
    *,
    seed: int = 7,
    threads: int = 0,
    fewest: int = FEWEST_LISTS,
    champion: Ranker | None = None,
    clicked: Sequence[Clicked] = (),
    peers: bool = False,
) -> tuple[Ranker | None, Replay]:
    """Trees from a shop's sessions, and how they did on the newest; no trees where too few lists hold the answer.

    With `clicked`, other trees learn from lists that were chosen from too: those after what the sources are made from and before what
    judges. Of both the better ones are given. With `peers`, `implicit` is judged beside them where it is installed.
    """
    first, lists = held_out(items, starts, ended, seed=seed)
    sources = Sources.of(items[: starts[first]], starts[: first + 1], ended[:first], n_items)
    cut = int(len(lists.nexts) * (1 - JUDGES))
    made = _Rows()
    for prefix, target, at in zip(lists.prefixes[:cut], lists.nexts[:cut], lists.at[:cut], strict=True):
        made.take(sources, prefix, target, float(at))
    judges = Lists(lists.prefixes[cut:], lists.nexts[cut:], lists.at[cut:])
    others = _peers(items[: starts[first]], starts[: first + 1], n_items) if peers else {}
    rankers = {} if champion is None else {"champion": champion}
    if len(made.sizes) < fewest:
        return None, replay(rankers, sources, judges, others)
    rankers = {"regulars": made.fitted(seed, threads), **rankers}
    until = float(judges.at[0]) if len(judges.at) else np.inf
    between = [one for one in clicked if float(ended[first - 1]) < one.at < until] if first else []
    if len(between) >= FEWEST_CLICKED:
        for one in between:
            made.take(sources, one.prefix, one.target, one.at, one.weight)
        rankers["clicks"] = made.fitted(seed, threads)
    found = replay(rankers, sources, judges, others)
    return rankers[found.offered], found


Peer = Callable[[Sequence[int]], list[int]]


def replay(rankers: Mapping[str, Ranker], sources: Sources, lists: Lists, peers: Mapping[str, Peer] | None = None) -> Replay:
    """All methods on the same lists; rankers by their names, `champion` being the one that answers today."""
    popular = np.argsort(-sources.popular, kind="stable")[:K].tolist()
    told = peers or {}
    shown: dict[str, list[list[int]]] = {name: [] for name in ("popularity", "co_views", *told, "v_stan", *rankers)}
    for prefix, at in zip(lists.prefixes, lists.at, strict=True):
        shown["popularity"].append(popular)
        shown["co_views"].append(ranked(*pairs.summed(sources.co_views, list(dict.fromkeys(prefix))), K))
        shown["v_stan"].append(ranked(*sources.v_stan(prefix, float(at)), K))
        for name, peer in told.items():
            shown[name].append(peer(prefix))
        ids, matrix = sources.candidates(prefix, float(at)) if rankers else (np.empty(0, np.int64), np.empty((0, 0), np.float32))
        for name, ranker in rankers.items():
            shown[name].append(ranked(ids, ranker.scores(matrix), K))
    each = {name: [judged(one, target) for one, target in zip(given, lists.nexts, strict=True)] for name, given in shown.items()}
    found = {
        name: {**figures.means(rows), "coverage": figures.coverage(shown[name], K, len(sources.popular))}
        for name, rows in each.items()
    }
    return Replay(len(lists.nexts), found, {name: figures.intervals(rows) for name, rows in each.items()})


def _peers(items: Items, starts: Ints, n_items: int) -> dict[str, Peer]:
    """Methods of others that are installed."""
    return {"implicit": implicit_peer.next_item(items, starts, n_items, K)} if implicit_peer.installed() else {}


def judged(found: Sequence[int], target: int) -> dict[str, float]:
    """HR@20 and MRR@20 of one list."""
    return {"hr": figures.hit(found, target, K), "mrr": figures.reciprocal_rank(found, target, K)}


@dataclass
class _Rows:
    """Lists that hold their answer, as rows for the trees."""

    matrices: list[Matrix] = field(default_factory=list)
    labels: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def take(self, sources: Sources, prefix: Sequence[int], target: int, at: float, weight: float = 1.0) -> None:
        """One list, unless its answer is not among the candidates."""
        ids, matrix = sources.candidates(prefix, at)
        label = ids == target
        if label.any():
            self.matrices.append(matrix)
            self.labels.append(label)
            self.sizes.append(len(ids))
            self.weights.append(weight)

    def fitted(self, seed: int, threads: int) -> Ranker:
        """Trees from all of them."""
        import lightgbm as lgb

        settings: dict[str, Any] = {**_SETTINGS, "seed": seed, "num_threads": threads}
        even = set(self.weights) == {1.0}
        data = lgb.Dataset(
            np.concatenate(self.matrices),
            np.concatenate(self.labels).astype(np.int8),
            group=self.sizes,
            weight=None if even else np.repeat(self.weights, self.sizes),
            feature_name=list(FEATURES),
        )
        return Ranker(lgb.train(settings, data, num_boost_round=TREES).model_to_string())
