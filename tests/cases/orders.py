"""Cases of shop events (Order Completed, Updated, Refunded, Cancelled), projected as they arrive, asked of metrics and retention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from regulars.access import Shop
from regulars.collect import orders
from regulars.understand import metrics, retention
from regulars.understand.metrics import Value
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.values.zones import local_day
from regulars.warehouse import Warehouse
from tests.cases.folder import Case

#: Cases count in plain numbers to four digits; amounts a myriad times as large keep every average exact enough to be rounded.
SCALE = 10_000
MONEY = ("total", "revenue", "shipping", "tax", "discount", "subtotal", "price")


def ecommerce(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """Every metric of the range by its catalogue name, and sales by category where asked."""
    shop = _shop(case)
    _load(case, shop, warehouse)
    period = _range(case, shop)
    answer = metrics.report(warehouse, shop, period)
    got: dict[str, Any] = {total.metric: _number(total.value) for total in answer.totals}
    by = case.given["query"].get("by")
    if by is not None:
        sales = metrics.breakdown(warehouse, shop, period, by, limit=1000)
        got[f"by_{by}"] = [
            {by: row.key, "item_revenue": _number(row.item_revenue), "units": row.units, "orders": row.orders, "buyers": row.buyers}
            for row in sales.rows
        ]
    return got


def ltv(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """Cumulative revenue per customer by first-order month, up to the month of `as_of`."""
    shop = _shop(case)
    as_of = _instant(case.given["query"]["as_of"])
    _load(case, shop, warehouse, before=as_of)
    first = min((local_day(_instant(event["ts"]), shop.timezone) for event in case.given["events"]), default=date(2025, 1, 1))
    answer = retention.ltv(warehouse, shop, Period.between(first, local_day(as_of, shop.timezone)))
    return {
        "rows": [
            {"cohort": f"{row.start_on:%Y-%m}", "customers": row.customers, "ltv": [_number(cell.value) for cell in row.ltv]}
            for row in answer.cohorts
        ]
    }


def _shop(case: Case) -> Shop:
    settings = case.given.get("settings", {})
    return Shop(
        shop_id="case",
        name="Case",
        timezone=settings.get("timezone", "UTC"),
        currency="CNY",
        week_start=6 if settings.get("week_start") == "sunday" else 0,
    )


def _load(case: Case, shop: Shop, warehouse: Warehouse, *, before: datetime | None = None) -> None:
    """Hand the events over as the loader does."""
    events = [event for event in _matching(case) if before is None or _instant(event["ts"]) < before]
    messages = [
        {
            "event": event["event"],
            "messageId": f"m{index}",
            "source_id": "case",
            "customer_id": event.get("customer"),
            "timestamp": event["ts"],
            "properties": _scaled(event.get("props") or {}),
        }
        for index, event in enumerate(events)
    ]
    assert orders.project(warehouse, shop, messages).problems == ()


def _scaled(props: Mapping[str, Any]) -> dict[str, Any]:
    """Properties with every amount of money multiplied."""
    scaled = dict(props) | {name: Decimal(str(props[name])) * SCALE for name in MONEY if props.get(name) is not None}
    if "products" in scaled:
        scaled["products"] = [_scaled(product) for product in scaled["products"]]
    return scaled


def _matching(case: Case) -> Iterator[Mapping[str, Any]]:
    """The events for which every condition of `query.where` holds; a missing property is null."""
    conditions = case.given["query"].get("where", [])
    customers = case.given.get("customers", {})
    for event in case.given["events"]:
        if all(_holds(condition, event, customers.get(event.get("customer"), {})) for condition in conditions):
            yield event


def _holds(condition: Mapping[str, Any], event: Mapping[str, Any], customer: Mapping[str, Any]) -> bool:
    value = (customer if condition.get("on") == "customer" else event.get("props") or {}).get(condition["key"])
    match condition.get("op", "eq"):
        case "eq":
            return bool(value == condition["value"])
        case "ne":
            return bool(value != condition["value"])
        case "is_set":
            return value is not None
        case "not_set":
            return value is None
        case other:
            raise ValueError(f"the form has no condition '{other}'")


def _range(case: Case, shop: Shop) -> Period:
    """The range as local days; a missing end reaches to the outermost event."""
    asked = case.given["query"].get("range", {})
    days = sorted(local_day(_instant(event["ts"]), shop.timezone) for event in case.given["events"]) or [date(2025, 1, 1)]
    first, last = asked.get("from", days[0].isoformat()), asked.get("to", days[-1].isoformat())
    if "T" in first or "T" in last:
        raise ValueError("reports take whole local days; a range of instants is no question to them")
    return Period.between(date.fromisoformat(first), max(date.fromisoformat(last), date.fromisoformat(first)))


def _number(value: Value) -> float | int | None:
    return round(float(value.major) / SCALE, 4) if isinstance(value, Money) else value


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
