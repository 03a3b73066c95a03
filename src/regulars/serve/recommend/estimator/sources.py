"""The sources of a session's next item, and what each says of a candidate: the columns that the trees read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from regulars.serve.recommend.domain import pairs, popularity
from regulars.serve.recommend.domain.sessions import LAST_EVENTS, SKNN, STAN, V_STAN, Scores, SessionIndex

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float32]

#: Candidates that each source names.
EACH = 40
_WAYS = (V_STAN, STAN, SKNN)
_SCORED = ("v_stan", "stan", "sknn", "co_view_last", "co_view_all", "next_last", "next_all", "popular")
FEATURES = (
    *_SCORED,
    *(f"{name}_rank" for name in _SCORED[:-1]),
    "sources",
    "steps_ago",
    "times_seen",
    "is_last",
    "rarity",
    "session_length",
    "distinct_share",
    "last_rarity",
    "last_seen_before",
)
_FAR = 99.0


@dataclass
class Sources:
    """Session neighbours, co-views, next views and popularity of one shop; items are numbers below `n_items`."""

    index: SessionIndex
    co_views: sparse.csr_matrix
    next_views: sparse.csr_matrix
    popular: Floats  # the faded count of each item

    @classmethod
    def of(cls, items: Ints | npt.NDArray[np.int32], starts: Ints, ended: Floats, n_items: int) -> Sources:
        """Made from sessions, the oldest first; `ended` in days."""
        items = items.astype(np.int32, copy=False)
        now = float(ended[-1]) if len(ended) else 0.0
        return cls(
            SessionIndex(items, starts, ended, n_items),
            pairs.co_views(pairs.incidence(items, starts, n_items)),
            pairs.next_views(items, starts, n_items),
            popularity.faded(items, np.repeat((now - ended).astype(np.float32), np.diff(starts)), n_items),
        )

    def v_stan(self, current: Sequence[int], now: float, *, without: int = -1) -> Scores:
        """What answers where no trees do."""
        return self.index.scores(current, now, V_STAN, without=without)

    def candidates(self, current: Sequence[int], now: float, *, without: int = -1) -> tuple[Ints, Matrix]:
        """Candidates for what is looked at next, in ascending order, and their features."""
        asked = list(current)[-LAST_EVENTS:]
        newest_first = list(dict.fromkeys(reversed(asked)))
        last = newest_first[:1]
        decay = [1.0 / (1 + place) for place in range(len(newest_first))]
        told: list[Scores] = [
            *self.index.scores_by(asked, now, _WAYS, without=without),
            pairs.summed(self.co_views, last),
            pairs.summed(self.co_views, newest_first),
            pairs.summed(self.next_views, last),
            pairs.summed(self.next_views, newest_first, decay),
        ]
        named = [_best(scores, EACH) for scores in told]
        ids = np.unique(np.concatenate([*named, np.array(newest_first, np.int64)]))
        matrix = np.zeros((len(ids), len(FEATURES)), np.float32)
        n_scored = len(told)
        for column, (items, scores) in enumerate(told):
            self._scores(matrix, column, n_scored + 1 + column, ids, items, scores)
        known = ids < len(self.popular)
        matrix[known, n_scored] = np.log1p(self.popular[ids[known]])
        at = 2 * n_scored + 1
        matrix[:, at] = (matrix[:, :n_scored] > 0).sum(axis=1)
        self._of_session(matrix[:, at + 1 :], ids, asked)
        return ids, matrix

    @staticmethod
    def _scores(matrix: Matrix, column: int, rank_column: int, ids: Ints, items: Ints, scores: Floats) -> None:
        """Scores as a share of the best, and places: both mean the same in every shop."""
        if len(items):
            place = np.minimum(np.searchsorted(ids, items), len(ids) - 1)
            here = ids[place] == items
            matrix[place[here], column] = scores[here] / max(float(scores.max()), 1e-12)
        order = np.argsort(-matrix[:, column], kind="stable")
        ranks = np.empty(len(ids), np.float32)
        ranks[order] = np.arange(len(ids))
        matrix[:, rank_column] = np.where(matrix[:, column] > 0, ranks, _FAR)

    def _of_session(self, matrix: Matrix, ids: Ints, asked: Sequence[int]) -> None:
        matrix[:, 0] = _FAR
        idf = self.index.idf
        known = ids < len(idf)
        matrix[known, 3] = idf[ids[known]]
        if not asked:
            return
        for place, item in enumerate(asked):
            row = int(np.searchsorted(ids, item))
            matrix[row, 0] = len(asked) - 1 - place
            matrix[row, 1] += 1
        matrix[:, 2] = ids == asked[-1]
        matrix[:, 4] = len(asked)
        matrix[:, 5] = len(set(asked)) / len(asked)
        matrix[:, 6] = idf[asked[-1]] if asked[-1] < len(idf) else 0.0
        matrix[:, 7] = asked[-1] in asked[:-1]


def ranked(ids: Ints, scores: Floats, size: int) -> list[int]:
    """Best first, equal ones by number."""
    if len(ids) > 4 * size:
        near = np.argpartition(-scores, 4 * size)[: 4 * size]
        ids, scores = ids[near], scores[near]
    found: list[int] = ids[np.lexsort((ids, -scores))][:size].tolist()
    return found


def _best(scores: Scores, size: int) -> Ints:
    ids, values = scores
    return ids if len(ids) <= size else ids[np.argpartition(-values, size)[:size]]
