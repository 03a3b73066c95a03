"""The boards that are there on first load: the six families of metrics, made of plain questions that anybody can open and change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regulars.understand.reports.domain.kept import Height


@dataclass(frozen=True, slots=True)
class ReadyTile:
    """A question on a ready-made board; where its data are not there yet, the report tells how to provide them."""

    title: str
    kind: str
    question: Mapping[str, Any]
    width: int = 6
    height: Height = "medium"


@dataclass(frozen=True, slots=True)
class ReadyBoard:
    """A family of metrics."""

    key: str
    title: str
    note: str
    icon: str
    tiles: Sequence[ReadyTile]


_VIEWED, _ADDED, _ORDERED = "Product Viewed", "Product Added", "Order Completed"
_TO_ORDER = [{"event": _VIEWED}, {"event": _ADDED}, {"event": _ORDERED}]
_ANY = {"event": None}

BOARDS: Sequence[ReadyBoard] = (
    ReadyBoard(
        "traffic",
        "Traffic",
        "Who comes, from where, and where they land.",
        "travel_explore",
        (
            ReadyTile("Visits and visitors", "visits", {"interval": "day"}, 8),
            ReadyTile("Visits by channel", "visits", {"by": "channel"}, 4),
            ReadyTile("Landing pages", "visits", {"by": "landing"}, 6),
            ReadyTile("Devices", "visits", {"by": "device"}, 6),
            ReadyTile("New, returning and dormant", "lifecycle", {"event": _ANY, "interval": "day"}, 12),
        ),
    ),
    ReadyBoard(
        "behaviour",
        "Behaviour",
        "What people do in the shop, and whether they come back.",
        "ads_click",
        (
            ReadyTile("From a look to an order", "funnel", {"steps": _TO_ORDER, "window": "7d"}, 6),
            ReadyTile("Active customers", "active", {"event": _ANY}, 6),
            ReadyTile(
                "Retention",
                "retention",
                {"cohort_event": _ANY, "return_event": _ANY, "cohort_type": "first_time", "interval": "week", "intervals": 10},
                12,
            ),
            ReadyTile("Conversion over time", "funnel_trend", {"steps": _TO_ORDER, "window": "7d", "interval": "day"}, 6),
            ReadyTile("Abandoned carts", "cart_abandonment", {"abandon_after_hours": 24, "interval": "day"}, 6),
            ReadyTile("Paths", "paths", {"node": "event", "session_gap_minutes": 30, "max_steps": 5, "limit": 12}, 12, "tall"),
        ),
    ),
    ReadyBoard(
        "sales",
        "Sales",
        "What is sold, to whom, and what rises or fades.",
        "payments",
        (
            ReadyTile("Net revenue", "metric", {"metrics": ["net_revenue"], "interval": "month"}, 8),
            ReadyTile("Average order value", "metric", {"metrics": ["aov"], "interval": "month"}, 4),
            ReadyTile("Sales by category", "sales_by", {"by": "category", "limit": 8}, 6),
            ReadyTile("Sales by region", "sales_by", {"by": "region", "limit": 8}, 6),
            ReadyTile("Best products", "sales_by", {"by": "product", "limit": 10}, 6),
            ReadyTile(
                "New and returning buyers", "metric", {"metrics": ["new_buyers", "returning_buyers"], "interval": "month"}, 6
            ),
            ReadyTile("Price bands", "price_bands", {"bands": 5}, 6),
            ReadyTile("Stock and how long it lasts", "inventory", {"limit": 50}, 6),
            ReadyTile("Rising and fading products", "hot_products", {"of": "product", "measure": "orders"}, 12),
        ),
    ),
    ReadyBoard(
        "marketing",
        "Marketing",
        "Which channels and campaigns bring visits and orders.",
        "campaign",
        (
            ReadyTile("Cost and return", "campaigns", {"by": "campaign"}, 8),
            ReadyTile("Cost by platform", "campaigns", {"by": "source"}, 4),
            ReadyTile("Visits by campaign", "visits", {"by": "campaign"}, 6),
            ReadyTile("Credit for orders", "attribution", {"model": "last_non_direct", "by": "channel", "lookback_days": 30}, 6),
            ReadyTile("Sales by channel", "sales_by", {"by": "channel", "limit": 8}, 6),
            ReadyTile("Promotions", "campaigns", {"by": "promotion"}, 6),
            ReadyTile("Advertising cost", "metric", {"metrics": ["ad_cost"], "interval": "week"}, 12),
        ),
    ),
    ReadyBoard(
        "satisfaction",
        "Satisfaction",
        "What customers say, return and complain of.",
        "sentiment_satisfied",
        (
            ReadyTile("Reviews over time", "reviews", {"interval": "month"}, 8),
            ReadyTile("Reviews by category", "reviews", {"by": "category", "limit": 10}, 4),
            ReadyTile("Refund reasons", "reasons", {"of": "refunds"}, 4),
            ReadyTile("Complaints in reviews", "reasons", {"of": "reviews"}, 4),
            ReadyTile("Reasons of tickets", "reasons", {"of": "tickets"}, 4),
            ReadyTile("First answer to tickets", "response_time", {"within_hours": 24}, 12),
            ReadyTile("Refund rate", "metric", {"metrics": ["refund_rate"], "interval": "month"}, 6),
            ReadyTile("Cancellation rate", "metric", {"metrics": ["cancellation_rate"], "interval": "month"}, 6),
            ReadyTile("Delivery against promise", "delivery", {"interval": "month"}, 8),
            ReadyTile("Delivery by region", "delivery", {"by": "region", "limit": 10}, 4),
            ReadyTile("Delivery time", "metric", {"metrics": ["delivery_days_mean"], "interval": "month"}, 12),
        ),
    ),
    ReadyBoard(
        "competition",
        "Competition",
        "Own prices and shares against the market.",
        "balance",
        (
            ReadyTile("Own prices against the market", "market_prices", {"by": "product", "limit": 12}, 8),
            ReadyTile("Prices by category", "market_prices", {"by": "category", "limit": 10}, 4),
            ReadyTile("Share of the market", "market_share", {"interval": "month"}, 6),
            ReadyTile("Price against the market", "metric", {"metrics": ["market_price_index"], "interval": "month"}, 6),
            ReadyTile("Price changes of competitors", "price_changes", {"limit": 20}, 12),
        ),
    ),
)


def ready(key: str) -> ReadyBoard | None:
    """The ready-made board of a name."""
    return next((one for one in BOARDS if one.key == key), None)
