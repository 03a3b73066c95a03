"""The verbs of competition: own prices against the market, the log of price changes, and shares of the market over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from regulars.errors import NotEnoughData
from regulars.understand.competition import queries
from regulars.understand.competition.domain import (
    OWN,
    By,
    CategoryPrice,
    CategoryShare,
    ChangesAnswer,
    MarketQuery,
    PriceChange,
    PricesAnswer,
    ProductPrice,
    ShareBucket,
    SharesAnswer,
    share_of,
)
from regulars.understand.metrics import data_span
from regulars.understand.questions import Calendar, Desk, Moments, Report, told
from regulars.values.money import Money
from regulars.values.periods import Period, add_months
from regulars.values.zones import local_day

_USUAL_DAYS = 30
_SHARE_MONTHS = 12


def read_prices(desk: Desk, question: Mapping[str, Any]) -> MarketQuery:
    """`{by, category, product, range, limit}`; without a range the thirty days up to what was seen last."""
    given = told.object_of(question, "question", ("by", "category", "product", "range", "limit"))
    by: By = told.choice(given.get("by", "product"), "by", ("product", "category"))  # type: ignore[assignment]
    return replace(_read(desk, given), by=by)


def read_changes(desk: Desk, question: Mapping[str, Any]) -> MarketQuery:
    """`{category, product, range, limit}`."""
    return _read(desk, told.object_of(question, "question", ("category", "product", "range", "limit")))


def read_shares(desk: Desk, question: Mapping[str, Any]) -> MarketQuery:
    """`{category, range, interval, limit}`; without a range the twelve months up to what was seen last."""
    given = told.object_of(question, "question", ("category", "range", "interval", "limit"))
    found = _read(desk, {"limit": 8, **given})
    unit = told.choice(given.get("interval", "month"), "interval", ("day", "week", "month"))
    if given.get("range") is None:
        last_on = found.period.last_on
        found = replace(found, period=Period.between(add_months(last_on.replace(day=1), 1 - _SHARE_MONTHS), last_on))
    return replace(found, unit=unit)  # type: ignore[arg-type]


def prices(desk: Desk, query: MarketQuery) -> PricesAnswer:
    """Own price against the market, by product or category.

    Compared is each competitor's newest price of the time, where it can be had, with our list price (else with what was paid on
    average). A product became dearer lately if it lies above the median now and did not when the time began; our price then is
    that of the product list loaded before, else today's.

    Raises
    ------
    NotEnoughData : nothing was loaded about competitors.
    """
    _must_have(desk, query)
    rows = queries.compared(query)
    ordered = rows.order_by([rows.gap.isnull(), rows.gap.desc(), rows["product"]]).limit(query.limit)
    categories = queries.by_category(query, whole=False)
    of_categories = categories.order_by([categories["index"].desc(), categories.key]).limit(query.limit)
    whole = desk.warehouse.rows(queries.by_category(query, whole=True))
    return PricesAnswer(
        by=query.by,
        currency=query.currency,
        first_on=query.period.start_on,
        last_on=query.period.last_on,
        products=tuple(_product(row, query.currency) for row in desk.warehouse.rows(ordered)) if query.by == "product" else (),
        categories=tuple(_category(row) for row in desk.warehouse.rows(of_categories)) if query.by == "category" else (),
        total=_category(whole[0]) if whole else CategoryPrice("(all)", 0, 0, 0, 0, 0, None, None),
    )


def changes(desk: Desk, query: MarketQuery) -> ChangesAnswer:
    """What competitors changed their prices to, beside ours; the newest first."""
    _must_have(desk, query)
    rows = queries.changes(query)
    [counted] = desk.warehouse.rows(
        rows.aggregate(up=(rows.now > rows.before).cast("int64").sum(), down=(rows.now < rows.before).cast("int64").sum())
    )
    ordered = rows.order_by([rows.day.desc(), rows.competitor, rows["product"]]).limit(query.limit)
    return ChangesAnswer(
        currency=query.currency,
        first_on=query.period.start_on,
        last_on=query.period.last_on,
        up=int(counted["up"] or 0),
        down=int(counted["down"] or 0),
        changes=tuple(_change(row, query.currency) for row in desk.warehouse.rows(ordered)),
    )


def shares(desk: Desk, query: MarketQuery) -> SharesAnswer:
    """Our share of each category's market over time, and the competitors'.

    Told by the file (a row whose competitor is the shop itself) where it is; else counted from the sales of all, else from units.
    Only competitors that files tell of are the market.
    """
    _must_have(desk, query)
    start, end = query.period.instants(query.zone)
    calendar = Calendar.over(Moments(start, end), query.unit, query.zone, desk.week_start)
    labels = [calendar.label(place) for place in range(len(calendar))]
    market: dict[str, dict[str, dict[str, dict[str, float | None]]]] = {}
    for row in desk.warehouse.rows(queries.volumes(query)):
        values = {name: None if row[name] is None else float(row[name]) for name in ("share", "sales", "units")}
        market.setdefault(row["category"], {}).setdefault(_label(row["bucket"], labels), {})[row["competitor"]] = values
    ours: dict[tuple[str, str], tuple[float, float]] = {}
    sales: dict[str, float] = {}
    for row in desk.warehouse.rows(queries.sold(query)):
        ours[row["category"], _label(row["bucket"], labels)] = (float(row["sales"]), float(row["units"]))
        sales[row["category"]] = sales.get(row["category"], 0.0) + float(row["sales"])
    chosen = sorted(market, key=lambda one: (-sales.get(one, 0.0), one))[: query.limit]
    return SharesAnswer(
        interval=query.unit,
        first_on=query.period.start_on,
        last_on=query.period.last_on,
        buckets=tuple(labels),
        complete=tuple(calendar.complete(desk.now())),
        categories=tuple(_shares(one, market[one], ours, labels, query.own_names) for one in chosen),
    )


def buyers(desk: Desk, query: MarketQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who bought the product or of the category `{group}` from us in the time."""
    given = told.object_of(cell, "cell", ("group",))
    return queries.buyers(query, told.text(given.get("group"), "cell.group"), of_category=query.by == "category")


def prices_table(answer: PricesAnswer) -> pa.Table:
    """One row per product or category."""
    if answer.by == "category":
        return _arrow([*answer.categories, answer.total], CategoryPrice)
    return _arrow(answer.products, ProductPrice)


def changes_table(answer: ChangesAnswer) -> pa.Table:
    """One row per change."""
    return _arrow(answer.changes, PriceChange)


def shares_table(answer: SharesAnswer) -> pa.Table:
    """One row per category, bucket and competitor; ours is `(own)`."""
    rows = [
        {"category": one.category, "bucket": label, "competitor": who, "share": share, "basis": bucket.basis}
        for one in answer.categories
        for label, bucket in zip(answer.buckets, one.buckets, strict=True)
        for who, share in (("(own)", bucket.own), *bucket.competitors.items())
        if share is not None
    ]
    names = ("category", "bucket", "competitor", "share", "basis")
    return pa.Table.from_pylist(rows, schema=pa.schema([(n, pa.float64() if n == "share" else pa.string()) for n in names]))


def _shares_buyers(desk: Desk, query: MarketQuery, cell: Mapping[str, Any]) -> ir.Table:
    return buyers(desk, replace(query, by="category"), cell)


MARKET_PRICES = Report("market_prices", read_prices, prices, prices_table, buyers, {"by": "product"})
PRICE_CHANGES = Report("price_changes", read_changes, changes, changes_table, buyers, {"limit": 50})
MARKET_SHARE = Report("market_share", read_shares, shares, shares_table, _shares_buyers, {"interval": "month"})


def _read(desk: Desk, given: Mapping[str, Any]) -> MarketQuery:
    zone = desk.shop.timezone
    moments = told.moments(given.get("range"), "range", zone)
    if moments.start is None and moments.end is None:
        last_on = desk.warehouse.value(queries.newest(desk.shop.shop_id)) or local_day(desk.now(), zone)
        period = Period.between(last_on - timedelta(days=_USUAL_DAYS - 1), last_on)
    else:
        both = desk.bounded(moments)
        assert both.start is not None
        assert both.end is not None
        period = Period.between(local_day(both.start, zone), local_day(both.end - timedelta(microseconds=1), zone))
    return MarketQuery(
        shop_id=desk.shop.shop_id,
        zone=zone,
        week_start=desk.week_start,
        currency=data_span(desk.warehouse, desk.shop).currency,
        own_names=(*OWN, desk.shop.name.lower()),
        period=period,
        limit=told.whole(given.get("limit", 50), "limit", 1, 500),
        category=told.text(given["category"], "category") if given.get("category") else None,
        product=told.text(given["product"], "product") if given.get("product") else None,
    )


def _must_have(desk: Desk, query: MarketQuery) -> None:
    if desk.warehouse.value(queries.newest(query.shop_id)) is None:
        raise NotEnoughData(
            "nothing is known of competitors yet", mend="load it with `regulars load competition FILE`", code="no_market"
        )


def _product(row: Mapping[str, Any], currency: str) -> ProductPrice:
    return ProductPrice(
        key=row["product"],
        name=row["name"],
        category=row["category"],
        listed=_money(row["listed"], currency),
        paid=_money(row["paid"], currency),
        own=_money(row["own"], currency),
        competitors=int(row["competitors"]),
        lowest=Money(round(row["lowest"]), currency),
        median=Money(round(row["median"]), currency),
        highest=Money(round(row["highest"]), currency),
        rank=None if row["rank"] is None else int(row["rank"]),
        gap=_rounded(row["gap"]),
        gap_to_lowest=_rounded(row["gap_to_lowest"]),
        dearer_lately=bool(row["dearer_lately"]),
    )


def _category(row: Mapping[str, Any]) -> CategoryPrice:
    counts = {name: int(row[name] or 0) for name in ("products", "cheapest", "cheaper", "dearer", "dearer_lately")}
    return CategoryPrice(key=row["key"], **counts, index=_rounded(row["index"]), index_to_lowest=_rounded(row["index_to_lowest"]))


def _change(row: Mapping[str, Any], currency: str) -> PriceChange:
    own = _money(row["own"], currency)
    now = int(row["now"])
    return PriceChange(
        day=row["day"],
        competitor=row["competitor"],
        product=row["product"],
        name=row["name"],
        before=Money(int(row["before"]), currency),
        now=Money(now, currency),
        change=round(now / int(row["before"]) - 1, 4),
        own=own,
        gap=None if own is None else round(own.minor / now - 1, 4),
    )


def _shares(
    category: str,
    market: Mapping[str, Mapping[str, Mapping[str, float | None]]],
    ours: Mapping[tuple[str, str], tuple[float, float]],
    labels: list[str],
    own_names: tuple[str, ...],
) -> CategoryShare:
    buckets: list[ShareBucket] = []
    for label in labels:
        rows = market.get(label, {})
        own = next((row["share"] for who, row in rows.items() if who.lower() in own_names), None)
        others = {who: row for who, row in sorted(rows.items()) if who.lower() not in own_names}
        sales, units = ours.get((category, label), (0.0, 0.0))
        rounded = None if own is None else round(own, 4)
        buckets.append(share_of(sales, others, rounded, units) if rows else ShareBucket(None, None, {}))
    known = [one.own for one in buckets if one.own is not None]
    change = round(known[-1] - known[-2], 4) if len(known) > 1 else None
    return CategoryShare(category, known[-1] if known else None, change, tuple(buckets))


def _label(bucket: date, labels: list[str]) -> str:
    """A bucket's label in the calendar: one that began before the range has the range's first."""
    text = bucket.isoformat()
    return text if text in labels else labels[0]


def _money(value: Any, currency: str) -> Money | None:
    return None if value is None else Money(round(value), currency)


def _rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), 4)


def _arrow(rows: Any, kind: type) -> pa.Table:
    def plain(value: Any) -> Any:
        return float(value.major) if isinstance(value, Money) else value.isoformat() if isinstance(value, date) else value

    columns: dict[str, list[Any]] = {name: [plain(getattr(row, name)) for row in rows] for name in kind.__dataclass_fields__}  # type: ignore[attr-defined]
    return pa.table(columns)
