"""Why a metric changed: the cube of two periods is searched, the change split, and explanations checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict.anomalies import queries
from regulars.predict.anomalies.bases import BASES, UNSEARCHED, Basis
from regulars.predict.anomalies.domain import DIMENSIONS, Cause, Effects, RootCause
from regulars.predict.anomalies.estimator import Array, Part, expected_of_ratio, search
from regulars.predict.anomalies.explaining import Evidence, hypotheses
from regulars.predict.anomalies.words import sentences
from regulars.understand import metrics
from regulars.understand.metrics import METRICS, Value
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

#: A whole that moved by less than this lies nowhere: its parts moved against each other.
STILL = 0.01
#: A product's price has changed from this share on.
PRICE = 0.03
#: What the dimensions `price` and `stock` may say that is no cause.
UNCHANGED, STOCKED = "unchanged", "in stock or not told"
#: Products by themselves in a search; the rest, by how far they moved, are one.
MOST_PRODUCTS = 400
OTHERS = "(other)"


def root_cause(warehouse: Warehouse, shop: Shop, metric: str, period: Period, before: Period | None = None) -> RootCause:
    """Where the change of a metric lies and what explains it.

    Parameters
    ----------
    metric : `revenue` is `item_revenue`; metrics whose change cannot be searched are refused.
    before : what `period` is compared with; None: as many days just before it. Of sums, it is scaled to the period's length.

    Raises
    ------
    InvalidInput : an unknown metric or one that cannot be searched, or periods that overlap.
    NotEnoughData : no order in one of the periods.
    """
    metric = "item_revenue" if metric == "revenue" else metric
    if metric in UNSEARCHED:
        reason, mend = UNSEARCHED[metric]
        raise InvalidInput(f"the change of `{metric}` cannot be searched: {reason}", mend=mend, code="not_searchable")
    if metric not in BASES:
        raise InvalidInput(
            f"there is no metric named {metric[:60]!r}", mend=f"use one of {', '.join(BASES)}", code="unknown_metric"
        )
    before = before or period.previous()
    if not period.days or not before.days or (period.start_on < before.end_on and before.start_on < period.end_on):
        raise InvalidInput("the two periods overlap, or hold no day", mend="give two periods apart", code="bad_period")
    scope = metrics.scope_of(metrics.data_span(warehouse, shop), shop)
    basis = BASES[metric]
    cells = _cells(warehouse, scope, basis, period, before)
    upper, lower = basis.above, basis.below
    counted = lower or upper
    if not any(row[counted] for row in cells) or not any(row[f"{counted}_before"] for row in cells):
        raise NotEnoughData(
            f"one of the periods has nothing that counts in `{metric}`",
            mend="choose periods that both hold some of it",
            code="nothing_to_compare",
        )
    if basis.cube == "lines":
        _mark(warehouse, scope, cells, period, before)
    known = [name for name in DIMENSIONS if cells and name in cells[0] and len({row[name] for row in cells}) > 1]
    if "product" in known:
        _gather(cells, upper)
    cells.sort(key=lambda row: tuple(str(row[name]) for name in DIMENSIONS if name in row))
    scale = period.days / before.days
    now, then = _column(cells, upper), _column(cells, f"{upper}_before") * scale
    below = None if lower is None else (_column(cells, lower), _column(cells, f"{lower}_before") * scale)
    if below is None:
        expected, size = then, np.maximum(then, 0)
    else:
        expected, size = expected_of_ratio(then, below[1], below[0]), below[0]
    levels = [np.unique([str(row[name]) for row in cells], return_inverse=True) for name in known]
    barred = {
        at: np.flatnonzero(levels[at][0] == said).tolist()
        for name, said in (("price", UNCHANGED), ("stock", STOCKED))
        for at in ([known.index(name)] if name in known else [])
    }
    still = abs(float((now - expected).sum())) < STILL * max(float(np.abs(expected).sum()), 1e-12)
    parts = [] if still else search([codes.astype(np.int64) for _, codes in levels], now, expected, size, barred=barred)
    totals = [metrics.report(warehouse, shop, one, "month", [metric]).total(metric).value for one in (period, before)]
    unit, currency = METRICS[metric].unit, scope.currency
    causes = _causes(warehouse, scope, cells, known, parts, now, expected, below, unit if below else _unit(basis), currency)
    evidence = Evidence(warehouse, shop, scope, period, before, cells, basis.of_sales, float(now.sum() - expected.sum()))
    found = hypotheses(evidence)
    changed = metrics.change(totals[0], _scaled(totals[1], scale if METRICS[metric].additive else 1.0))
    answer = RootCause(
        shop_id=shop.shop_id,
        metric=metric,
        unit=unit,
        currency=currency,
        period=period,
        before=before,
        value=totals[0],
        previous=totals[1],
        change=changed,
        basis=basis.name,
        causes=causes,
        explained=round(sum(one.share for one in causes), 4) if causes else None,
        effects=_effects(cells, scale, basis, now, then, below, currency, unit),
        hypotheses=found,
        text={},
    )
    return replace(answer, text=sentences(answer))


def _cells(warehouse: Warehouse, scope: metrics.Scope, basis: Basis, period: Period, before: Period) -> list[dict[str, Any]]:
    """The cube of the two periods."""
    table = warehouse.table
    if basis.cube == "costs":
        return warehouse.rows(queries.spent(table("ad_costs"), scope, period, before))
    orders, lines = table("orders"), table("order_lines")
    match basis.cube:
        case "lines":
            return warehouse.rows(queries.sold_items(orders, lines, table("sessions"), scope, period, before))
        case "refunds":
            return warehouse.rows(queries.given_back(orders, table("refunds"), scope, period, before))
        case "sales":
            return warehouse.rows(queries.sold_and_given_back(orders, lines, table("refunds"), scope, period, before))
        case _:
            return warehouse.rows(queries.ordered(orders, table("sessions"), scope, period, before))


def _mark(warehouse: Warehouse, scope: metrics.Scope, cells: list[dict[str, Any]], period: Period, before: Period) -> None:
    """Say of each product whether its price was raised or lowered, and whether it ran out."""
    prices = warehouse.rows(queries.asked_prices(warehouse.table("order_lines"), scope, period, before))
    moved = {row["product_id"]: row["now"] / row["then"] - 1 for row in prices if row["now"] and row["then"]}
    stock = warehouse.rows(queries.stock_seen(warehouse.table("product_snapshots"), scope, period))
    out = {row["product_id"] for row in stock if row["least"] <= 0}
    for row in cells:
        change = moved.get(row["product"], 0.0)
        row["price"] = "raised" if change > PRICE else "lowered" if change < -PRICE else UNCHANGED
        row["stock"] = "ran out" if row["product"] in out else STOCKED


def _gather(cells: list[dict[str, Any]], upper: str) -> None:
    """Keep the products that moved most by name; call the others `(other)`."""
    moved: dict[str, float] = {}
    for row in cells:
        moved[row["product"]] = moved.get(row["product"], 0.0) + float(row[upper] or 0) - float(row[f"{upper}_before"] or 0)
    kept = set(sorted(moved, key=lambda one: (-abs(moved[one]), one))[:MOST_PRODUCTS])
    for row in cells:
        row["product_id"] = row["product"]
        if row["product"] not in kept:
            row["product"] = OTHERS


def _causes(
    warehouse: Warehouse,
    scope: metrics.Scope,
    cells: Sequence[Mapping[str, Any]],
    known: Sequence[str],
    parts: Sequence[Part],
    now: Array,
    expected: Array,
    below: tuple[Array, Array] | None,
    unit: str,
    currency: str,
) -> tuple[Cause, ...]:
    found = []
    for part in parts:
        first = int(np.argmax(part.cells))
        where = {known[at]: str(cells[first][known[at]]) for at in sorted(part.where)}
        ahead, real = float(expected[part.cells].sum()), float(now[part.cells].sum())
        if below is not None:
            weight = float(below[0][part.cells].sum())
            ahead, real = (ahead / weight, real / weight) if weight else (float("nan"), float("nan"))
        found.append((where, ahead, real, part.share))
    ids = [where["product"] for where, *_ in found if where.get("product", queries.NONE)[0] != "("]
    rows = warehouse.rows(queries.product_names(warehouse.table("order_lines"), scope, ids)) if ids else []
    names = {row["product_id"]: row["name"] for row in rows}
    return tuple(
        Cause(
            where,
            {name: names.get(value, value) if name == "product" else value for name, value in where.items()},
            _value(ahead, unit, currency),
            _value(real, unit, currency),
            round(share, 4),
        )
        for where, ahead, real, share in found
    )


def _effects(
    cells: Sequence[Mapping[str, Any]],
    scale: float,
    basis: Basis,
    now: Array,
    then: Array,
    below: tuple[Array, Array] | None,
    currency: str,
    unit: str,
) -> Effects | None:
    if below is not None:
        total, before = float(below[0].sum()), float(below[1].sum())
        old = expected_of_ratio(then, below[1], np.ones(len(then)))
        rate = float((now - below[0] * old).sum()) / total
        whole = float(now.sum()) / total - float(then.sum()) / before
        return Effects("rate_mix", _value(rate, unit, currency), _value(whole - rate, unit, currency))
    if basis.cube != "lines" or not basis.money:
        return None
    by_product: dict[str, list[float]] = {}
    for i, row in enumerate(cells):
        sums = by_product.setdefault(row.get("product_id", row["product"]), [0.0] * 4)
        for at, number in enumerate((now[i], then[i], float(row["units"] or 0), float(row["units_before"] or 0) * scale)):
            sums[at] += number
    price = sum(
        new - units * old / units_before for new, old, units, units_before in by_product.values() if units > 0 and units_before > 0
    )
    return Effects(
        "price_volume", _value(price, "money", currency), _value(float(now.sum() - then.sum()) - price, "money", currency)
    )


def _column(cells: Sequence[Mapping[str, Any]], name: str) -> Array:
    return np.array([float(row[name] or 0) for row in cells], dtype=np.float64)


def _unit(basis: Basis) -> str:
    return "money" if basis.money else "count"


def _scaled(value: Value, scale: float) -> Value:
    match value:
        case None:
            return None
        case Money():
            return Money(round(value.minor * scale), value.currency)
        case _:
            return value * scale


def _value(number: float, unit: str, currency: str) -> Value:
    if number != number:
        return None
    return Money(round(number), currency) if unit == "money" else round(number, 4)
