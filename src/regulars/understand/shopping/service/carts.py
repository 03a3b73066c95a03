"""The verb of cart abandonment: how many carts are given up, when, by whom, and with what in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import ibis.expr.types as ir
import pyarrow as pa

from regulars.understand.metrics import ratio
from regulars.understand.questions import NONE, OTHER, READ, Calendar, Desk, Moments, Report, told
from regulars.understand.shopping import fast
from regulars.understand.shopping.domain import (
    CartBucket,
    CartFigures,
    CartGroup,
    CartsAnswer,
    CartsQuery,
    CartStatus,
    LeftProduct,
)
from regulars.understand.shopping.queries import carts as expressions
from regulars.understand.shopping.reading import read_carts

EMPTY = CartFigures(0, 0, 0, 0, None, 0, 0, 0, 0, None)


def abandonment(desk: Desk, query: CartsQuery, *, general: bool = False) -> CartsAnswer:
    """Carts by what became of them; each counts where it was opened.

    A cart opens at the first Product Added and lives until an order, or until so many hours without a Product Added, Product
    Removed or Checkout Started. One that is neither ordered nor silent for so long at the judged moment is open.

    Parameters
    ----------
    general : answer by the portable expressions, also where the engine offers a faster way.
    """
    return desk.warehouse.cached(("cart_abandonment", query, general), lambda: _answer(desk, query, general=general), of=READ)


def customers(desk: Desk, query: CartsQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who had the carts of `{status, start, group, product_id}`, any of these left out."""
    given = told.object_of(cell, "cell", ("status", "start", "group", "product_id"))
    calendar = _calendar(desk, query)
    rows = expressions.noted(query, desk.shop.currency)
    found = expressions.carts(rows, query, calendar)
    if "status" in given:
        found = found.filter(found.status == told.choice(given["status"], "cell.status", get_args(CartStatus)))
    if "start" in given and calendar is not None:
        labels = calendar.labels()
        found = found.filter(found.bucket == labels.index(told.choice(given["start"], "cell.start", labels)))
    if "group" in given and query.breakdown is not None:
        value = told.text(given["group"], "cell.group")
        group = found.group.fill_null(NONE)
        shown = [one.value for one in abandonment(desk, query).groups or () if one.value != OTHER]
        found = found.filter(~group.isin(shown) if value == OTHER else group == value)
    if "product_id" in given:
        lying = expressions.left(rows, found)
        found = lying.filter(lying.product_id == told.text(given["product_id"], "cell.product_id"))
    return found.select("customer_id").distinct()


def table(answer: CartsAnswer) -> pa.Table:
    """All, buckets and groups as rows."""
    rows = [("all", "", answer.total)]
    rows += [("bucket", one.start, one.figures) for one in answer.buckets]
    rows += [("group", one.value, one.figures) for one in answer.groups or ()]
    names = CartFigures.__dataclass_fields__
    schema = [("of", pa.string()), ("value", pa.string())]
    schema += [(name, pa.int64() if one.type == "int" else pa.float64()) for name, one in names.items()]
    return pa.Table.from_pylist(
        [{"of": of, "value": value} | {name: getattr(found, name) for name in names} for of, value, found in rows],
        schema=pa.schema(schema),
    )


REPORT = Report(
    kind="cart_abandonment",
    read=read_carts,
    answer=abandonment,
    table=table,
    customers=customers,
    example={"abandon_after_hours": 24, "interval": "day", "breakdown": "$device"},
)


def _answer(desk: Desk, query: CartsQuery, *, general: bool) -> CartsAnswer:
    calendar = _calendar(desk, query)
    quick = None
    if not general and fast.offered(desk.warehouse, query):
        quick = fast.carts(desk.warehouse, query, desk.shop.currency, calendar)
    found, groups = (quick, None) if quick is not None else _portable(desk, query, calendar)
    settled = query.as_of - expressions.ended_by(query)
    end = query.moments.end
    return CartsAnswer(
        abandon_after_hours=query.abandon_after_hours,
        currency=desk.shop.currency,
        complete=end is not None and end <= settled,
        total=_figures(found.total),
        buckets=()
        if calendar is None
        else tuple(
            CartBucket(calendar.label(i), calendar.starts[i], complete, _figures(found.buckets.get(i)))
            for i, complete in enumerate(calendar.complete(settled))
        ),
        groups=groups,
        left_products=tuple(
            LeftProduct(row["product_id"], int(row["carts"]), int(row["customers"]), max(int(row["value"]), 0))
            for row in found.left
        ),
    )


def _portable(desk: Desk, query: CartsQuery, calendar: Calendar | None) -> tuple[fast.Carts, tuple[CartGroup, ...] | None]:
    warehouse = desk.warehouse
    rows = expressions.noted(query, desk.shop.currency)
    found = expressions.carts(rows, query, calendar)

    def by(column: str | None) -> dict[Any, dict[str, Any]]:
        return {row["cell"]: row for row in warehouse.rows(expressions.figures(found, column))}

    left = warehouse.rows(expressions.left_most(expressions.left(rows, found), query.limit))
    made = fast.Carts(by(None).get(0), by("bucket") if calendar is not None else {}, left)
    return made, None if query.breakdown is None else _groups(by("group"), query.limit)


def _groups(found: Mapping[str | None, Mapping[str, Any]], limit: int) -> tuple[CartGroup, ...]:
    """The largest groups, and the others as one; a customer of several of these is counted in each."""
    named: dict[str, list[Mapping[str, Any]]] = {}
    for value, row in found.items():
        named.setdefault(NONE if value is None else value, []).append(row)
    order = sorted(named, key=lambda value: (-sum(row["carts"] for row in named[value]), value))
    groups = [CartGroup(value, _figures(*named[value])) for value in order[:limit]]
    rest = [row for value in order[limit:] for row in named[value]]
    return tuple([*groups, CartGroup(OTHER, _figures(*rest))] if rest else groups)


def _figures(*rows: Mapping[str, Any] | None) -> CartFigures:
    told_rows = [row for row in rows if row is not None]
    if not told_rows:
        return EMPTY
    total = {name: sum(int(row[name]) for row in told_rows) for name in told_rows[0] if name != "cell"}
    carts, abandoned, converted = (total[name] for name in ("carts", "abandoned", "converted"))
    return CartFigures(
        carts=carts,
        abandoned=abandoned,
        converted=converted,
        open=carts - abandoned - converted,
        rate=ratio(abandoned, abandoned + converted),
        customers=total["customers"],
        abandoned_customers=total["abandoned_customers"],
        abandoned_at_checkout=total["at_checkout"],
        abandoned_value_minor=total["value"],
        seconds_to_order_mean=ratio(total["took"], converted * 1_000_000),
    )


def _calendar(desk: Desk, query: CartsQuery) -> Calendar | None:
    """The buckets of the openings; an open range begins with the data."""
    if query.interval is None:
        return None
    span = desk.span()
    start, end = query.moments.start or span.start, query.moments.end or query.as_of
    return None if start is None else desk.calendar(Moments(min(start, end), end), query.interval)
