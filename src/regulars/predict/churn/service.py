"""The verbs of the churn room: the shop's horizon, who is leaving, how good such forecasts were, and what people say and set."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from regulars.collect import identity
from regulars.errors import InvalidInput, NotEnoughData
from regulars.guard import privacy
from regulars.predict.churn import feedback, reading, settings, warnings
from regulars.predict.churn.answers import Levels
from regulars.predict.churn.checks import CHECKS
from regulars.predict.churn.domain import ACTIVE_HORIZONS, HORIZONS, Backtest, Forecast, Rhythm, horizon_for
from regulars.predict.churn.learning import Course, backtest, learn
from regulars.predict.churn.queries import gap_points
from regulars.predict.snapshots import Own
from regulars.understand import lifecycle
from regulars.understand.metrics import data_span, instant
from regulars.warehouse import Warehouse
from regulars.work import enqueue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from regulars.access import Shop
    from regulars.access.domain import Caller
    from regulars.predict.churn.feedback import Feedback
    from regulars.records import UnitOfWork

__all__ = ["CHECKS", "SCORE", "ask", "contest", "forecast", "judge", "rhythm", "set_levels"]

#: The job that judges everybody.
SCORE = "churn.score"

#: Past cut-offs a forecast is judged by, and the days between them.
_FOLDS = 3
_FOLD_STEP_DAYS = 30


def rhythm(warehouse: Warehouse, shop: Shop, as_of: datetime | None = None) -> Rhythm:
    """How the shop's customers come back, and the horizon that follows from it; with `as_of`, as far as it was known then.

    Raises
    ------
    NotEnoughData : nobody has ordered on two days.
    """
    span = data_span(warehouse, shop)
    if span.first_at is not None:
        orders = warehouse.table("orders")
        if as_of is not None:
            orders = orders.filter(orders.ordered_at < instant(as_of))
        known = lifecycle.known_orders(orders, lifecycle.history_of(shop, span))
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
    snapshot = course.everybody(as_of)
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


def contest(
    uow: UnitOfWork,
    warehouse: Warehouse,
    caller: Caller,
    shop: Shop,
    customer_id: str,
    wrong_because: str,
    *,
    text: str = "",
    language: str = "en",
) -> Feedback:
    """Keep why a customer's warning was wrong; it leaves the list with the run that is asked for.

    Raises
    ------
    NotFound : the customer has no warning.
    InvalidInput : a reason that is none of ours, or a text that is too long.
    """
    row, run = reading.current(warehouse, shop, customer_id)
    day = warnings.run_day(reading.said_run(run, language).as_of, shop.timezone)
    said = feedback.say(
        uow, caller, shop, customer_id, wrong_because, level=row["level"], cause=row["cause"], day=day, text=text, language=language
    )
    ask(uow, shop.shop_id)
    return said


def set_levels(uow: UnitOfWork, warehouse: Warehouse, caller: Caller, shop: Shop, changes: Mapping[str, Any]) -> Levels:
    """Set levels, capacity, margin or horizon, and ask for a run; see `settings.Settings` for what may be set.

    Raises
    ------
    InvalidInput : amounts out of order, or a number nobody can mean.
    """
    settings.change_settings(uow, caller, shop, data_span(warehouse, shop).currency, dict(changes))
    ask(uow, shop.shop_id)
    return reading.levels(uow, warehouse, shop)


def ask(uow: UnitOfWork, shop_id: str) -> str:
    """Ask for a run at once; several wishes before it starts are one. Returns the job's id."""
    return enqueue(uow, SCORE, {"asked": True}, shop_id=shop_id, key=f"{SCORE}:{shop_id}:asked")


def _course(
    warehouse: Warehouse, shop: Shop, as_of: datetime | None, horizon_days: int | None, own: Own | None
) -> tuple[Course, datetime]:
    if horizon_days is not None and not 7 <= horizon_days <= HORIZONS[-1]:
        raise InvalidInput(f"a horizon of {horizon_days} days", mend=f"give 7 to {HORIZONS[-1]} days", code="bad_horizon")
    span = data_span(warehouse, shop)
    days = horizon_days or rhythm(warehouse, shop).horizon_days
    return Course(warehouse, shop, span, days, own), as_of or span.as_of


if warnings.forget not in privacy.ERASERS:
    privacy.ERASERS.append(warnings.forget)
if warnings.follow not in identity.MERGERS:
    identity.MERGERS.append(warnings.follow)
