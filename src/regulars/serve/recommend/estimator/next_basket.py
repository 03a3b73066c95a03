"""The next basket of known buyers: TIFU-KNN and UP-CF@r, each tuned on some of the shop's own buyers, mixed as suits those best."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

from regulars.serve.recommend.domain import baskets, figures
from regulars.serve.recommend.domain.baskets import Histories, Tifu, Upcf
from regulars.serve.recommend.estimator import implicit_peer

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Way = TypeVar("Way", Tifu, Upcf)
K = 10

_TIFU: dict[str, Sequence[Any]] = {
    "own": (0.5, 0.7, 0.9),
    "between": (0.5, 0.7, 0.85, 1.0),
    "within": (0.7, 0.9, 1.0),
    "group": (3, 7),
    "k": (100, 300),
}
_UPCF: dict[str, Sequence[Any]] = {
    "recent": (5, 10, 25),
    "power": (2.0, 5.0, 10.0),
    "asymmetry": (0.0, 0.25, 0.5),
    "k": (100, 300, 900),
}
#: Shares of TIFU-KNN that are tried; a mix answers only where it is better than either alone by a standard error, and on every problem.
_MIXES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Problem:
    """Baskets of users, and the next basket of some of them."""

    histories: Histories
    users: Ints
    truth: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class NextBasket:
    """Settings of both methods, and the share of TIFU-KNN where each is scaled to its best."""

    tifu: Tifu
    upcf: Upcf
    mix: float = 0.5

    def ready(self, histories: Histories) -> ReadyBasket:
        """What both methods need of all users, so that each one can be asked for quickly."""
        return ReadyBasket(
            self,
            baskets.TifuUsers(baskets.tifu_vectors(histories, self.tifu)) if self.mix > 0 else None,
            baskets.UpcfUsers(histories, self.upcf.recent) if self.mix < 1 else None,
        )

    def scores(self, histories: Histories, users: Ints) -> sparse.csr_matrix:
        """A score for every item that either method names."""
        return self.ready(histories).scores(users)

    def settings(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> NextBasket:
        """From those values."""
        return cls(Tifu(**told["tifu"]), Upcf(**told["upcf"]), told["mix"])


@dataclass(frozen=True, slots=True)
class ReadyBasket:
    """The same with what is known of all users."""

    how: NextBasket
    tifu: baskets.TifuUsers | None
    upcf: baskets.UpcfUsers | None

    def scores(self, users: Ints) -> sparse.csr_matrix:
        """A score for every item that either method names."""
        mix, parts = self.how.mix, []
        if self.tifu is not None:
            parts.append(mix * baskets.scaled(self.tifu.scores(self.how.tifu, users)))
        if self.upcf is not None:
            parts.append((1 - mix) * baskets.scaled(self.upcf.scores(self.how.upcf, users)))
        return sparse.csr_matrix(sum(parts[1:], start=parts[0]))


DEFAULT = NextBasket(Tifu(), Upcf())


def tune(problems: Sequence[Problem]) -> NextBasket:
    """The settings whose lists find most of the next baskets (NDCG@10, mean over the problems): one is varied after another, twice."""
    best_sellers = [top(one.histories) for one in problems]

    def each(scores: Sequence[sparse.csr_matrix]) -> Floats:
        """NDCG of every user of every problem."""
        found = [_ndcgs(baskets.best(of, K, fill), one.truth) for of, fill, one in zip(scores, best_sellers, problems, strict=True)]
        return np.concatenate(found)

    def worth(scores: Sequence[sparse.csr_matrix]) -> float:
        return float(each(scores).mean())

    def by_tifu(how: Tifu) -> list[sparse.csr_matrix]:
        return [baskets.tifu_scores(baskets.tifu_vectors(one.histories, how), how, one.users) for one in problems]

    def by_upcf(how: Upcf) -> list[sparse.csr_matrix]:
        return [baskets.upcf_scores(one.histories, how, one.users) for one in problems]

    tifu = _climbed(DEFAULT.tifu, _TIFU, lambda how: worth(by_tifu(how)))
    upcf = _climbed(DEFAULT.upcf, _UPCF, lambda how: worth(by_upcf(how)))
    both = [(baskets.scaled(one), baskets.scaled(other)) for one, other in zip(by_tifu(tifu), by_upcf(upcf), strict=True)]
    by_share = {
        share: each([sparse.csr_matrix(share * one + (1 - share) * other) for one, other in both]) for share in (0.0, *_MIXES, 1.0)
    }
    alone = max((0.0, 1.0), key=lambda share: float(by_share[share].mean()))
    mixed = max(_MIXES, key=lambda share: float(by_share[share].mean()))
    gain = by_share[mixed] - by_share[alone]
    of_each = np.split(gain, np.cumsum([len(one.users) for one in problems])[:-1])
    proven = gain.mean() > gain.std() / np.sqrt(max(len(gain), 1)) and all(one.mean() > 0 for one in of_each if len(one))
    return NextBasket(tifu, upcf, mixed if proven else alone)


@dataclass(frozen=True, slots=True)
class Judged:
    """Settings chosen on some buyers, and how every method did on the others: their lists, and figures over them."""

    chosen: NextBasket
    lists: Mapping[str, Sequence[Sequence[int]]]
    truth: Sequence[Sequence[int]]

    def figures(self) -> dict[str, dict[str, float]]:
        """Recall, NDCG and the share with any hit, at ten, by method."""
        return {name: figures.means(self._each(lists)) for name, lists in self.lists.items()}

    def intervals(self) -> dict[str, dict[str, tuple[float, float]]]:
        """The 95 % intervals of these means, over buyers."""
        return {name: figures.intervals(self._each(lists)) for name, lists in self.lists.items()}

    def _each(self, lists: Sequence[Sequence[int]]) -> list[dict[str, float]]:
        return [
            {
                "recall": figures.recall(one, wanted, K),
                "ndcg": figures.ndcg(one, wanted, K),
                "any": figures.any_hit(one, wanted, K),
            }
            for one, wanted in zip(lists, self.truth, strict=True)
        ]


def judge(histories: Histories, truth: Sequence[Sequence[int]], *, peers: bool = False) -> Judged:
    """Choose settings on every second buyer (by the checksum of their number), by the last basket known of them and the one before,
    and judge all methods on the rest; with `peers` also `implicit` where it is installed."""
    users = np.arange(histories.n_users)
    judges = np.array([zlib.crc32(str(user).encode()) % 2 == 0 for user in users], bool)
    others = users[~judges]
    earlier, last = histories.without_last()
    known = others[earlier.counts[others] > 0]
    chosen = tune(
        [
            Problem(histories, others, [truth[user] for user in others]),
            Problem(earlier, known, [last[user] for user in known]),
        ]
    )
    asked, best_sellers = users[judges], top(histories)
    scores = {
        "frequency": baskets.frequency(histories, 10_000)[asked],
        "tifu_knn": baskets.tifu_scores(baskets.tifu_vectors(histories, chosen.tifu), chosen.tifu, asked),
        "up_cf": baskets.upcf_scores(histories, chosen.upcf, asked),
        "regulars": chosen.scores(histories, asked),
    }
    lists = {name: baskets.best(one, K, best_sellers) for name, one in scores.items()}
    if peers and implicit_peer.installed():
        lists = {"implicit": implicit_peer.next_basket(histories, asked, K, best_sellers), **lists}
    return Judged(chosen, {"popularity": [best_sellers[:K]] * len(asked), **lists}, [truth[user] for user in asked])


def top(histories: Histories, size: int = 100) -> list[int]:
    """What most baskets hold."""
    counts = np.bincount(histories.items, minlength=histories.n_items)
    found: list[int] = np.argsort(-counts, kind="stable")[:size].tolist()
    return found


def _ndcgs(lists: Sequence[Sequence[int]], truth: Sequence[Sequence[int]]) -> Floats:
    """NDCG@10 of each user."""
    return np.array([figures.ndcg(ranked, wanted, K) for ranked, wanted in zip(lists, truth, strict=True)])


def _climbed(start: Way, choices: Mapping[str, Sequence[Any]], worth: Callable[[Way], float]) -> Way:
    best, reached = start, worth(start)
    for name, values in choices.items():
        for value in values:
            tried = replace(best, **{name: value})
            if tried != best and (found := worth(tried)) > reached:
                best, reached = tried, found
    return best
