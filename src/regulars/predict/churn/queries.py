"""Ibis expressions of the churn room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from regulars.understand.lifecycle import purchase_gaps
from regulars.understand.metrics import Scope, counted, within
from regulars.warehouse import json_text, unbound

_YEAR = timedelta(days=365)


def gap_points(known: ir.Table) -> ir.Table:
    """One row: how many gaps between purchase days there are, and within how many days three of four ended."""
    gaps = purchase_gaps(known)
    return gaps.aggregate(gaps=gaps.count(), three_of_four=gaps.gap_days.quantile(0.75))


def average_order(scope: Scope, as_of: datetime) -> ir.Table:
    """One row: the mean total of the orders of the year before."""
    table = unbound("orders")
    rows = within(counted(table, scope), table.ordered_at, as_of - _YEAR, as_of)
    return rows.aggregate(average=rows.total_minor.cast("float64").mean())


#: Columns of order lines that a dimension is told by, and its name.
_DIMENSIONS = {
    "product": ("product_id", "product_name"),
    "category": ("category", "category"),
    "seller": ("seller_id", "seller_id"),
}


def marked(scores: ir.Table, marks: Mapping[str, Sequence[str]]) -> ir.Table:
    """Customer, loss and for each mark whether one of its groups is among the reasons."""
    flags = {name: _names_one(scores, groups) for name, groups in marks.items()}
    return scores.select("customer_id", "loss_minor", **flags)


def mark_sums(rows: ir.Table, marks: Iterable[str]) -> ir.Table:
    """One row: customers and loss of everybody, and of those with each mark."""
    made = {"customers": rows.count(), "loss": rows.loss_minor.sum()}
    for name in marks:
        made[f"{name}_customers"] = rows.count(where=rows[name])
        made[f"{name}_loss"] = rows.loss_minor.sum(where=rows[name])
    return rows.aggregate(**made)


def bought_by(scope: Scope, dimension: str, start: datetime, end: datetime, rows: ir.Table, marks: Sequence[str]) -> ir.Table:
    """One row per customer and product (category, seller) it bought then, with its marks, the lines it gave back and its rating."""
    key, name = _DIMENSIONS[dimension]
    table, back, stars = unbound("order_lines"), unbound("refunds"), unbound("reviews")
    lines = within(counted(table, scope), table.ordered_at, start, end)
    lines = lines.filter(lines.kind == "product", lines.customer_id.notnull(), lines[key].notnull())
    lines = lines.select("customer_id", "order_id", "product_id", key=lines[key], name=lines[name])
    pairs = lines.group_by("key", "customer_id").aggregate(name=lines.name.max())
    given = within(back.filter(back.shop_id == scope.shop_id), back.refunded_at, start, end)
    given = given.filter(given.customer_id.notnull(), given.product_id.notnull())
    given = given.group_by("customer_id", "product_id").aggregate(times=given.count())
    goods = lines.select("key", "customer_id", "product_id").distinct()
    returned = goods.inner_join(given, ["customer_id", "product_id"])
    returned = returned.group_by("key", "customer_id").aggregate(refunds=returned.times.sum())
    rated = within(stars.filter(stars.shop_id == scope.shop_id), stars.reviewed_at, start, end)
    rated = rated.filter(rated.customer_id.notnull(), rated.rating.notnull()).select("customer_id", "product_id", "rating")
    mine = goods.inner_join(rated, ["customer_id", "product_id"])
    mine = mine.group_by("key", "customer_id").aggregate(stars=mine.rating.cast("float64").mean())
    both = pairs.left_join(returned, ["key", "customer_id"]).drop("key_right", "customer_id_right")
    both = both.left_join(mine, ["key", "customer_id"]).drop("key_right", "customer_id_right")
    both = both.left_join(rows.select("customer_id", *marks), "customer_id").drop("customer_id_right")
    return both.mutate(**{name: both[name].fill_null(False) for name in marks})


def buyers(both: ir.Table, marks: Sequence[str]) -> ir.Table:
    """One row: customers of `bought_by`, and those with each mark."""
    return both.aggregate(
        everybody=both.customer_id.nunique(), **{name: both.customer_id.nunique(where=both[name]) for name in marks}
    )


def bought_most(both: ir.Table, marks: Sequence[str], fewest: int) -> ir.Table:
    """One row per key that enough customers with some mark bought."""
    made: dict[str, ir.Scalar] = {"name": both.name.max(), "everybody": both.count()}
    for name in marks:
        made[f"{name}_customers"] = both.count(where=both[name])
        made[f"{name}_refunds"] = both.refunds.sum(where=both[name])
        made[f"{name}_stars"] = both.stars.mean(where=both[name])
    rows = both.group_by("key").aggregate(**made)
    most = ibis.greatest(*(rows[f"{name}_customers"] for name in marks))
    return rows.filter(most >= fewest).order_by("key")


def _names_one(scores: ir.Table, groups: Sequence[str]) -> ir.BooleanValue:
    found = ibis.literal(False)
    for group in groups:
        found = found | scores.reasons.contains(f'"group":"{group}"')
    return found


def survey_answers(shop_id: str, start: datetime, end: datetime) -> ir.Table:
    """What leavers answered (`Survey Answered` with a `reason`): each answer and by how many customers, the most frequent first."""
    rows = _answers(shop_id, start, end)
    made = rows.group_by("answer").aggregate(customers=rows.customer_id.nunique())
    return made.order_by(made.customers.desc(), made.answer.asc())


def newest_answers(shop_id: str, start: datetime, end: datetime) -> ir.Table:
    """Each customer's newest answer, and when it was given."""
    rows = _answers(shop_id, start, end)
    newest = ibis.window(group_by="customer_id", order_by=[ibis.desc("timestamp"), ibis.desc("event_key")])
    rows = rows.mutate(place=ibis.row_number().over(newest))
    return rows.filter(rows.place == 0).select("customer_id", "answer", at="timestamp")


def _answers(shop_id: str, start: datetime, end: datetime) -> ir.Table:
    events = unbound("events")
    rows = within(events.filter(events.shop_id == shop_id, events.event == "Survey Answered"), events.timestamp, start, end)
    rows = rows.mutate(answer=json_text(rows.properties, "reason"))
    return rows.filter(rows.answer.notnull(), rows.customer_id.notnull())
