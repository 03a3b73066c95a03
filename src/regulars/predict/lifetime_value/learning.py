"""Learning values from the past as it was then: the model of an instant, and rolling cut-offs that judge it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.errors import NotEnoughData
from regulars.predict.churn import Course, Trees
from regulars.predict.lifetime_value import queries
from regulars.predict.lifetime_value.domain import TREES_FROM, Backtest, Floats, Method, Score, decile_error, normalised_gini
from regulars.predict.lifetime_value.estimator import Known, LogLinear, ValueModel, eight, known_of, spread_of, window_of
from regulars.predict.lifetime_value.estimator.model import POISSON, TWEEDIE
from regulars.predict.snapshots import Snapshot, known_at
from regulars.values.money import minor_digits
from regulars.values.zones import local_day
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop


@dataclass
class Past:
    """The customers of a shop as they were known at instants, each asked for once."""

    warehouse: Warehouse
    shop: Shop
    _taken: dict[datetime, Known] = field(default_factory=dict)

    def known(self, as_of: datetime) -> Known:
        """Every buyer as of an instant.

        Raises
        ------
        NotEnoughData : nobody had ordered by then.
        """
        if as_of not in self._taken:
            past = known_at(self.warehouse, self.shop, as_of)
            found = self.warehouse.query(queries.histories(past).order_by("customer_id"))
            day = local_day(as_of.astimezone(UTC), self.shop.timezone)
            self._taken[as_of] = known_of(found, day, float(10 ** minor_digits(past.scope.currency)))
        return self._taken[as_of]


def learn(course: Course, past: Past, at: datetime, *, seed: int = 1, trees: bool = True) -> tuple[ValueModel, int]:
    """The model that somebody at `at` could have learned, and on how many labelled rows its trees (0: none).

    Raises
    ------
    NotEnoughData : fewer than ten customers came back by then.
    """
    learned = _learned(course, at, seed) if trees else _NOTHING
    model = ValueModel.fit(
        past.known(at),
        currency=course.span.currency,
        horizon_days=course.horizon_days,
        trees=learned.money,
        counts=learned.counts,
        regression=learned.regression,
    )
    return model, learned.rows


@dataclass(frozen=True)
class _Lessons:
    """What horizons that are over have taught, and how many labelled rows of them there were."""

    money: Trees | None = None
    counts: Trees | None = None
    regression: LogLinear | None = None
    rows: int = 0


_NOTHING = _Lessons()


def _learned(course: Course, at: datetime, seed: int) -> _Lessons:
    """Trees of money and of purchase days, and a regression of money, on past cut-offs; nothing where their rows are too few."""
    try:
        taken = course.lessons(at, seed)
    except NotEnoughData:
        return _NOTHING
    rows = sum(len(came.value) for _, came in taken)
    if rows < TREES_FROM:
        return _NOTHING
    names = _shared(taken[0][0], [one for one, _ in taken])
    x = np.concatenate([one.matrix(names) for one, _ in taken])
    money = np.concatenate([came.value for _, came in taken])
    if not money.any():
        return _NOTHING
    days = np.concatenate([came.orders for _, came in taken]).astype(np.float64)
    few = np.concatenate([eight(one, course.horizon_days) for one, _ in taken])
    return _Lessons(
        Trees.fit(x, money, names, seed=seed, parameters=TWEEDIE),
        Trees.fit(x, days, names, seed=seed, parameters=POISSON),
        LogLinear.fit(few, money),
        rows,
    )


def _shared(newest: Snapshot, all_: Sequence[Snapshot]) -> tuple[str, ...]:
    """The features every snapshot has that are not the same for everybody."""
    there = set.intersection(*({feature.name for feature in one.features} for one in all_))
    names = [feature.name for feature in newest.features if feature.name in there]
    return tuple(name for name in names if len(np.unique(newest.column(name))) > 1)


def places_in(known: Known, customers: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Where customers stand among the known ones."""
    found = pc.index_in(pa.array(customers, known.customers.type), value_set=known.customers)
    return np.asarray(found, dtype=np.intp)


def in_horizon(model: ValueModel, known: Known, snapshot: Snapshot | None) -> tuple[Floats, Floats]:
    """Net value of the next horizon of every customer: as forecast, and under the purchase model alone.

    With trees, the forecast of the snapshot's customers, who are still about, is the mean of four: the purchase model, the trees of money,
    the trees of purchase days times what a purchase day is worth, and the regression of money (docs/decisions/0024).
    """
    alone = model.value_in(model.horizon_days, known)
    if model.trees is None or snapshot is None:
        return alone, alone
    where = places_in(known, snapshot.customers)
    worth = model.order_value(known.take(where))
    told = [said * worth if are_days else said for said, are_days in model.learned_in_horizon(snapshot)]
    mixed = alone.copy()
    mixed[where] = (alone[where] + sum(told)) / (1 + len(told))
    return mixed, alone


def backtest(course: Course, past: Past, cuts: Sequence[datetime], *, seed: int = 1, trees: bool = True) -> Backtest:
    """What models that knew only what came before each cut-off would have said, against what came."""
    folds: list[Score] = []
    method: Method = "purchase_model"
    for cut in sorted(cuts):
        model, rows = learn(course, past, cut, seed=seed, trees=trees)
        snapshot, actual = course.snapshot(cut), course.outcomes(cut).value
        everybody = past.known(cut)
        forecast, _ = in_horizon(model, everybody, snapshot)
        where = places_in(everybody, snapshot.customers)
        forecast = forecast[where]
        low, high = interval(model, everybody.take(where), forecast, float(course.horizon_days), seed=seed)
        before = snapshot.column(f"spent_in_{window_of(course.horizon_days)}").astype(np.float64)
        money, told = float(actual.sum()), float(forecast.sum())
        folds.append(
            Score(
                as_of=cut,
                customers=len(actual),
                trained_on=rows,
                gini=normalised_gini(actual, forecast),
                last_period_gini=normalised_gini(actual, before),
                decile_error=decile_error(actual, forecast),
                total_error=told / money - 1 if money > 0 else None,
                coverage=float(np.mean((actual >= low) & (actual <= high))) if len(actual) else 0.0,
                money=money,
                forecast=told,
            )
        )
        method = "average" if model.trees is not None else "purchase_model"
    return Backtest(course.horizon_days, method, tuple(folds))


def interval(model: ValueModel, known: Known, value: Floats, days: float, *, seed: int) -> tuple[Floats, Floats]:
    """The interval of values in the next days: that of the purchase model, moved to where the values are."""
    low, high = spread_of(model, known, days, seed=seed)
    alone = model.value_in(days, known)
    ratio = np.where(alone > 0, value / np.maximum(alone, 1e-12), 1.0)
    return low * ratio, high * ratio
