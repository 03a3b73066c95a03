"""Every metric day by day as what it is made of: a sum, or a numerator over a denominator; for forecasts and for finding causes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from regulars.understand.metrics.service import scope_of, tallies
from regulars.understand.metrics.span import check_buckets, data_span, last_day
from regulars.understand.metrics.tally import Tally
from regulars.values.periods import Period
from regulars.values.zones import local_day
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

Sum = Callable[[Tally], float]
#: No series goes further back than this.
MOST_DAYS = 1_400


def _gaps(tally: Tally) -> float:
    """Orders that have an earlier one."""
    return float(tally.known_orders - tally.new_buyers)


#: Metric -> its numerator and, of a ratio, its denominator, from the sums of a day. Money in minor units.
PARTS: dict[str, tuple[Sum, Sum | None]] = {
    "gmv": (lambda t: t.gmv, None),
    "net_revenue": (lambda t: t.gmv - t.cancelled - t.refunds, None),
    "cancelled": (lambda t: t.cancelled, None),
    "refunds": (lambda t: t.refunds, None),
    "refund_rate": (lambda t: t.refunds, lambda t: t.gmv),
    "orders": (lambda t: t.orders, None),
    "cancelled_orders": (lambda t: t.cancelled_orders, None),
    "cancellation_rate": (lambda t: t.cancelled_orders, lambda t: t.orders),
    "units": (lambda t: float(t.units), None),
    "units_per_order": (lambda t: float(t.units), lambda t: t.orders),
    "item_revenue": (lambda t: t.items, None),
    "aov": (lambda t: t.gmv, lambda t: t.orders),
    "buyers": (lambda t: t.buyers, None),
    "new_buyers": (lambda t: t.new_buyers, None),
    "returning_buyers": (lambda t: t.buyers - t.new_buyers, None),
    "returning_buyer_share": (lambda t: t.buyers - t.new_buyers, lambda t: t.buyers),
    "new_revenue": (lambda t: t.new_revenue, None),
    "returning_revenue": (lambda t: t.known_revenue - t.new_revenue, None),
    "anonymous_revenue": (lambda t: t.gmv - t.known_revenue, None),
    "anonymous_share": (lambda t: t.orders - t.known_orders, lambda t: t.orders),
    "repeat_purchase_rate": (lambda t: t.repeat_buyers, lambda t: t.buyers),
    "orders_per_buyer": (lambda t: t.known_orders, lambda t: t.buyers),
    "revenue_per_buyer": (lambda t: t.known_revenue, lambda t: t.buyers),
    "delivered_orders": (lambda t: t.delivered, None),
    "delivery_days_mean": (lambda t: (t.delivery_days or 0.0) * t.delivered, lambda t: t.delivered),
    "late_delivery_share": (lambda t: t.late, lambda t: t.promised),
    "purchase_interval_days_mean": (lambda t: (t.interval_mean or 0.0) * _gaps(t), _gaps),
    "purchase_interval_days_median": (lambda t: (t.interval_median or 0.0) * _gaps(t), _gaps),
    "ad_cost": (lambda t: t.ad_cost, None),
    "ad_impressions": (lambda t: t.ad_impressions, None),
    "ad_clicks": (lambda t: t.ad_clicks, None),
    "ad_click_rate": (lambda t: t.ad_clicks, lambda t: t.ad_impressions),
    "cost_per_click": (lambda t: t.ad_cost, lambda t: t.ad_clicks),
    "cost_per_order": (lambda t: t.ad_cost, lambda t: t.orders if t.ad_cost else 0),
    "cost_per_new_buyer": (lambda t: t.ad_cost, lambda t: t.new_buyers if t.ad_cost else 0),
    "ad_cost_share": (lambda t: t.ad_cost, lambda t: t.gmv if t.ad_cost else 0),
    "return_on_ad_spend": (lambda t: t.gmv if t.ad_cost else 0, lambda t: t.ad_cost),
    "market_price_index": (lambda t: (t.price_index or 0.0) * t.products, lambda t: t.products),
    "market_products": (lambda t: t.products, None),
    "market_dearer_share": (lambda t: t.dearer, lambda t: t.products),
}

#: Every metric of the catalogue, as days have it.
DAILY_METRICS = tuple(PARTS)
#: Metrics whose newest days wait for a file: what advertising cost, and what competitors asked.
_LOADED: dict[str, Sum] = {
    **dict.fromkeys(
        ("ad_cost", "ad_impressions", "ad_clicks", "ad_click_rate", "cost_per_click", "cost_per_order", "cost_per_new_buyer",
         "ad_cost_share", "return_on_ad_spend"),
        lambda t: t.ad_cost + t.ad_impressions + t.ad_clicks,
    ),
    **dict.fromkeys(("market_price_index", "market_products", "market_dearer_share"), lambda t: t.products),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DailySums:
    """The sums of each whole local day, from the first order's day (or 1,400 days back) on, no day left out."""

    first_on: date
    last_on: date
    currency: str
    days: tuple[Tally, ...]

    def of(self, metric: str) -> tuple[Sequence[float], Sequence[float] | None]:
        """A metric's numerator and denominator day by day (None: the metric is a sum itself); money in minor units."""
        above, below = PARTS[metric]
        return [float(above(day)) for day in self.days], None if below is None else [float(below(day)) for day in self.days]

    def tells(self, metric: str) -> bool:
        """Whether anything a metric is made of was loaded; of what orders tell, always."""
        told = _LOADED.get(metric)
        return told is None or any(told(day) for day in self.days)

    def known_for(self, metric: str) -> DailySums:
        """The days up to the last one the metric is known of: of what is loaded from files, days to come are not 0 but not loaded yet.

        Without any such day, and for everything that orders tell, all of them.
        """
        told = _LOADED.get(metric)
        newest = None if told is None else next((i for i in range(len(self.days) - 1, -1, -1) if told(self.days[i])), None)
        if newest is None or newest == len(self.days) - 1:
            return self
        return DailySums(self.first_on, self.first_on + timedelta(days=newest), self.currency, self.days[: newest + 1])


def daily_sums(warehouse: Warehouse, shop: Shop, last_on: date | None = None) -> DailySums | None:
    """What every day's metrics are made of, up to the last whole day (or `last_on`, where that is earlier); None without an order."""
    span = data_span(warehouse, shop)
    if span.first_at is None:
        return None
    end = last_day(span, shop)
    if end.instants(shop.timezone)[1] > span.as_of:
        end = end.previous()
    last = end.last_on if last_on is None else min(last_on, end.last_on)
    first = local_day(span.first_at, shop.timezone)
    if last < first:
        return None
    period = Period.between(first, last)
    if period.days > MOST_DAYS:
        period = Period(date.fromordinal(period.end_on.toordinal() - MOST_DAYS), period.end_on)
    check_buckets(period, "day")
    _, found = tallies(warehouse, scope_of(span, shop), (period,), "day")
    none = Tally()
    days = tuple(found.get(date.fromordinal(day), none) for day in range(period.start_on.toordinal(), period.end_on.toordinal()))
    return DailySums(period.start_on, period.last_on, span.currency, days)
