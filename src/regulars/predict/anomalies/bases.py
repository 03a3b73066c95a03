"""What each metric's change is searched in: which cube of cells, and which of its columns; or why it cannot be searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Cube = Literal["lines", "orders", "refunds", "sales", "costs"]


@dataclass(frozen=True, slots=True)
class Basis:
    """A sum over a cube's cells, or a ratio of two."""

    name: str
    cube: Cube
    above: str
    below: str | None = None
    money: bool = False  # of a sum

    @property
    def of_sales(self) -> bool:
        """Whether what moves sales (prices, offers, stock, visits, discounts) may explain it."""
        return self.cube in ("lines", "orders")


def _orders(name: str, above: str, below: str | None = None, *, money: bool = False) -> Basis:
    return Basis(name, "orders", above, below, money)


_COUNTED = _orders("orders", "orders")
_VALUE = _orders("value_per_order", "value", "orders")

#: Metric -> where its change is searched. Distinct buyers do not add up, so their change is searched in orders.
BASES: dict[str, Basis] = {
    "gmv": Basis("items", "lines", "items", money=True),
    "net_revenue": Basis("placed_items", "lines", "placed_items", money=True),
    "item_revenue": Basis("items", "lines", "items", money=True),
    "units": Basis("units", "lines", "units"),
    "orders": _COUNTED,
    "buyers": _COUNTED,
    "new_buyers": _orders("first_orders", "firsts"),
    "returning_buyers": _orders("repeat_orders", "repeats"),
    "returning_buyer_share": _orders("repeats_per_order", "repeats", "known"),
    "new_revenue": _orders("first_value", "first_value", money=True),
    "returning_revenue": _orders("repeat_value", "repeat_value", money=True),
    "anonymous_revenue": _orders("anonymous_value", "anonymous_value", money=True),
    "anonymous_share": _orders("anonymous_per_order", "anonymous", "orders"),
    "aov": _VALUE,
    "revenue_per_buyer": _VALUE,
    "units_per_order": _orders("units_per_order", "units", "orders"),
    "cancelled": _orders("cancelled_value", "cancelled_value", money=True),
    "cancelled_orders": _orders("cancelled_orders", "cancelled"),
    "cancellation_rate": _orders("cancelled_per_order", "cancelled", "orders"),
    "purchase_interval_days_mean": _orders("days_per_repeat", "gap_days", "gaps"),
    "delivered_orders": _orders("delivered", "delivered"),
    "delivery_days_mean": _orders("days_per_delivery", "delivery_days", "delivered"),
    "late_delivery_share": _orders("late_per_promise", "late", "promised"),
    "refunds": Basis("refunds", "refunds", "refunds", money=True),
    "refund_rate": Basis("refunds_per_sales", "sales", "refunds", "items"),
    "ad_cost": Basis("costs", "costs", "cost", money=True),
    "ad_impressions": Basis("impressions", "costs", "impressions"),
    "ad_clicks": Basis("clicks", "costs", "clicks"),
    "ad_click_rate": Basis("clicks_per_impression", "costs", "clicks", "impressions"),
    "cost_per_click": Basis("cost_per_click", "costs", "cost", "clicks"),
}

_BUYERS = ("a buyer counts once in the whole and once in each part, so parts do not add up", "search `orders`")
_MEDIAN = ("a median has no parts that add up", "search `purchase_interval_days_mean`")
_MIXED = ("costs and orders are not tied to each other part by part", "search `ad_cost` and `orders`, each by itself")
_MARKET = ("it is a mean over products as competitors offer them, not over sales", "see the page Market")

#: Metric -> why its change cannot be searched, and what to do instead.
UNSEARCHED: dict[str, tuple[str, str]] = {
    "repeat_purchase_rate": _BUYERS,
    "orders_per_buyer": _BUYERS,
    "purchase_interval_days_median": _MEDIAN,
    "cost_per_order": _MIXED,
    "cost_per_new_buyer": _MIXED,
    "ad_cost_share": _MIXED,
    "return_on_ad_spend": _MIXED,
    "market_price_index": _MARKET,
    "market_products": _MARKET,
    "market_dearer_share": _MARKET,
}
