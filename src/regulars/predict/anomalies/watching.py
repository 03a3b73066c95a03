"""Watching: every metric's last days beside what was expected of them, and which of them are worth an alarm.

An alarm needs the last day outside, two of the last three outside on the same side, and a money effect above the floor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np

from regulars.predict import forecast
from regulars.predict.anomalies.interval import POINTS, Direction, outside
from regulars.understand.metrics import DAILY_METRICS, METRICS, DailySums, daily_sums
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

Level = Literal["yellow", "orange", "red"]

#: A money effect counts from so many usual days' net sales on; orange and red from so many times that.
FLOOR, ORANGE, RED = 0.1, 3.0, 8.0
#: Metrics whose newest days fill up later: orders arrive, and are cancelled, after their day. These are not watched, or not downwards.
_LATER = ("delivered_orders", "delivery_days_mean", "late_delivery_share")
_LATER_UP = ("cancelled", "cancelled_orders", "cancellation_rate")
#: Ratios whose numerator, or whose denominator, is money already.
_OF_MONEY = ("refund_rate", "ad_cost_share", "return_on_ad_spend")
#: Why a metric raises no alarm, in words of both languages.
NOT_WATCHED: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        _LATER,
        ("orders arrive after their day, so its newest days are never complete", "订单晚于下单日送达，最近几天的数据总是不完整"),
    ),
    **dict.fromkeys(
        ("market_price_index", "market_products", "market_dearer_share"),
        (
            "nothing tells what a step of it is worth; a competitor's cheaper offer is looked for whenever sales fall",
            "其变动没有可计算的金额影响；销售下降时会检查竞品是否降价",
        ),
    ),
}
#: Days whose mean is a usual day.
USUAL_DAYS = 28


@dataclass(frozen=True, slots=True)
class Alarm:
    """A metric outside its interval, and worth money. Money in minor units."""

    metric: str
    day: date
    direction: Direction
    level: Level
    value: float
    expected: float
    low: float
    high: float
    effect_minor: float
    currency: str


def alarms(warehouse: Warehouse, shop: Shop, last_on: date | None = None) -> Iterator[Alarm]:
    """The metrics whose last whole day raises an alarm.

    Passed over are metrics whose history carries no forecast, and those of advertising until the day's costs are loaded.
    """
    sums = daily_sums(warehouse, shop, last_on)
    if sums is None or len(sums.days) <= POINTS:
        return
    calendar = forecast.calendar_of(shop.timezone, sums.currency)
    marked = forecast.holidays(calendar, sums.first_on, sums.last_on)
    days = [marked.get(sums.first_on + timedelta(days=i)) for i in range(len(sums.days))]
    gmv, orders = (np.array(sums.of(name)[0], dtype=np.float64) for name in ("gmv", "orders"))
    usual = float(gmv[-USUAL_DAYS - POINTS : -POINTS].mean())
    if usual <= 0:
        return
    per_order = float(gmv[:-POINTS].sum()) / max(float(orders[:-POINTS].sum()), 1.0)
    for name in DAILY_METRICS:
        if name in NOT_WATCHED or sums.known_for(name).last_on != sums.last_on:
            continue
        found = _alarm(sums, name, days, usual, per_order)
        if found is not None and not (name in _LATER_UP and found.direction == "down"):
            yield found


def _alarm(sums: DailySums, name: str, days: list[forecast.HolidayDay | None], usual: float, per_order: float) -> Alarm | None:
    above, below = sums.of(name)
    bottom = None if below is None else np.array(below, dtype=np.float64)
    found = outside(np.array(above, dtype=np.float64), days, over=bottom)
    if found is None:
        return None
    moved = np.where(found.days, found.real - found.expected, 0.0)
    weight = 1.0 if bottom is None else bottom[-POINTS:]
    money = METRICS[name].unit == "money" or name in _OF_MONEY
    effect = float(np.sum(moved * weight)) * (1.0 if money else _each(sums, name, per_order))
    if abs(effect) < FLOOR * usual:
        return None
    size = abs(effect) / (FLOOR * usual)
    return Alarm(
        metric=name,
        day=sums.last_on,
        direction=found.direction,
        level="red" if size >= RED else "orange" if size >= ORANGE else "yellow",
        value=float(found.real[-1]),
        expected=float(found.expected[-1]),
        low=float(found.low[-1]),
        high=float(found.high[-1]),
        effect_minor=effect,
        currency=sums.currency,
    )


def _each(sums: DailySums, name: str, per_order: float) -> float:
    """What one of what the metric counts is worth, in minor units: a unit its share of an order, a click or impression what it costs.

    Of a ratio what its denominator counts matters.
    """
    paid = {"ad_click_rate": "ad_clicks"}.get(name, name)
    if paid in ("ad_clicks", "ad_impressions"):
        cost, counted = (sum(sums.of(one)[0][:-POINTS]) for one in ("ad_cost", paid))
        return cost / counted if counted > 0 else 0.0
    if name != "units":
        return per_order
    units, orders = (sum(sums.of(one)[0]) for one in ("units", "orders"))
    return per_order / (units / orders) if orders > 0 and units > 0 else per_order
