"""A second implementation of the metrics in plain Python: loops over rows, sets and sorted lists, nothing of ours but the zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]


class SecondCount:
    """All rows of one shop, with the local day of each."""

    def __init__(self, orders: Sequence[Row], refunds: Sequence[Row], zone: str) -> None:
        self.zone = ZoneInfo(zone)
        counted = [order for order in orders if order["status"] in ("placed", "cancelled")]
        self.orders = sorted(counted, key=lambda order: (order["ordered_at"], order["order_id"]))
        self.refunds = list(refunds)
        self.days = [self.local(order["ordered_at"]) for order in self.orders]
        self.before: list[datetime | None] = []
        latest: dict[str, datetime] = {}
        for order in self.orders:
            buyer = order["customer_id"]
            self.before.append(latest.get(buyer) if buyer else None)
            if buyer:
                latest[buyer] = order["ordered_at"]
        self.first_day: dict[str, date] = {}
        for order, day in zip(self.orders, self.days, strict=True):
            self.first_day.setdefault(order["customer_id"], day)

    def local(self, moment: datetime) -> date:
        """The shop's local day."""
        return moment.replace(tzinfo=UTC).astimezone(self.zone).date()

    def metrics(self, first: date, last: date) -> dict[str, Any]:
        """Every metric from `first` to `last`, both included; money in minor units, nothing rounded."""
        inside = [index for index, day in enumerate(self.days) if first <= day <= last]
        orders = [self.orders[index] for index in inside]
        by_buyer: dict[str, list[Row]] = defaultdict(list)
        for order in orders:
            if order["customer_id"]:
                by_buyer[order["customer_id"]].append(order)
        known = [order for order in orders if order["customer_id"]]
        gmv = sum(order["total_minor"] for order in orders)
        cancelled = [order for order in orders if order["status"] == "cancelled"]
        refunds = sum(refund["amount_minor"] for refund in self.refunds if first <= self.local(refund["refunded_at"]) <= last)
        new = [buyer for buyer in by_buyer if self.first_day[buyer] >= first]
        new_revenue = sum(self.orders[i]["total_minor"] for i in inside if self.orders[i]["customer_id"] and self.before[i] is None)
        gaps = [
            (self.orders[i]["ordered_at"] - earlier).total_seconds() / 86400
            for i in inside
            if (earlier := self.before[i]) is not None
        ]
        known_revenue = sum(order["total_minor"] for order in known)
        lost = sum(order["total_minor"] for order in cancelled)
        return {
            "gmv": gmv,
            "cancelled": lost,
            "refunds": refunds,
            "net_revenue": gmv - lost - refunds,
            "refund_rate": refunds / gmv if gmv else None,
            "orders": len(orders),
            "cancelled_orders": len(cancelled),
            "units": sum(order["units"] for order in orders),
            "item_revenue": sum(order["items_minor"] for order in orders),
            "aov": gmv / len(orders) if orders else None,
            "buyers": len(by_buyer),
            "new_buyers": len(new),
            "returning_buyers": len(by_buyer) - len(new),
            "new_revenue": new_revenue,
            "returning_revenue": known_revenue - new_revenue,
            "anonymous_revenue": gmv - known_revenue,
            "anonymous_share": (len(orders) - len(known)) / len(orders) if orders else None,
            "repeat_purchase_rate": sum(len(bought) > 1 for bought in by_buyer.values()) / len(by_buyer) if by_buyer else None,
            "orders_per_buyer": len(known) / len(by_buyer) if by_buyer else None,
            "revenue_per_buyer": known_revenue / len(by_buyer) if by_buyer else None,
            "purchase_interval_days_mean": mean(gaps) if gaps else None,
            "purchase_interval_days_median": median(gaps) if gaps else None,
        }

    def cohorts(self) -> dict[tuple[str, str], dict[str, float]]:
        """Customers, orders and revenue by month of the first order and month, as `YYYY-MM`."""
        customers: dict[tuple[str, str], set[str]] = defaultdict(set)
        found: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: {"customers": 0, "orders": 0, "revenue": 0})
        for order, day in zip(self.orders, self.days, strict=True):
            buyer = order["customer_id"]
            if buyer:
                key = (f"{self.first_day[buyer]:%Y-%m}", f"{day:%Y-%m}")
                customers[key].add(buyer)
                found[key]["orders"] += 1
                found[key]["revenue"] += order["total_minor"]
        for key, buyers in customers.items():
            found[key]["customers"] = len(buyers)
        return found
