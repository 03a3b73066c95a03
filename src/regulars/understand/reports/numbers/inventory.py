"""The report `inventory`: what lies in stock, for how many days it lasts, what is sold out, and what hardly sells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from regulars.errors import NotEnoughData
from regulars.understand import metrics
from regulars.understand.questions import Desk, Report, told
from regulars.understand.reports.numbers.days import arrow
from regulars.values.csv import Table
from regulars.values.money import Money
from regulars.warehouse import unbound

State = Literal["out", "low", "enough", "slow"]
STATES: tuple[State, ...] = ("out", "low", "enough", "slow")
#: Days that sales a day are taken over, and how long ago a sold-out product may have sold last to be missed.
_SALES_DAYS, _MISSED_DAYS = 28, 84


@dataclass(frozen=True, slots=True)
class InventoryQuery:
    """Which products: of one state or all; a stock is low below so many days of cover, slow above so many or without any sale."""

    state: State | None
    low_days: int
    slow_days: int
    limit: int


@dataclass(frozen=True, slots=True)
class StockedProduct:
    """A product whose stock is known."""

    product_id: str
    name: str | None
    category: str | None
    state: State
    stock: int
    value: Money | None  # stock at cost where that is known, else at price
    units_28_days: float
    days_of_cover: float | None  # stock / units a day of the last 28 days; null: nothing was sold
    lost_a_day: Money | None  # an estimate, of sold-out ones: as if it sold as in the 28 days up to its last sale


@dataclass(frozen=True, slots=True)
class StockState:
    """All products of a state together."""

    state: State
    products: int
    stock: int
    value: Money
    lost_a_day: Money


@dataclass(frozen=True, slots=True)
class InventoryAnswer:
    """The states from sold out to slow, the products (those that cost most first), and all together."""

    as_of: datetime  # the end of the orders that sales are taken from
    currency: str
    states: tuple[StockState, ...]
    products: tuple[StockedProduct, ...]
    stock: int
    value: Money
    days_of_cover: float | None  # all stock / all units a day
    without_stock: int  # products whose stock nobody told


def read(_desk: Desk, question: Mapping[str, Any]) -> InventoryQuery:
    """`{state?, low_days?, slow_days?, limit?}`."""
    given = told.object_of(question, "question", ("state", "low_days", "slow_days", "limit"))
    state: Any = None if given.get("state") is None else told.choice(given["state"], "state", STATES)
    return InventoryQuery(
        state,
        told.whole(given.get("low_days", 14), "low_days", 1, 365),
        told.whole(given.get("slow_days", 180), "slow_days", 2, 3650),
        told.whole(given.get("limit", 50), "limit", 1, 1000),
    )


def answer(desk: Desk, query: InventoryQuery) -> InventoryAnswer:
    """Stock as last told, against sales up to the end of the orders."""
    span = metrics.data_span(desk.warehouse, desk.shop)
    rows = desk.warehouse.rows(_products(desk))
    known = [_product(row, query, span.currency) for row in rows if row["stock"] is not None]
    if not known:
        raise NotEnoughData(
            "no product tells its stock",
            mend="load products with a column of the stock (`stock`, 库存), or connect the shop's platform",
            code="no_stock",
        )
    listed = sorted(known, key=lambda one: (-_weight(one), one.product_id))
    sold = sum(one.units_28_days for one in known)
    stock = sum(max(one.stock, 0) for one in known)
    return InventoryAnswer(
        as_of=span.as_of,
        currency=span.currency,
        states=tuple(_state(state, known, span.currency) for state in STATES),
        products=tuple(one for one in listed if query.state in (None, one.state))[: query.limit],
        stock=stock,
        value=_sum((one.value for one in known), span.currency),
        days_of_cover=round(stock / (sold / _SALES_DAYS), 1) if sold else None,
        without_stock=sum(row["stock"] is None for row in rows),
    )


def table(found: InventoryAnswer) -> pa.Table:
    """One row per product."""
    names = ("product_id", "name", "category", "state", "stock", "value", "units_28_days", "days_of_cover", "lost_a_day")
    return arrow(Table(names, tuple(tuple(getattr(one, name) for name in names) for one in found.products)))


def customers(desk: Desk, query: InventoryQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who bought the product `{product}`, or any of a state `{state}`, in the 84 days up to the end of the orders."""
    given = told.object_of(cell, "cell", ("product", "state"))
    rows = _lines(desk, _MISSED_DAYS)
    if given.get("product") is not None:
        rows = rows.filter(rows.product_id == told.text(given["product"], "cell.product"))
    if given.get("state") is not None:
        state = told.choice(given["state"], "cell.state", STATES)
        found = [
            _product(row, query, desk.shop.currency) for row in desk.warehouse.rows(_products(desk)) if row["stock"] is not None
        ]
        rows = rows.filter(rows.product_id.isin([one.product_id for one in found if one.state == state]))
    return rows.filter(rows.customer_id.notnull()).select("customer_id")


def _lines(desk: Desk, days: int) -> ir.Table:
    span = metrics.data_span(desk.warehouse, desk.shop)
    lines = metrics.counted(unbound("order_lines"), metrics.scope_of(span, desk.shop))
    lines = metrics.within(lines, lines.ordered_at, span.as_of - timedelta(days=days), span.as_of)
    return lines.filter(lines.kind == "product", lines.status != "cancelled", lines.product_id.notnull())


def _products(desk: Desk) -> ir.Table:
    """Every product with what was sold of it: in the last 28 days, and in the 28 days up to its last sale."""
    span = metrics.data_span(desk.warehouse, desk.shop)
    lines = _lines(desk, _MISSED_DAYS + _SALES_DAYS)
    last = lines.group_by("product_id").aggregate(last_at=lines.ordered_at.max())
    dated = lines.inner_join(last, "product_id")
    recent = dated.ordered_at >= metrics.instant(span.as_of - timedelta(days=_SALES_DAYS))
    before_end = dated.ordered_at > dated.last_at - ibis.interval(days=_SALES_DAYS)
    missed = dated.last_at >= metrics.instant(span.as_of - timedelta(days=_MISSED_DAYS))
    units = dated.quantity.cast("float64")
    sold = dated.group_by("product_id").aggregate(
        units=units.sum(where=recent),
        units_before_end=units.sum(where=before_end & missed),
        paid=dated.amount_minor.sum().cast("float64") / units.sum().nullif(0.0),
    )
    products = unbound("products")
    mine = products.filter(products.shop_id == desk.shop.shop_id)
    in_currency = mine.currency.fill_null(span.currency) == span.currency
    mine = mine.select(
        "product_id",
        "name",
        "category",
        "stock",
        cost=ibis.cases((in_currency, mine.cost_minor)),
        price=ibis.cases((in_currency, mine.price_minor)),
    )
    return mine.left_join(sold, "product_id").drop("product_id_right")


def _product(row: Mapping[str, Any], query: InventoryQuery, currency: str) -> StockedProduct:
    stock, units = int(row["stock"]), float(row["units"] or 0)
    cover = round(max(stock, 0) / (units / _SALES_DAYS), 1) if units > 0 else None
    state: State
    if stock <= 0:
        state = "out"
    elif cover is None or cover > query.slow_days:
        state = "slow"
    else:
        state = "low" if cover < query.low_days else "enough"
    each = row["cost"] if row["cost"] is not None else row["price"]
    price = row["price"] if row["price"] is not None else row["paid"]
    lost = None
    if state == "out" and row["units_before_end"] and price is not None:
        lost = _money(Decimal(str(row["units_before_end"])) / _SALES_DAYS * Decimal(str(price)), currency)
    return StockedProduct(
        product_id=row["product_id"],
        name=row["name"],
        category=row["category"],
        state=state,
        stock=stock,
        value=None if each is None else Money(int(each) * max(stock, 0), currency),
        units_28_days=round(units, 3),
        days_of_cover=cover if stock > 0 else 0.0 if units > 0 else None,
        lost_a_day=lost,
    )


def _weight(one: StockedProduct) -> int:
    """What is lost comes first, then what lies."""
    return (one.lost_a_day.minor * 1_000 if one.lost_a_day else 0) + (one.value.minor if one.value else 0)


def _state(state: State, known: Sequence[StockedProduct], currency: str) -> StockState:
    of = [one for one in known if one.state == state]
    return StockState(
        state,
        len(of),
        sum(max(one.stock, 0) for one in of),
        _sum((one.value for one in of), currency),
        _sum((one.lost_a_day for one in of), currency),
    )


def _sum(amounts: Any, currency: str) -> Money:
    return Money(sum(one.minor for one in amounts if one is not None), currency)


def _money(minor: Decimal, currency: str) -> Money:
    return Money(int(minor.quantize(Decimal(1), ROUND_HALF_EVEN)), currency)


INVENTORY = Report("inventory", read, answer, table, customers, {"limit": 50})
