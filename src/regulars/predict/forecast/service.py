"""The verb of the forecast room: any metric of the catalogue in the days to come."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict.forecast.calendar import Calendar, HolidayDay, calendar_of, holidays, title_of
from regulars.predict.forecast.domain import (
    MOST_DAYS,
    SHARES,
    ForecastAnswer,
    ForecastDay,
    ForecastScore,
    ForecastTotal,
    MarkedHoliday,
    PastDay,
    value_of,
)
from regulars.predict.forecast.estimator import Array, Forecaster, Predicted
from regulars.understand.metrics import DAILY_METRICS, METRICS, DailySums, Metric, Value, daily_sums
from regulars.values.zones import day_start
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

#: Days of the past shown beside a forecast.
SHOWN_DAYS = 84


def forecast(
    warehouse: Warehouse,
    shop: Shop,
    metric: str,
    *,
    days: int = 28,
    share: float = 0.8,
    calendar: Calendar | None = None,
    last_on: date | None = None,
) -> ForecastAnswer:
    """What a metric is expected to be in the days after the last whole one, with intervals made of past errors.

    Parameters
    ----------
    metric : a name of the metric catalogue. Those of advertising and of competitors begin after the last day loaded of them.
    days : how many, 1 to 365, and no more than there is history.
    share : of days that the interval is to hold; .5, .8, .9, .95 or .99.
    calendar : whose holidays are looked at; None: the shop's, by its zone and currency.
    last_on : the last day seen, for a forecast as of the past; orders' later cancellations are known all the same.

    Raises
    ------
    InvalidInput : an unknown metric or calendar, or a number of days or share out of range.
    NotEnoughData : fewer than 14 days of unbroken history, a horizon longer than it, or a shop that looks closed.
    """
    _check(metric, days, share, calendar)
    sums = daily_sums(warehouse, shop, last_on)
    if sums is None:
        raise NotEnoughData("there are no orders yet", mend="load orders, or let the shop send `Order Completed`", code="no_orders")
    if not sums.tells(metric):
        raise NotEnoughData(
            f"nothing of `{metric}` is loaded", mend="load what advertising cost, or what competitors ask, day by day",
            code="nothing_loaded",
        )  # fmt: skip
    sums = sums.known_for(metric)
    kept = calendar or calendar_of(shop.timezone, sums.currency)
    return warehouse.cached(
        ("forecast", shop.shop_id, metric, days, share, kept, sums.first_on, sums.last_on),
        lambda: _forecast(shop, sums, METRICS[metric], days, share, kept),
        of=("orders", "refunds", "ad_costs", "market_prices", "products"),
    )


def _forecast(shop: Shop, sums: DailySums, metric: Metric, days: int, share: float, calendar: Calendar) -> ForecastAnswer:
    marked = holidays(calendar, sums.first_on, sums.last_on + timedelta(days=days))
    fitted, values = fitted_to(sums, metric.name, marked, days)
    history = len(values) - fitted.start_
    if days > history:
        raise NotEnoughData(
            f"{history} days of unbroken history carry no forecast of {days}", mend=f"ask for at most {history} days",
            code="horizon_too_long", have=history, need=days,
        )  # fmt: skip
    made = fitted.predict(days, share)
    scored = fitted.score(days, share)
    low, high = made.interval(fitted.least_)

    def value(number: float) -> Value:
        return value_of(float(number), metric.unit, sums.currency)

    first = sums.last_on + timedelta(days=1)
    ahead = [first + timedelta(days=k) for k in range(days)]
    shown = range(max(fitted.start_, len(values) - SHOWN_DAYS), len(values))
    past = [(sums.first_on + timedelta(days=i), float(values[i])) for i in shown]
    return ForecastAnswer(
        shop_id=shop.shop_id,
        metric=metric.name,
        unit=metric.unit,
        currency=sums.currency,
        timezone=shop.timezone,
        as_of=day_start(first, shop.timezone),
        method=fitted.method_,
        calendar=calendar,
        share=share,
        history_from=sums.first_on + timedelta(days=fitted.start_),
        history_days=history,
        past=tuple(PastDay(day, value(number), _code(marked.get(day))) for day, number in past),
        days=tuple(
            ForecastDay(day, value(made.expected[k]), value(low[k]), value(high[k]), _code(marked.get(day)))
            for k, day in enumerate(ahead)
        ),
        total=_total(made, fitted.least_, metric, sums.currency) if metric.additive else None,
        holidays=_marked(fitted, marked, calendar, past[0][0] if past else first, ahead[-1], len(ahead)),
        score=ForecastScore(
            scored.folds, scored.ahead, _round(scored.mase), _round(scored.naive_mase), _round(scored.wape), _round(scored.coverage)
        ),
    )


def fitted_to(sums: DailySums, metric: str, marked: dict[date, HolidayDay], ahead: int) -> tuple[Forecaster, Array]:
    """A forecaster fitted to a metric's days, and those days' values (NaN: a ratio over nothing)."""
    above, below = sums.of(metric)
    count = len(above)
    days = [marked.get(sums.first_on + timedelta(days=i)) for i in range(count + ahead)]
    top, bottom = np.array(above, dtype=np.float64), None if below is None else np.array(below, dtype=np.float64)
    fitted = Forecaster().fit(top, days, over=bottom, ahead=ahead)
    if bottom is None:
        return fitted, top
    return fitted, np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), np.nan)


def _total(made: Predicted, least: float | None, metric: Metric, currency: str) -> ForecastTotal:
    values = (value_of(float(column[-1]), metric.unit, currency) for column in made.totals(least))
    return ForecastTotal(*values)


def _marked(
    fitted: Forecaster, marked: dict[date, HolidayDay], calendar: Calendar, first_on: date, last_on: date, ahead: int
) -> tuple[MarkedHoliday, ...]:
    made = fitted.projection(ahead)
    by_name: dict[str, list[date]] = {}
    for day, one in marked.items():
        if first_on <= day <= last_on:
            by_name.setdefault(one.name, []).append(day)
    return tuple(
        MarkedHoliday(
            name,
            title_of(calendar, name),
            tuple(days),
            round(made.effects[name, 0] - 1, 4) if (name, 0) in made.effects else None,
            made.seen.get((name, 0), 0),
        )
        for name, days in by_name.items()
    )


def _check(metric: str, days: int, share: float, calendar: str | None) -> None:
    if metric not in DAILY_METRICS:
        raise InvalidInput(
            f"there is no metric named {metric[:60]!r}", mend=f"use any of {', '.join(DAILY_METRICS)}", code="unknown_metric"
        )
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"a forecast of {days} days", mend=f"ask for 1 to {MOST_DAYS} days", code="bad_days")
    if share not in SHARES:
        raise InvalidInput(
            f"an interval of {share:g}", mend=f"use one of {', '.join(f'{one:g}' for one in SHARES)}", code="bad_share"
        )
    if calendar is not None and calendar not in ("chinese", "western", "none"):
        raise InvalidInput(f"there is no calendar '{calendar[:40]}'", mend="use chinese, western or none", code="bad_calendar")


def _code(day: HolidayDay | None) -> str | None:
    return None if day is None else day.name


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
