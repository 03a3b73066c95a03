"""The report `sales_by`: sales by category, product, brand, seller, channel or region, beside the time before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import ibis.expr.types as ir
import pyarrow as pa

from regulars.errors import NotEnoughData
from regulars.understand import metrics
from regulars.understand.metrics import BreakdownAnswer, Dimension
from regulars.understand.questions import NONE, Desk, Report, told
from regulars.understand.reports.numbers.days import arrow, days_of
from regulars.values.periods import Period
from regulars.warehouse import unbound

_OF_LINES = {"category": "category", "product": "product_id", "brand": "brand", "seller": "seller_id"}


@dataclass(frozen=True, slots=True)
class SalesQuery:
    """Which groups of which days."""

    by: Dimension
    period: Period
    limit: int


def read(desk: Desk, question: Mapping[str, Any]) -> SalesQuery:
    """`{by, range?, limit?}`; without a range the last twelve months."""
    given = told.object_of(question, "question", ("by", "range", "limit"))
    by: Dimension = told.choice(given.get("by", "category"), "by", get_args(Dimension))  # type: ignore[assignment]
    period = days_of(desk, given)
    if period is None:
        period = metrics.chosen_period(metrics.data_span(desk.warehouse, desk.shop), desk.shop, None)
    return SalesQuery(by, period, told.whole(given.get("limit", 10), "limit", 1, 100))


def answer(desk: Desk, query: SalesQuery) -> BreakdownAnswer:
    """The largest groups by item revenue, the others together, and all."""
    if metrics.data_span(desk.warehouse, desk.shop).empty:
        raise NotEnoughData("there are no orders yet", mend="load orders, or let the shop send `Order Completed`", code="no_orders")
    return metrics.breakdown(desk.warehouse, desk.shop, query.period, query.by, limit=query.limit)


def table(found: BreakdownAnswer) -> pa.Table:
    """One row per group."""
    return arrow(metrics.breakdown_table(found))


def customers(desk: Desk, query: SalesQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who bought of the group `{group}`, or at all `{}`."""
    given = told.object_of(cell, "cell", ("group",))
    start, end = query.period.instants(desk.shop.timezone)
    scope = metrics.scope_of(metrics.data_span(desk.warehouse, desk.shop), desk.shop)
    of_lines = query.by in _OF_LINES
    rows = metrics.counted(unbound("order_lines" if of_lines else "orders"), scope)
    rows = metrics.within(rows, rows.ordered_at, start, end)
    if given.get("group") is not None:
        column = rows[_OF_LINES.get(query.by, query.by)].nullif("")
        group = told.text(given["group"], "cell.group")
        rows = rows.filter(column.isnull() if group == NONE else column == group)
    if not of_lines:
        return rows.filter(rows.customer_id.notnull()).select("customer_id")
    orders = metrics.counted(unbound("orders"), scope)
    orders = orders.filter(orders.customer_id.notnull()).select("order_id", "customer_id")
    return orders.semi_join(rows.select("order_id"), "order_id").select("customer_id")


SALES_BY = Report("sales_by", read, answer, table, customers, {"by": "category", "limit": 10})
