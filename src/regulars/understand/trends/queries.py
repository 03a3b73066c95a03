"""Series of events as Ibis expressions: measured by bucket and group, over the whole range, and by hour of the week."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.understand.questions import NONE, OTHER, Calendar, Moments
from regulars.understand.questions.queries import bucket, events_of, operand
from regulars.understand.trends.domain import OF_PROPERTY, HoursQuery, Series, TrendQuery
from regulars.warehouse.local_time import to_local

_QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}


def rows_of(query: TrendQuery, series: Series, moments: Moments, calendar: Calendar | None) -> ir.Table:
    """The events of a series: `customer_id`, `bucket` (0 without a calendar), `group` (of the breakdown), `number` (what is measured)."""
    properties = [one for one in (query.by, series.of) if one is not None]
    rows = events_of(query.asked, filters=[series.event], properties=properties, moments=moments)
    found = rows.select(
        customer_id=rows.customer_id,
        bucket=bucket(rows.timestamp, calendar).cast("int64") if calendar is not None else ibis.literal(0, "int64"),
        group=operand(rows, query.by).text.nullif("").fill_null(NONE) if query.by is not None else ibis.literal("all"),
        number=operand(rows, series.of).number if series.of is not None else ibis.null("float64"),
    )
    return found.filter(found.number.notnull()) if series.measure in OF_PROPERTY else found


def together(rows: ir.Table, largest: list[str]) -> ir.Table:
    """Groups that are not among the largest as one."""
    return rows.mutate(group=ibis.cases((rows.group.isin(largest), rows.group), else_=OTHER)) if largest else rows


def measured(rows: ir.Table, measure: str) -> ir.Table:
    """Rows `bucket`, `group`, `value`."""
    keys = ["bucket", "group"]
    if measure in ("customers", "per_customer"):
        each = rows.group_by([*keys, "customer_id"]).aggregate(events=rows.count())
        value = each.count() if measure == "customers" else each.events.sum().cast("float64") / each.count()
        return each.group_by(keys).aggregate(value=value)
    if measure in _QUANTILES:
        return _quantile(rows, keys, _QUANTILES[measure])
    values = {"events": rows.count(), "sum": rows.number.sum(), "avg": rows.number.mean(), "min": rows.number.min(), "max": rows.number.max()}  # fmt: skip
    return rows.group_by(keys).aggregate(value=values[measure])


def largest(totals: ir.Table, limit: int) -> ir.Table:
    """The groups with the largest totals."""
    return totals.order_by([totals["value"].desc(), totals["group"].asc()]).limit(limit)


def by_hour(query: HoursQuery) -> ir.Table:
    """Rows `customer_id`, `weekday` (0: Monday) and `hour`, local."""
    rows = events_of(query.asked, filters=[query.event], moments=query.range)
    assert query.range.start is not None
    assert query.range.end is not None
    seconds = (
        to_local(rows.timestamp, query.asked.zone, query.range.start, query.range.end).truncate("s").epoch_seconds().cast("int64")
    )
    days = (seconds // 86_400).cast("int64")
    return rows.select(
        customer_id=rows.customer_id,
        weekday=((days + 3) % 7).cast("int64"),
        hour=((seconds - days * 86_400) // 3_600).cast("int64"),
    )


def counted(rows: ir.Table, measure: str) -> ir.Table:
    """Rows `weekday`, `hour`, `value`."""
    if measure == "customers":
        rows = rows.select("weekday", "hour", "customer_id").distinct()
    return rows.group_by(["weekday", "hour"]).aggregate(value=rows.count())


def _quantile(rows: ir.Table, keys: list[str], share: float) -> ir.Table:
    """Between the two neighbours of the place share x (n - 1), in proportion, as numpy and most spreadsheets do."""
    own = ibis.window(group_by=keys, order_by=["number"])
    each = rows.mutate(nth=ibis.row_number().over(own), size=rows.count().over(ibis.window(group_by=keys)))
    exact = (each["size"] - 1).cast("float64") * share
    each = each.mutate(low=exact.floor().cast("int64"), part=exact - exact.floor())
    weight = ibis.cases((each.nth == each.low, 1 - each.part), (each.nth == each.low + 1, each.part), else_=0.0)
    each = each.mutate(weighed=each.number * weight)
    near = each.filter((each.nth == each.low) | (each.nth == each.low + 1))
    return near.group_by(keys).aggregate(value=near.weighed.sum())
