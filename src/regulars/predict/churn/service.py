"""The verbs of the churn room: the shop's horizon, who is leaving, and how good such forecasts were."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict.churn.domain import ACTIVE_HORIZONS, HORIZONS, Backtest, Forecast, Rhythm, horizon_for
from regulars.predict.churn.learning import Course, backtest, learn
from regulars.predict.churn.queries import gap_points
from regulars.predict.snapshots import Own
from regulars.understand import lifecycle
from regulars.understand.metrics import data_span
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

#: Past cut-offs a forecast is judged by, and the days between them.
_FOLDS = 3
_FOLD_STEP_DAYS = 30


def rhythm(warehouse: Warehouse, shop: Shop) -> Rhythm:
    """How the shop's customers come back, and the horizon that follows from it.

    Raises
    ------
    NotEnoughData : nobody has ordered on two days.
    """
    span = data_span(warehouse, shop)
    if span.first_at is not None:
        known = lifecycle.known_orders(warehouse.table("orders"), lifecycle.history_of(shop, span))
        row = warehouse.rows(gap_points(known))[0]
        if row["gaps"]:
            return Rhythm(horizon_for(float(row["three_of_four"])), float(row["three_of_four"]), int(row["gaps"]))
    raise NotEnoughData(
        "nobody has ordered on two days yet, so no horizon can be told", mend="load more orders, or name a horizon", code="no_gaps"
    )


def forecast(
    warehouse: Warehouse, shop: Shop, *, as_of: datetime | None = None, horizon_days: int | None = None, seed: int = 1
) -> Forecast:
    """P(no order in the horizon) of every customer whose last order is at most two horizons ago.

    Parameters
    ----------
    as_of : aware; None takes the end of the data. Nothing after it is seen, neither in learning nor in what is told of customers.
    horizon_days : None takes the shop's own.

    Raises
    ------
    NotEnoughData : too little history to learn from.
    """
    course, as_of = _course(warehouse, shop, as_of, horizon_days, None)
    model, _ = learn(course, as_of, seed=seed)
    snapshot = course.snapshot(as_of)
    method = "blend" if model.trees is not None else "logistic"
    return Forecast(
        as_of, course.horizon_days, "blend" if method == "blend" else "logistic", snapshot.customers, model.predict(snapshot)
    )


def judge(
    warehouse: Warehouse,
    shop: Shop,
    *,
    as_of: datetime | None = None,
    horizon_days: int | None = None,
    cuts: list[datetime] | None = None,
    seed: int = 1,
    own: Own | None = None,
) -> Backtest:
    """How good forecasts at past cut-offs would have been; by default the last three whose horizon was over at `as_of`, 30 days apart.

    Raises
    ------
    NotEnoughData : no cut-off leaves enough history before it and its horizon after it.
    """
    course, as_of = _course(warehouse, shop, as_of, horizon_days, own)
    newest = as_of - timedelta(days=course.horizon_days)
    if cuts is None:
        cuts = [newest - timedelta(days=_FOLD_STEP_DAYS * place) for place in range(_FOLDS)]
        cuts = [cut for cut in cuts if course.training_cuts(cut)]
    if not cuts:
        raise NotEnoughData(
            f"no past cut-off has {ACTIVE_HORIZONS} horizons of {course.horizon_days} days before it and one after it",
            mend="load older orders, or take a shorter horizon",
            code="history_too_short",
        )
    return backtest(course, cuts, seed=seed)


def _course(
    warehouse: Warehouse, shop: Shop, as_of: datetime | None, horizon_days: int | None, own: Own | None
) -> tuple[Course, datetime]:
    if horizon_days is not None and not 7 <= horizon_days <= HORIZONS[-1]:
        raise InvalidInput(f"a horizon of {horizon_days} days", mend=f"give 7 to {HORIZONS[-1]} days", code="bad_horizon")
    span = data_span(warehouse, shop)
    days = horizon_days or rhythm(warehouse, shop).horizon_days
    return Course(warehouse, shop, span, days, own), as_of or span.as_of
