"""From raw sums to metrics: what one scan counts, and the catalogue's formulas over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from regulars.understand.metrics.domain import Value
from regulars.values.money import Money

#: Digits of a ratio and of days in an answer; nothing is rounded before.
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Tally:
    """The sums of one range or bucket of which every metric is made. Money in minor units."""

    gmv: int = 0
    cancelled: int = 0
    refunds: int = 0
    items: int = 0
    new_revenue: int = 0
    known_revenue: int = 0
    orders: int = 0
    cancelled_orders: int = 0
    known_orders: int = 0
    units: Decimal = Decimal(0)
    buyers: int = 0
    new_buyers: int = 0
    repeat_buyers: int = 0  # with at least two orders here
    interval_mean: float | None = None  # days
    interval_median: float | None = None
    delivered: int = 0  # orders whose arrival is known
    delivery_days: float | None = None
    promised: int = 0  # of them, with a promise
    late: int = 0
    ad_cost: int = 0
    ad_impressions: int = 0
    ad_clicks: int = 0
    products: int = 0  # that competitors have too
    dearer: int = 0  # of them, above the competitors' median
    price_index: float | None = None  # mean of own price / median

    @classmethod
    def of(cls, row: Mapping[str, Any], refunds: int) -> Tally:
        """From one row of `queries.orders.tallies` and the refunds booked in the same time."""
        whole = {name: int(row[name] or 0) for name in _WHOLE}
        return cls(
            **whole,
            refunds=refunds,
            units=Decimal(row["units"] or 0),
            interval_mean=_float(row["interval_mean"]),
            interval_median=_float(row["interval_median"]),
            delivery_days=_float(row["delivery_days"]),
        )


_WHOLE = (
    "gmv",
    "cancelled",
    "items",
    "new_revenue",
    "known_revenue",
    "orders",
    "cancelled_orders",
    "known_orders",
    "buyers",
    "new_buyers",
    "repeat_buyers",
    "delivered",
    "promised",
    "late",
)


def values(tally: Tally, currency: str) -> dict[str, Value]:
    """Every metric of the catalogue by name; ratios over nothing are None."""

    def money(minor: int) -> Money:
        return Money(minor, currency)

    def each(minor: int, count: int) -> Money | None:
        return money(minor).share(1, count) if count else None

    returning = tally.buyers - tally.new_buyers
    return {
        "gmv": money(tally.gmv),
        "net_revenue": money(tally.gmv - tally.cancelled - tally.refunds),
        "cancelled": money(tally.cancelled),
        "refunds": money(tally.refunds),
        "refund_rate": ratio(tally.refunds, tally.gmv),
        "orders": tally.orders,
        "cancelled_orders": tally.cancelled_orders,
        "cancellation_rate": ratio(tally.cancelled_orders, tally.orders),
        "units": number(tally.units),
        "units_per_order": ratio(tally.units, tally.orders),
        "item_revenue": money(tally.items),
        "aov": each(tally.gmv, tally.orders),
        "buyers": tally.buyers,
        "new_buyers": tally.new_buyers,
        "returning_buyers": returning,
        "returning_buyer_share": ratio(returning, tally.buyers),
        "new_revenue": money(tally.new_revenue),
        "returning_revenue": money(tally.known_revenue - tally.new_revenue),
        "anonymous_revenue": money(tally.gmv - tally.known_revenue),
        "anonymous_share": ratio(tally.orders - tally.known_orders, tally.orders),
        "repeat_purchase_rate": ratio(tally.repeat_buyers, tally.buyers),
        "orders_per_buyer": ratio(tally.known_orders, tally.buyers),
        "revenue_per_buyer": each(tally.known_revenue, tally.buyers),
        "purchase_interval_days_mean": _rounded(tally.interval_mean),
        "purchase_interval_days_median": _rounded(tally.interval_median),
        "delivered_orders": tally.delivered,
        "delivery_days_mean": _rounded(tally.delivery_days),
        "late_delivery_share": ratio(tally.late, tally.promised),
        "ad_cost": money(tally.ad_cost),
        "ad_impressions": tally.ad_impressions,
        "ad_clicks": tally.ad_clicks,
        "ad_click_rate": ratio(tally.ad_clicks, tally.ad_impressions),
        "cost_per_click": each(tally.ad_cost, tally.ad_clicks),
        "cost_per_order": each(tally.ad_cost, tally.orders) if tally.ad_cost else None,
        "cost_per_new_buyer": each(tally.ad_cost, tally.new_buyers) if tally.ad_cost else None,
        "ad_cost_share": ratio(tally.ad_cost, tally.gmv) if tally.ad_cost else None,
        "return_on_ad_spend": ratio(tally.gmv, tally.ad_cost),
        "market_price_index": _rounded(tally.price_index),
        "market_products": tally.products,
        "market_dearer_share": ratio(tally.dearer, tally.products),
    }


def ratio(part: int | Decimal, whole: int | Decimal) -> float | None:
    """part / whole rounded to four digits, half to even on the exact quotient; None over nothing."""
    if not whole:
        return None
    return float((Decimal(part) / Decimal(whole)).quantize(Decimal(1).scaleb(-DIGITS), ROUND_HALF_EVEN))


def change(value: Value, before: Value) -> float | None:
    """(value - before) / |before|, from the values as shown; None when either is missing or `before` is 0."""
    now, then = _plain(value), _plain(before)
    if now is None or then is None or then == 0:
        return None
    return ratio(now - then, abs(then))


def number(quantity: Decimal) -> int | float:
    """A quantity as a whole number where it is one, else with up to three decimals."""
    return int(quantity) if quantity == quantity.to_integral_value() else float(round(quantity, 3))


def _plain(value: Value) -> Decimal | None:
    match value:
        case None:
            return None
        case Money():
            return Decimal(value.minor)
        case _:
            return Decimal(str(value))


def _rounded(days: float | None) -> float | None:
    return None if days is None else round(days, DIGITS)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
