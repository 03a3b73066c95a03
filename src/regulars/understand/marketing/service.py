"""The verb of marketing: what was spent on each channel, campaign or promotion beside what it brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import ibis.expr.types as ir
import pyarrow as pa

from regulars.errors import NotEnoughData
from regulars.understand.attribution import ATTRIBUTION, MODELS, AttributionQuery, Model
from regulars.understand.marketing import queries
from regulars.understand.marketing.domain import (
    MARGIN_KNOWN,
    Basis,
    By,
    MarketingAnswer,
    MarketingQuery,
    Sums,
    added,
    over,
    row_of,
)
from regulars.understand.metrics import data_span
from regulars.understand.questions import NONE, OTHER, Desk, Moments, Report, told
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.values.zones import local_day

_FIELDS = ("by", "model", "lookback_days", "range", "limit")
_USUAL_DAYS = 30


def read(desk: Desk, question: Mapping[str, Any]) -> MarketingQuery:
    """`{by, model, lookback_days, range, limit}`; without a range the thirty days up to the last costs, or the last order."""
    given = told.object_of(question, "question", _FIELDS)
    by: By = told.choice(given.get("by", "campaign"), "by", get_args(By))  # type: ignore[assignment]
    model: Model = told.choice(given.get("model", "last"), "model", MODELS)  # type: ignore[assignment]
    span = data_span(desk.warehouse, desk.shop)
    zone = desk.shop.timezone
    moments = told.moments(given.get("range"), "range", zone)
    if moments.start is None and moments.end is None:
        last_on = desk.warehouse.value(queries.newest_cost(desk.shop.shop_id))
        if last_on is None or by == "promotion":
            last_on = local_day(span.as_of - timedelta(microseconds=1), zone)
        period = Period.between(last_on - timedelta(days=_USUAL_DAYS - 1), last_on)
    else:
        both = desk.bounded(moments)
        assert both.start is not None
        assert both.end is not None
        period = Period.between(local_day(both.start, zone), local_day(both.end - timedelta(microseconds=1), zone))
    return MarketingQuery(
        shop_id=desk.shop.shop_id,
        zone=zone,
        currency=span.currency,
        period=period,
        by=by,
        model=model,
        lookback_days=told.whole(given.get("lookback_days", 30), "lookback_days", 1, 366),
        limit=told.whole(given.get("limit", 50), "limit", 1, 500),
    )


def marketing(desk: Desk, query: MarketingQuery) -> MarketingAnswer:
    """Reach, clicks, visits, orders, revenue, cost and return of each channel, source, campaign or promotion.

    Orders and revenue are shared by the model of attribution; those that nothing touched are `(none)`. Promotions are taken from the
    coupon of the order. Return on investment is counted from margin where the cost of at least nine tenths of the goods sold is known
    (the others are taken to cost alike), else from revenue.

    Raises
    ------
    NotEnoughData : no costs were loaded (of promotions: no coupon was used and no promotion was seen either).
    """
    found, names = _of_promotions(desk, query) if query.by == "promotion" else _of_campaigns(desk, query)
    [margins] = desk.warehouse.rows(queries.margins(query))
    known, items = float(margins["known"] or 0), float(margins["items"] or 0)
    basis: Basis = "margin" if items and known / items >= MARGIN_KNOWN else "revenue"
    spent = sum(one.cost for one in found.values())
    missed = sum(one.cost for one in found.values() if not (one.people if query.by == "promotion" else one.visits))
    ordered = sorted(found, key=lambda key: (key == NONE, -found[key].cost, -found[key].revenue, -found[key].visits, key))
    kept, rest = ordered[: query.limit], ordered[query.limit :]
    rows = [row_of(key, names[key], found[key], query.by, basis, query.currency) for key in kept]
    if rest:
        rows.append(row_of(OTHER, OTHER, added([found[key] for key in rest]), query.by, basis, query.currency))
    return MarketingAnswer(
        by=query.by,
        model=query.model,
        currency=query.currency,
        first_on=query.period.start_on,
        last_on=query.period.last_on,
        basis=basis,
        margin_known=over(known, items),
        unmatched=Money(missed, query.currency),
        unmatched_share=over(missed, spent),
        complete=query.period.instants(query.zone)[1] <= desk.now(),
        rows=tuple(rows),
        total=row_of("(all)", "(all)", added(list(found.values())), query.by, basis, query.currency),
    )


def customers(desk: Desk, query: MarketingQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Whose orders `{group}` was given credit for; of a promotion, who ordered with it."""
    given = told.object_of(cell, "cell", ("group",))
    group = told.text(given.get("group"), "cell.group")
    if group == OTHER:
        raise told.wrong("cell.group", "small ones together cannot be opened", "ask again with a larger `limit`")
    if query.by == "promotion":
        return queries.used(query, group)
    return queries.behind(query, _attributed(desk, query), group)


def table(answer: MarketingAnswer) -> pa.Table:
    """One row per channel, campaign or promotion; money in major units."""
    names = [name for name in type(answer.total).__dataclass_fields__ if name != "key"]
    found = [{name: _plain(getattr(row, name)) for name in names} for row in (*answer.rows, answer.total)]
    kinds = {"name": pa.string()} | dict.fromkeys(("impressions", "clicks", "visits", "visitors"), pa.int64())
    rows = [{("value" if name == "name" else name): cell for name, cell in row.items()} for row in found]
    return pa.Table.from_pylist(
        rows, schema=pa.schema([("value" if name == "name" else name, kinds.get(name, pa.float64())) for name in names])
    )


REPORT = Report("campaigns", read, marketing, table, customers, {"by": "campaign", "model": "last"})


def _plain(value: Any) -> Any:
    return float(value.major) if isinstance(value, Money) else value


def _of_campaigns(desk: Desk, query: MarketingQuery) -> tuple[dict[str, Sums], dict[str, str]]:
    if desk.warehouse.value(queries.newest_cost(query.shop_id)) is None:
        raise NotEnoughData("there are no costs yet", mend="load them with `regulars load costs FILE`", code="no_costs")
    attributed = _attributed(desk, query)
    found: dict[str, Sums] = {}
    names: dict[str, str] = {}
    for asked in (queries.costs(query), queries.visits(query), queries.brought(query, attributed)):
        _gather(desk, asked, found, names)
    _gather(desk, queries.untouched(query, attributed), found, names)
    if not found[NONE].orders:
        del found[NONE]
    return found, names


def _of_promotions(desk: Desk, query: MarketingQuery) -> tuple[dict[str, Sums], dict[str, str]]:
    found: dict[str, Sums] = {}
    names: dict[str, str] = {}
    for asked in (queries.costs(query), queries.displays(query, desk.base), queries.promotions(query)):
        _gather(desk, asked, found, names)
    if not found:
        raise NotEnoughData(
            "no coupon was used and no promotion was seen in this time",
            mend="load orders with their coupons, or send `Promotion Viewed` and `Promotion Clicked`",
            code="no_promotions",
        )
    return found, names


def _gather(desk: Desk, asked: ir.Table, found: dict[str, Sums], names: dict[str, str]) -> None:
    """Add the sums of one table to those of each key."""
    for row in desk.warehouse.rows(asked):
        key = row["key"]
        names.setdefault(key, row["name"])
        before = found.get(key, Sums())
        told_of = {
            name: getattr(before, name) + (float(value) if isinstance(getattr(before, name), float) else int(value))
            for name, value in row.items()
            if name not in ("key", "name") and value is not None
        }
        found[key] = replace(before, **told_of)


def _attributed(desk: Desk, query: MarketingQuery) -> AttributionQuery:
    start, end = query.period.instants(query.zone)
    asked: AttributionQuery = ATTRIBUTION.read(desk, {"by": query.by, "model": query.model, "lookback_days": query.lookback_days})
    return replace(asked, moments=Moments(start, end), currency=query.currency)
