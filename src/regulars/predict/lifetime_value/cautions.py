"""What weakens the values of a shop, found when they are worked out and said in a sentence when they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from regulars.predict.lifetime_value.domain import MOST_CORRELATION, YEAR_DAYS, Caution, Values
from regulars.predict.lifetime_value.estimator import ValueModel
from regulars.predict.snapshots import closures, known_at
from regulars.understand.metrics import DataSpan
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

_SAID = {
    "short_history": (
        "Orders reach back {days} days only, so twelve months are carried on beyond what was seen.",
        "订单仅覆盖 {days} 天，12 个月的价值超出了已观察到的范围，属于外推。",
    ),
    "long_gap": (
        "No order came from {first} to {last} ({days} days): who bought before looks as if they had left.",
        "{first} 至 {last}（{days} 天）没有任何订单：此前购买的客户会被误认为已流失。",
    ),
    "nobody_leaves": (
        "Nobody is seen to leave in these data: customers are taken to order on at their own rates (NBD).",
        "数据中看不出客户流失：假定客户按各自频率持续购买（NBD）。",
    ),
    "mean_order_value": (
        "Order values spread too widely, or are too few, for a value of each customer's own: everybody has the shop's mean.",
        "订单金额过于分散或样本太少，无法估计个人客单价：统一采用店铺均值。",
    ),
    "spend_follows_frequency": (
        "How much an order is worth goes with how often a customer orders (correlation {correlation}): values of the busiest are off.",
        "订单金额与购买频次相关（相关系数 {correlation}）：高频客户的价值可能有偏差。",
    ),
    "other_currency": (
        "{orders} orders in another currency are left out.",
        "有 {orders} 笔其他币种订单未计入。",
    ),
    "not_judged": (
        "These values were not yet held against what came; that is done each night once a horizon is over.",
        "这些价值尚未与实际结果对照；观察期结束后每晚会自动回测。",
    ),
}


def cautions_of(
    warehouse: Warehouse, shop: Shop, span: DataSpan, found: Values, model: ValueModel, scores: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Codes with their numbers, the gravest first."""
    made: list[dict[str, Any]] = []
    gap = _longest_gap(warehouse, shop, found)
    if gap is not None:
        made.append({"code": "long_gap", **gap})
    assert span.first_at is not None
    days = (found.as_of - span.first_at).days
    if days < YEAR_DAYS:
        made.append({"code": "short_history", "days": days})
    if type(model.purchases).__name__ == "NBD":
        made.append({"code": "nobody_leaves"})
    if model.spend is None:
        made.append({"code": "mean_order_value"})
    elif model.spend.correlation_ is not None and abs(model.spend.correlation_) > MOST_CORRELATION:
        made.append({"code": "spend_follows_frequency", "correlation": f"{model.spend.correlation_:.2f}"})
    if span.other_currency_orders:
        made.append({"code": "other_currency", "orders": span.other_currency_orders})
    if scores.get("gini") is None:
        made.append({"code": "not_judged"})
    return made


def said(cautions: list[dict[str, Any]], language: str) -> list[Caution]:
    """The same as sentences."""
    return [Caution(one["code"], _SAID[one["code"]][language == "zh"].format(**one)) for one in cautions]


def _longest_gap(warehouse: Warehouse, shop: Shop, found: Values) -> dict[str, Any] | None:
    """The longest stretch without any order of the shop, if it is long."""
    gaps = closures(warehouse, known_at(warehouse, shop, found.as_of))
    if not gaps:
        return None
    longest = max(gaps, key=lambda one: one.days)
    return {"first": str(longest.first_on), "last": str(longest.last_on), "days": longest.days}
