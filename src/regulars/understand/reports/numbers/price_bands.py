"""The report `price_bands`: what sells at which prices, in bands cut by the shop's own prices, of all products or in each category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from regulars.errors import NotEnoughData
from regulars.understand import metrics
from regulars.understand.questions import NONE, Desk, Report, told
from regulars.understand.reports.numbers.days import arrow, days_of
from regulars.values.csv import Table
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.warehouse import unbound


@dataclass(frozen=True, slots=True)
class BandsQuery:
    """Sales of which days, in how many bands, of all or by category (the largest ones)."""

    period: Period
    bands: int
    by_category: bool
    limit: int


@dataclass(frozen=True, slots=True)
class Band:
    """Lines whose price of one lies above `above` and up to `up_to`; null: no bound."""

    category: str | None
    band: int  # 1 is the cheapest
    above: Money | None
    up_to: Money | None
    products: int
    orders: int
    units: float
    revenue: Money  # of the lines, before order discounts
    share: float | None  # of the revenue of all bands, or of the category's


@dataclass(frozen=True, slots=True)
class BandsAnswer:
    """Bands from the cheapest up; by category those with most revenue first."""

    currency: str
    first_on: date
    last_on: date
    bands: tuple[Band, ...]
    revenue: Money


def read(desk: Desk, question: Mapping[str, Any]) -> BandsQuery:
    """`{bands?, by?: "category", range?, limit?}`; without a range the last twelve months."""
    given = told.object_of(question, "question", ("bands", "by", "range", "limit"))
    by = None if given.get("by") is None else told.choice(given["by"], "by", ("category",))
    period = days_of(desk, given) or metrics.chosen_period(metrics.data_span(desk.warehouse, desk.shop), desk.shop, None)
    limit = told.whole(given.get("limit", 10), "limit", 1, 100)
    return BandsQuery(period, told.whole(given.get("bands", 5), "bands", 2, 10), by is not None, limit)


def answer(desk: Desk, query: BandsQuery) -> BandsAnswer:
    """Bounds are quantiles of what the products sold in the range cost on average, so each band holds about as many products."""
    span = metrics.data_span(desk.warehouse, desk.shop)
    if span.empty:
        raise NotEnoughData("there are no orders yet", mend="load orders, or let the shop send `Order Completed`", code="no_orders")
    rows = desk.warehouse.rows(_summed(_banded(desk, query), query))
    revenue: dict[str, int] = {}
    for row in rows:
        revenue[row["part"]] = revenue.get(row["part"], 0) + int(row["revenue"])
    largest = sorted(revenue, key=lambda part: (-revenue[part], part))[: query.limit]
    places = {part: place for place, part in enumerate(largest)}
    kept = sorted((row for row in rows if row["part"] in places), key=lambda row: (places[row["part"]], row["band"]))
    bands = tuple(_band(row, query, span.currency, revenue[row["part"]]) for row in kept)
    return BandsAnswer(
        span.currency, query.period.start_on, query.period.last_on, bands, Money(sum(revenue.values()), span.currency)
    )


def table(found: BandsAnswer) -> pa.Table:
    """One row per band."""
    names = ("band", "above", "up_to", "products", "orders", "units", "revenue", "share")
    by_category = any(one.category is not None for one in found.bands)
    head = ("category", *names) if by_category else names
    return arrow(Table(head, tuple(tuple(getattr(one, name) for name in head) for one in found.bands)))


def customers(desk: Desk, query: BandsQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who bought in the band `{band}`, by category `{category, band}`; without a band anything."""
    given = told.object_of(cell, "cell", ("category", "band"))
    rows = _banded(desk, query)
    if given.get("band") is not None:
        rows = rows.filter(rows.band == told.whole(given["band"], "cell.band", 1, query.bands))
    if given.get("category") is not None:
        rows = rows.filter(rows.part == told.text(given["category"], "cell.category"))
    return rows.filter(rows.customer_id.notnull()).select("customer_id")


def _banded(desk: Desk, query: BandsQuery) -> ir.Table:
    """Every line of a product with its price of one and its band."""
    start, end = query.period.instants(desk.shop.timezone)
    scope = metrics.scope_of(metrics.data_span(desk.warehouse, desk.shop), desk.shop)
    lines = metrics.counted(unbound("order_lines"), scope)
    lines = metrics.within(lines, lines.ordered_at, start, end)
    lines = lines.filter(lines.kind == "product", lines.quantity > 0, lines.amount_minor > 0)
    part = lines.category.nullif("").fill_null(NONE) if query.by_category else ibis.literal("")
    quantity = lines.quantity.cast("float64")
    lines = lines.select(
        "order_id",
        "customer_id",
        "amount_minor",
        part=part,
        product=lines.product_id.fill_null(lines.product_name).fill_null(NONE),
        quantity=quantity,
        price=lines.amount_minor.cast("float64") / quantity,
    )
    usual = lines.group_by("part", "product").aggregate(price=lines.amount_minor.cast("float64").sum() / lines.quantity.sum())
    edges = usual.group_by("part").aggregate(**{name: usual.price.quantile(at) for name, at in _cuts(query.bands)})
    both = lines.inner_join(edges, "part")
    band = ibis.literal(1, "int64")
    for name, _ in _cuts(query.bands):
        band = band + (both.price > both[name]).cast("int64")
    return both.mutate(band=band)


def _cuts(bands: int) -> list[tuple[str, float]]:
    return [(f"edge_{place}", place / bands) for place in range(1, bands)]


def _summed(rows: ir.Table, query: BandsQuery) -> ir.Table:
    return rows.group_by("part", "band").aggregate(
        products=rows["product"].nunique(),
        orders=rows.order_id.nunique(),
        units=rows.quantity.sum(),
        revenue=rows.amount_minor.sum(),
        **{name: rows[name].max() for name, _ in _cuts(query.bands)},
    )


def _band(row: Mapping[str, Any], query: BandsQuery, currency: str, whole: int) -> Band:
    def edge(place: int) -> Money | None:
        return Money(round(float(row[f"edge_{place}"])), currency) if 0 < place < query.bands else None

    band, revenue = int(row["band"]), int(row["revenue"])
    return Band(
        category=row["part"] if query.by_category else None,
        band=band,
        above=edge(band - 1),
        up_to=edge(band),
        products=int(row["products"]),
        orders=int(row["orders"]),
        units=round(float(row["units"]), 3),
        revenue=Money(revenue, currency),
        share=metrics.ratio(revenue, whole),
    )


PRICE_BANDS = Report("price_bands", read, answer, table, customers, {"bands": 5})
