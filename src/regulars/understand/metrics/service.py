"""The verbs of the metrics room: how far the data reaches, and the metrics of a period with comparisons and series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from regulars.understand.metrics.catalogue import chosen
from regulars.understand.metrics.domain import Bucket, DataSpan, Metric, MetricsAnswer, MetricTotal, Value
from regulars.understand.metrics.queries import market
from regulars.understand.metrics.queries import totals as queries
from regulars.understand.metrics.queries.scope import Scope
from regulars.understand.metrics.span import check_buckets, chosen_period, compared, data_span, week_start
from regulars.understand.metrics.tally import Tally, change, values
from regulars.values.periods import Period, Unit
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop


def scope_of(span: DataSpan, shop: Shop) -> Scope:
    """Whose orders a report reads, and how it cuts days."""
    return Scope(shop.shop_id, span.currency, span.other_currency_orders == 0, shop.timezone, week_start(shop))


def report(
    warehouse: Warehouse,
    shop: Shop,
    period: Period | None = None,
    unit: Unit = "month",
    metrics: Iterable[str] | None = None,
) -> MetricsAnswer:
    """The metrics of a period: totals beside the period before and the same one last year, and one value per bucket.

    Every value is computed from its own orders by the metric's definition: the buyers of a month are the distinct buyers of
    that month, and do not add up to those of the year.

    Parameters
    ----------
    period : local dates; None takes the last 12 months up to the newest order.
    unit : what the series is cut into. The outer buckets are cut to the period and marked as not complete.
    metrics : names from the catalogue; None gives all.

    Raises
    ------
    InvalidInput : an unknown metric, an empty period, or more buckets than a chart can show.
    """
    wanted = chosen(metrics)
    span = data_span(warehouse, shop)
    period = chosen_period(span, shop, period)
    check_buckets(period, unit)
    full = _report(warehouse, shop, span, period, unit)
    return full if metrics is None else _only(full, wanted)


def _report(warehouse: Warehouse, shop: Shop, span: DataSpan, period: Period, unit: Unit) -> MetricsAnswer:
    scope = scope_of(span, shop)
    ranges = (period, period.previous(), period.same_last_year())
    totals, series = tallies(warehouse, scope, ranges, unit)
    previous, last_year = compared(span, shop, ranges[1]), compared(span, shop, ranges[2])
    now, before, year_before = (values(tally, span.currency) for tally in totals)
    buckets = []
    for whole in period.buckets(unit, scope.week_start):
        cut = Period(max(whole.start_on, period.start_on), min(whole.end_on, period.end_on))
        over = whole.instants(shop.timezone)[1] <= span.as_of
        buckets.append(
            Bucket(cut.start_on, cut.end_on, cut == whole and over, values(series.get(whole.start_on, Tally()), span.currency))
        )
    return MetricsAnswer(
        shop_id=shop.shop_id,
        currency=span.currency,
        timezone=shop.timezone,
        as_of=span.as_of,
        period=period,
        complete=period.instants(shop.timezone)[1] <= span.as_of,
        previous=previous,
        last_year=last_year,
        unit=unit,
        other_currency_orders=span.other_currency_orders,
        totals=tuple(
            MetricTotal(
                name,
                value,
                before[name],
                change(value, before[name]) if previous.covered else None,
                year_before[name],
                change(value, year_before[name]) if last_year.covered else None,
            )
            for name, value in now.items()
        ),
        series=tuple(buckets),
    )


def tallies(
    warehouse: Warehouse, scope: Scope, ranges: Sequence[Period], unit: Unit | None
) -> tuple[list[Tally], dict[date, Tally]]:
    """The sums of each range, and of each bucket of the first one by the bucket's first day (empty buckets are missing)."""
    return warehouse.cached(
        ("metrics.tallies", scope, tuple(ranges), unit),
        lambda: _tallies(warehouse, scope, ranges, unit),
        of=("orders", "refunds", "ad_costs", "market_prices", "products"),
    )


def _tallies(
    warehouse: Warehouse, scope: Scope, ranges: Sequence[Period], unit: Unit | None
) -> tuple[list[Tally], dict[date, Tally]]:
    orders = warehouse.rows(queries.tallies(warehouse.table("orders"), scope, ranges, unit))
    given = warehouse.rows(queries.refund_tallies(warehouse.table("refunds"), scope, ranges, unit))
    refunds: dict[tuple[int, date | None], int] = {(row["range"], row["bucket"]): int(row["refunds"] or 0) for row in given}
    found = {(row["range"], row["bucket"]): Tally.of(row, refunds.get((row["range"], row["bucket"]), 0)) for row in orders}
    for key, amount in refunds.items():
        found.setdefault(key, Tally(refunds=amount))  # money went back at a time without any order
    for key, more in _market(warehouse, scope, ranges, unit).items():
        found[key] = replace(found.get(key, Tally()), **more)
    totals = [found[index, None] for index in range(len(ranges))]
    return totals, {bucket: tally for (_, bucket), tally in found.items() if bucket is not None}


def _market(
    warehouse: Warehouse, scope: Scope, ranges: Sequence[Period], unit: Unit | None
) -> dict[tuple[int, date | None], dict[str, Any]]:
    """What advertising cost and how prices stand against the market, by range and bucket; nothing is asked where nothing is known."""
    costs, prices = warehouse.table("ad_costs"), warehouse.table("market_prices")
    asked = []
    if warehouse.rows(market.has_rows(costs, scope.shop_id)):
        asked.append((market.cost_tallies(costs, scope, ranges, unit), market.COST_SUMS))
    if warehouse.rows(market.has_rows(prices, scope.shop_id)):
        own = warehouse.table("products"), warehouse.table("order_lines")
        asked.append((market.price_tallies(prices, *own, scope, ranges, unit), market.PRICE_SUMS))
    found: dict[tuple[int, date | None], dict[str, Any]] = {}
    for expression, names in asked:
        for row in warehouse.rows(expression):
            known = {name: row[name] if name == "price_index" else int(row[name]) for name in names if row[name] is not None}
            found.setdefault((row["range"], row["bucket"]), {}).update(known)
    return found


def _only(answer: MetricsAnswer, wanted: Sequence[Metric]) -> MetricsAnswer:
    def pick(found: Mapping[str, Value]) -> dict[str, Value]:
        return {metric.name: found[metric.name] for metric in wanted}

    return replace(
        answer,
        totals=tuple(answer.total(metric.name) for metric in wanted),
        series=tuple(replace(bucket, values=pick(bucket.values)) for bucket in answer.series),
    )
