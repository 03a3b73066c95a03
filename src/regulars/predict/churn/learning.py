"""Learning from the past as it was then: training cut-offs, the model, and rolling cut-offs that judge it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict import snapshots
from regulars.predict.churn import scores
from regulars.predict.churn.domain import (
    ACTIVE_HORIZONS,
    LEARN_FROM,
    MOST_CUSTOMERS,
    MOST_CUTS,
    MOST_ROWS,
    TOO_GOOD_AUC,
    TREES_FROM,
    Backtest,
    Fold,
    Method,
)
from regulars.predict.churn.estimator import ChurnModel
from regulars.predict.snapshots import Closure, Outcomes, Snapshot
from regulars.understand.metrics import DataSpan
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

#: History a snapshot needs before it, in horizons: younger ones know nobody's rhythm.
_HISTORY_HORIZONS = 1
#: A horizon tells who left while the shop was closed for less of it than this.
_MOST_CLOSED = 0.25


@dataclass
class Course:
    """The snapshots of one shop and horizon, each taken once, with what came after them where that is known."""

    warehouse: Warehouse
    shop: Shop
    span: DataSpan
    horizon_days: int
    own: snapshots.Own | None = None
    without: frozenset[str] = frozenset()  # who is no real customer, as support said
    _taken: dict[datetime, Snapshot] = field(default_factory=dict)
    _came: dict[datetime, Outcomes] = field(default_factory=dict)
    _closed: dict[datetime, list[Closure]] = field(default_factory=dict)

    def everybody(self, as_of: datetime) -> Snapshot:
        """Of all customers who are still about then; not kept."""
        return self._take(as_of, None)

    def snapshot(self, as_of: datetime) -> Snapshot:
        """Of customers who are still about then, as many as are learned from and judged by."""
        if as_of not in self._taken:
            self._taken[as_of] = self._take(as_of, MOST_CUSTOMERS if self.span.orders > MOST_CUSTOMERS else None)
        return self._taken[as_of]

    def outcomes(self, as_of: datetime) -> Outcomes:
        """What came after it."""
        if as_of not in self._came:
            self._came[as_of] = snapshots.outcomes(self.warehouse, self.shop, self.snapshot(as_of), self.horizon_days)
        return self._came[as_of]

    def lessons(self, known_at: datetime, seed: int) -> list[tuple[Snapshot, Outcomes]]:
        """What somebody at `known_at` could learn from, newest first: at most 300,000 rows in all, drawn from each cut-off alike."""
        taken = [(self.snapshot(cut), self.outcomes(cut)) for cut in self.training_cuts(known_at)]
        rows = sum(len(came.orders) for _, came in taken)
        if rows <= MOST_ROWS:
            return taken
        chance = np.random.default_rng(seed)
        made = []
        for snapshot, came in taken:
            few = np.sort(chance.choice(len(came.orders), size=round(len(came.orders) * MOST_ROWS / rows), replace=False))
            some = replace(snapshot, table=snapshot.table.take(few))
            made.append((some, replace(came, orders=came.orders[few], value=came.value[few])))
        return made

    def _take(self, as_of: datetime, most: int | None) -> Snapshot:
        active = float(ACTIVE_HORIZONS * self.horizon_days)
        taken = snapshots.take(self.warehouse, self.shop, as_of, active_days=active, most=most, own=self.own)
        if not self.without:
            return taken
        strangers = pc.is_in(taken.table.column("customer_id"), value_set=pa.array(sorted(self.without)))
        return replace(taken, table=taken.table.filter(pc.invert(strangers)))

    def training_cuts(self, known_at: datetime) -> list[datetime]:
        """Cut-offs whose horizon was over at `known_at`, newest first, half a horizon apart (at most 30 days).

        Those in whose horizon the shop was closed for long are left out: nobody could order, and nobody left for that.
        """
        if self.span.first_at is None:
            return []
        step = timedelta(days=min(30.0, self.horizon_days / 2))
        newest, oldest = known_at - timedelta(days=self.horizon_days), self.span.first_at
        oldest += timedelta(days=_HISTORY_HORIZONS * self.horizon_days)
        cuts = [newest - place * step for place in range(MOST_CUTS)]
        return [cut for cut in cuts if cut >= oldest and self._open(cut, known_at)]

    def _open(self, cut: datetime, known_at: datetime) -> bool:
        """Whether the shop sold in most of the horizon after a cut-off, as was known then."""
        if known_at not in self._closed:
            past = snapshots.known_at(self.warehouse, self.shop, known_at)
            self._closed[known_at] = snapshots.closures(self.warehouse, past)
        first, last = cut.date(), (cut + timedelta(days=self.horizon_days)).date()
        shut = sum(max((min(one.last_on, last) - max(one.first_on, first)).days, 0) for one in self._closed[known_at])
        return shut < _MOST_CLOSED * self.horizon_days


def learn(course: Course, known_at: datetime, *, seed: int = 1) -> tuple[ChurnModel, int]:
    """The model that somebody at `known_at` could have learned, and on how many rows.

    Raises
    ------
    NotEnoughData : the history is shorter than two horizons, or too few customers' outcomes are known.
    InvalidInput : a single feature tells leavers from stayers almost perfectly, so it has seen the future.
    """
    cuts = course.training_cuts(known_at)
    if not cuts:
        raise NotEnoughData(
            f"the history before {known_at:%Y-%m-%d} is shorter than two horizons of {course.horizon_days} days",
            mend="load older orders, or take a shorter horizon",
            code="history_too_short",
        )
    newest = course.outcomes(cuts[0])
    if len(newest.orders) < LEARN_FROM:
        raise NotEnoughData(
            f"only {len(newest.orders)} customers have a known outcome at {cuts[0]:%Y-%m-%d}; a model needs {LEARN_FROM}",
            mend="the rule of the next order (`regulars show act-on`) needs no model",
            code="too_few_customers",
        )
    _refuse_leaks(course.snapshot(cuts[0]), newest.churned)
    taken = [(snapshot, came.churned) for snapshot, came in course.lessons(known_at, seed)]
    rows = sum(len(churned) for _, churned in taken)
    gone = int(sum(churned.sum() for _, churned in taken))
    if gone in (0, rows):
        raise NotEnoughData(
            f"in every past horizon of {course.horizon_days} days {'everybody' if gone else 'nobody'} left: there is nothing to learn",
            mend=f"take a {'longer' if gone else 'shorter'} horizon",
            code="one_outcome",
        )
    model = ChurnModel.fit(
        [one for one, _ in taken],
        [churned for _, churned in taken],
        horizon_days=course.horizon_days,
        seed=seed,
        trees=rows >= TREES_FROM,
    )
    return model, rows


def backtest(course: Course, cuts: Sequence[datetime], *, seed: int = 1) -> Backtest:
    """What models that knew only what came before each cut-off would have said, against what came."""
    folds: list[Fold] = []
    method: Method = "logistic"
    for cut in sorted(cuts):
        fold, model = fold_at(course, cut, seed=seed)
        folds.append(fold)
        method = model.method
    return Backtest(course.horizon_days, method, tuple(folds))


def fold_at(course: Course, cut: datetime, *, seed: int = 1) -> tuple[Fold, ChurnModel]:
    """The model somebody could have learned at the cut-off, and how right it was."""
    model, rows = learn(course, cut, seed=seed)
    snapshot, churned = course.snapshot(cut), course.outcomes(cut).churned
    found = scores.score(churned, model.predict(snapshot))
    recency = scores.auc(churned.astype(np.float64), snapshot.column("recency_days").astype(np.float64))
    return Fold(cut, rows, found, recency), model


def _refuse_leaks(snapshot: Snapshot, churned: npt.NDArray[np.bool_]) -> None:
    """No number that was known then tells the future almost perfectly."""
    y = churned.astype(np.float64)
    for feature in snapshot.features:
        values = snapshot.column(feature.name).astype(np.float64)
        found = scores.auc(y, np.nan_to_num(values, nan=-1.0))
        if found is not None and max(found, 1 - found) > TOO_GOOD_AUC:
            raise InvalidInput(
                f"the feature '{feature.name}' alone tells who leaves with an AUC of {max(found, 1 - found):.3f}: it has seen the future",
                mend="make it from what was known at the cut-off, or leave it out",
                code="leak",
            )
