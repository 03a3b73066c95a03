"""Explanations of a change, each checked against the data at hand: found, not found, or no data to tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from regulars.console.numbers import money
from regulars.predict import forecast
from regulars.predict.anomalies import queries
from regulars.predict.anomalies.domain import Finding, Hypothesis, HypothesisName
from regulars.understand.metrics import Scope
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

#: A price has changed from this share on, a traffic source too; discounts from so many points of sales on.
PRICE, TRAFFIC, POINTS = 0.03, 0.2, 0.03
#: Products looked at by name: those that moved furthest the way the whole did.
PRODUCTS = 20


@dataclass(frozen=True)
class Evidence:
    """What is known of the two periods."""

    warehouse: Warehouse
    shop: Shop
    scope: Scope
    period: Period
    before: Period
    cells: Sequence[Mapping[str, Any]]
    of_sales: bool  # whether prices, offers, stock, visits and discounts may explain it
    change: float

    @property
    def fell(self) -> bool:
        """Whether it went down."""
        return self.change < 0


@dataclass(frozen=True)
class _Product:
    product_id: str
    name: str  # as people know it
    items: float
    items_before: float
    units: float
    units_before: float

    @property
    def price(self) -> float:
        return self.items / self.units if self.units > 0 else 0.0

    @property
    def price_before(self) -> float:
        return self.items_before / self.units_before if self.units_before > 0 else 0.0


def hypotheses(seen: Evidence) -> tuple[Hypothesis, ...]:
    """Every explanation that may hold of the metric, the found ones first."""
    if not seen.of_sales:
        return (_holiday(seen),)
    products = _products(seen)
    made = [
        _price(seen, products),
        _competitor(seen, products),
        _stock(seen, products),
        _traffic(seen),
        _discounts(seen),
        _holiday(seen),
    ]
    order: dict[Finding, int] = {"found": 0, "not_found": 1, "no_data": 2}
    return tuple(sorted(made, key=lambda one: order[one.finding]))


def _said(name: HypothesisName, finding: Finding, english: str, chinese: str) -> Hypothesis:
    return Hypothesis(name, finding, {"en": english, "zh": chinese})


def _products(seen: Evidence) -> list[_Product]:
    """The products that moved furthest, the way the whole did."""
    if not seen.cells or "product" not in seen.cells[0]:
        return []
    scale = seen.period.days / seen.before.days
    sums: dict[str, list[float]] = {}
    for row in seen.cells:
        each = sums.setdefault(str(row.get("product_id", row["product"])), [0.0] * 4)
        for at, name in enumerate(("items", "items_before", "units", "units_before")):
            each[at] += float(row[name] or 0) * (scale if name.endswith("before") else 1)
    every = [_Product(one, one, *values) for one, values in sums.items() if one != queries.NONE]
    sign = -1 if seen.fell else 1
    moved = [one for one in every if sign * (one.items - one.items_before) > 0]
    first = sorted(moved, key=lambda one: (-abs(one.items - one.items_before), one.product_id))[:PRODUCTS]
    ids = [one.product_id for one in first]
    rows = seen.warehouse.rows(queries.product_names(seen.warehouse.table("order_lines"), seen.scope, ids)) if ids else []
    names = {row["product_id"]: row["name"] for row in rows}
    return [replace(one, name=names.get(one.product_id, one.name)) for one in first]


def _price(seen: Evidence, products: list[_Product]) -> Hypothesis:
    if seen.cells and "product" not in seen.cells[0]:
        return _said("own_price", "no_data", "This metric is searched by order, not by product.", "该指标按订单查找，不按商品。")
    both = [one for one in products if one.units > 0 and one.units_before > 0]
    if not both:
        return _said(
            "own_price",
            "no_data",
            "No product was sold in both periods, so its price cannot be compared.",
            "没有商品在两个时期都有销售，无法比较价格。",
        )
    for one in both:
        moved = one.price / one.price_before - 1
        against = moved > PRICE and one.units < one.units_before if seen.fell else moved < -PRICE and one.units > one.units_before
        if against:
            old, new = (_money(seen, number) for number in (one.price_before, one.price))
            return _said(
                "own_price", "found",
                f"Our price of {one.name} went from {old} to {new}, and {one.units_before:,.0f} units became {one.units:,.0f}.",
                f"商品 {one.name} 的售价由 {old} 变为 {new}，销量由 {one.units_before:,.0f} 件变为 {one.units:,.0f} 件。",
            )  # fmt: skip
    return _said(
        "own_price",
        "not_found",
        "No product that moved the total had a price change that explains it.",
        "影响较大的商品中，没有能解释变化的价格变动。",
    )


def _competitor(seen: Evidence, products: list[_Product]) -> Hypothesis:
    rows = seen.warehouse.rows(queries.asked_elsewhere(seen.warehouse.table("market_prices"), seen.scope, seen.period, seen.before))
    known = {str(row["product_id"]): row for row in rows if row["now"] is not None}
    if not known:
        return _said(
            "competitor", "no_data", "No prices of competitors are loaded for this period.", "这一时期没有导入竞争对手的价格。"
        )
    for one in products:
        row = known.get(one.product_id)
        if row is None:
            continue
        cheaper = one.price > 0 and float(row["now"]) < one.price * (1 - PRICE)
        dropped = row["then"] is not None and float(row["now"]) < float(row["then"]) * (1 - PRICE)
        if seen.fell and (dropped or (cheaper and row["then"] is None)):
            asked = _money(seen, float(row["now"]))
            return _said(
                "competitor", "found", f"{row['competitor']} asked {asked} for {one.name}, less than before or than we do.",
                f"{row['competitor']} 对 {one.name} 报价 {asked}，低于之前或低于我方售价。",
            )  # fmt: skip
    return _said(
        "competitor",
        "not_found",
        "Competitors' prices of the products that moved did not fall.",
        "相关商品的竞争对手价格没有下降。",
    )


def _stock(seen: Evidence, products: list[_Product]) -> Hypothesis:
    rows = seen.warehouse.rows(queries.stock_seen(seen.warehouse.table("product_snapshots"), seen.scope, seen.period))
    least = {str(row["product_id"]): int(row["least"]) for row in rows}
    if not least:
        return _said("stock", "no_data", "No stock levels are loaded for this period.", "这一时期没有导入库存数据。")
    for one in products:
        if seen.fell and least.get(one.product_id, 1) <= 0:
            return _said("stock", "found", f"{one.name} was out of stock in the period.", f"商品 {one.name} 在这一时期曾缺货。")
    return _said(
        "stock", "not_found", "The products that moved were in stock, as far as was seen.", "就已有数据看，相关商品有库存。"
    )


def _traffic(seen: Evidence) -> Hypothesis:
    rows = seen.warehouse.rows(queries.visits_by_channel(seen.warehouse.table("sessions"), seen.scope, seen.period, seen.before))
    scale = seen.period.days / seen.before.days
    now, then = sum(int(row["now"]) for row in rows), sum(int(row["then"]) for row in rows) * scale
    if not now or not then:
        return _said("traffic", "no_data", "No visits are recorded in one of the periods.", "其中一个时期没有访问数据。")
    moved = now / then - 1
    if abs(moved) >= TRAFFIC and (moved < 0) == seen.fell:
        sign = 1 if seen.fell else -1
        row = max(rows, key=lambda one: (sign * (int(one["then"]) * scale - int(one["now"])), str(one["source"])))
        return _said(
            "traffic", "found",
            f"Visits went from {then:,.0f} to {now:,.0f}; most of it came from {row['source']} ({int(row['then']) * scale:,.0f} to {row['now']:,}).",
            f"访问量由 {then:,.0f} 变为 {now:,.0f}；变化最大的来源是 {row['source']}（{int(row['then']) * scale:,.0f} 到 {row['now']:,}）。",
        )  # fmt: skip
    return _said("traffic", "not_found", f"Visits moved by {moved:+.0%} only.", f"访问量仅变化 {moved:+.0%}。")


def _discounts(seen: Evidence) -> Hypothesis:
    rows = seen.warehouse.rows(
        queries.ordered(seen.warehouse.table("orders"), seen.warehouse.table("sessions"), seen.scope, seen.period, seen.before)
    )
    gross, gross_before = (sum(float(row[name] or 0) for row in rows) for name in ("gross", "gross_before"))
    given, given_before = (sum(float(row[name] or 0) for row in rows) for name in ("discount", "discount_before"))
    if not gross or not gross_before or not (given or given_before):
        return _said("discounts", "no_data", "Orders carry no discounts.", "订单没有优惠金额。")
    now, then = given / gross, given_before / gross_before
    if abs(now - then) >= POINTS and (now < then) == seen.fell:
        return _said(
            "discounts",
            "found",
            f"Discounts went from {then:.1%} to {now:.1%} of sales.",
            f"优惠占销售额的比例由 {then:.1%} 变为 {now:.1%}。",
        )
    return _said(
        "discounts",
        "not_found",
        f"Discounts were {now:.1%} of sales, {then:.1%} before.",
        f"优惠占销售额 {now:.1%}，之前为 {then:.1%}。",
    )


def _holiday(seen: Evidence) -> Hypothesis:
    calendar = forecast.calendar_of(seen.shop.timezone, seen.scope.currency)
    now, then = (_names(calendar, one) for one in (seen.period, seen.before))
    if set(now) != set(then):
        (english, chinese), (was, was_zh) = _listed(calendar, now), _listed(calendar, then)
        return _said("holiday", "found", f"The period holds {english}; the one before {was}.", f"本期{chinese}；对比期{was_zh}。")
    return _said("holiday", "not_found", "Both periods hold the same holidays, or none.", "两个时期的节假日相同或都没有。")


def _names(calendar: forecast.Calendar, period: Period) -> list[str]:
    found: Iterator[str] = (
        one.name for one in forecast.holidays(calendar, period.start_on, period.end_on - timedelta(days=1)).values()
    )
    return list(dict.fromkeys(found))


def _listed(calendar: forecast.Calendar, names: list[str]) -> tuple[str, str]:
    titles = [forecast.title_of(calendar, name) for name in names]
    return ", ".join(one["en"] for one in titles) or "no holiday", "包含" + "、".join(
        one["zh"] for one in titles
    ) if titles else "没有节假日"


def _money(seen: Evidence, minor: float) -> str:
    return money(Money(round(minor), seen.scope.currency))
