"""An order learned from clicks: how far down shoppers look, what products are told apart by, trees, and whether they win a replay.

Shoppers click what stands high because they see it, good or not. How likely each place is looked at is estimated first (a position
model by expectation maximisation: the same product at other places for the same query tells it from being good), and every click
counts the more the less its place is looked at, in learning and in judging alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from regulars.serve.search.domain import figures

Ints = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FEATURES = ("points", "log_points", "place", "price", "in_stock", "age", "sold", "rating", "chosen", "chosen_for_query")
#: Lists with a click below which nothing is learned; and the shares of time that are counted, learned from, and judged on.
FEWEST_LISTS = 2_000
COUNTED, LEARNED = 0.5, 0.8
MOST_PLACES = 100
TREES = 100
_MOST_WEIGHT = 10.0
_ROUNDS, _AS_USUAL = 30, 20.0
#: A product (for a query) counts as chosen as often as usual until it was looked at more often than this.
_UNTIL, _UNTIL_FOR_QUERY = 20.0, 10.0
_SETTINGS = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 20,
    "learning_rate": 0.08,
    "num_leaves": 15,
    "min_data_in_leaf": 50,
    "feature_fraction": 0.9,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """Lists that shoppers saw and clicked in, oldest first; list `i` has the rows `starts[i]:starts[i + 1]`."""

    starts: Ints
    products: Ints
    pairs: Ints  # the same number for the same product and query
    places: Ints  # from 0
    clicked: Mask

    def __len__(self) -> int:
        return len(self.starts) - 1

    def part(self, begin: int, end: int) -> Shown:
        """The lists from one to another."""
        rows = slice(self.starts[begin], self.starts[end])
        starts = self.starts[begin : end + 1] - self.starts[begin]
        return Shown(starts, self.products[rows], self.pairs[rows], self.places[rows], self.clicked[rows])


@dataclass(frozen=True, slots=True)
class Choices:
    """How often products were chosen beside how often they were looked at: of each, and of each for a query; 1 is as usual."""

    of_product: Mapping[int, float] = field(default_factory=dict)
    of_pair: Mapping[int, float] = field(default_factory=dict)


def looked_at(shown: Shown) -> Reals:
    """How likely each place is looked at, the first one being 1; places that were hardly ever shown go by 1 / place."""
    usual = 1 / np.arange(1, MOST_PLACES + 1)
    if not len(shown.places):
        return usual
    seen = np.bincount(shown.places, minlength=MOST_PLACES).astype(np.float64)
    theta = usual.copy()
    _, pair = np.unique(shown.pairs, return_inverse=True)
    often = np.bincount(pair).astype(np.float64)
    good = np.full(len(often), max(float(shown.clicked.mean()), 1e-3))
    for _ in range(_ROUNDS):
        look, like = theta[shown.places], good[pair]
        missed = np.maximum(1 - look * like, 1e-9)
        looked = np.where(shown.clicked, 1.0, look * (1 - like) / missed)
        liked = np.where(shown.clicked, 1.0, (1 - look) * like / missed)
        theta = (np.bincount(shown.places, looked, MOST_PLACES) + _AS_USUAL * usual * theta[0]) / (seen + _AS_USUAL)
        theta = np.clip(theta, 1e-4, 1.0)
        good = np.clip((np.bincount(pair, liked, len(often)) + good.mean()) / (often + 1), 1e-4, 1 - 1e-4)
    found: Reals = np.clip(theta / theta[0], 1e-3, 1.0)
    return found


def choices(shown: Shown, looks: Reals) -> Choices:
    """What was chosen more and less often than its places would have it."""
    look = looks[shown.places]
    total = float(look.sum())
    usual = float(shown.clicked.sum()) / total if total else 0.0

    def rates(owner: Ints, until: float) -> dict[int, float]:
        ids, place = np.unique(owner, return_inverse=True)
        clicks, looked = np.bincount(place, shown.clicked), np.bincount(place, look)
        found = (clicks + usual * until) / np.maximum((looked + until) * max(usual, 1e-9), 1e-12)
        return {int(one): float(value) for one, value in zip(ids, found, strict=True)}

    return Choices(rates(shown.products, _UNTIL), rates(shown.pairs, _UNTIL_FOR_QUERY))


class Ranker:
    """Fitted trees; `text` is all that is kept of them."""

    def __init__(self, text: str) -> None:
        import lightgbm as lgb

        self.text = text
        self._trees = lgb.Booster(model_str=text)

    def scores(self, matrix: npt.NDArray[np.float32]) -> Reals:
        """The score of each row."""
        found: Reals = np.asarray(self._trees.predict(matrix, num_threads=1), np.float64)
        return found

    def gains(self) -> dict[str, float]:
        """How much each feature gave, as shares."""
        gain = self._trees.feature_importance("gain")
        return {name: round(float(value), 4) for name, value in zip(FEATURES, gain / max(gain.sum(), 1e-12), strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The newest lists in the order of the search and in the learned one: weighted NDCG@10 of the clicks, and the difference with its 95 %."""

    lists: int
    plain: float
    learned: float
    low: float
    high: float

    @property
    def won(self) -> bool:
        """Whether the learned order is surely better."""
        return self.low > 0


def fit(matrix: npt.NDArray[np.float32], shown: Shown, looks: Reals, *, seed: int = 7, threads: int = 0) -> Ranker:
    """Trees that put what was clicked above what was passed over."""
    import lightgbm as lgb

    settings: dict[str, Any] = {**_SETTINGS, "seed": seed, "num_threads": threads}
    weights = np.where(shown.clicked, weight(shown.places, looks), 1.0)
    data = lgb.Dataset(
        matrix, shown.clicked.astype(np.int8), group=np.diff(shown.starts), weight=weights, feature_name=list(FEATURES)
    )
    return Ranker(lgb.train(settings, data, num_boost_round=TREES).model_to_string())


def weight(places: Ints, looks: Reals) -> Reals:
    """What a click at a place counts: the more, the less the place is looked at."""
    found: Reals = np.minimum(1 / looks[places], _MOST_WEIGHT)
    return found


def replay(plain: Reals, learned: Reals, shown: Shown, looks: Reals) -> Replay:
    """Judge two orders of the same lists, given the points of every row, by the clicks that the lists got.

    The figure is DCG@10 of weighted clicks over all lists, as a share of the best there could be. It is not divided list by list: the
    fewer clicks a list got, the more its division would count what was high.
    """
    gains = np.where(shown.clicked, weight(shown.places, looks), 0.0)
    discounts = 1 / np.log2(np.arange(2, MOST_PLACES + 2))

    def worth(points: Reals) -> Reals:
        """What each list is worth in an order: gains count less the later they come."""
        of_list = np.repeat(np.arange(len(shown)), np.diff(shown.starts))
        order = np.lexsort((-points, of_list))
        rank = np.arange(len(points)) - np.repeat(shown.starts[:-1], np.diff(shown.starts))
        counted = np.where(rank < figures.TOP, discounts[np.minimum(rank, MOST_PLACES - 1)], 0.0) * gains[order]
        return np.bincount(of_list, counted, len(shown)).astype(np.float64)

    best = max(float(worth(gains).mean()), 1e-12) if len(shown) else 1.0
    own, other = worth(plain) / best, worth(learned) / best
    low, high = figures.interval((other - own).tolist()) or (0.0, 0.0)
    means = [round(float(one.mean()), 4) if len(shown) else 0.0 for one in (own, other)]
    return Replay(lists=len(shown), plain=means[0], learned=means[1], low=round(low, 4), high=round(high, 4))
