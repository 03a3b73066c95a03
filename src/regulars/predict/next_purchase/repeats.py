"""Ibis expressions of buying the same again: how often each thing is bought anew, and what every customer probably buys next.

A thing is a category or a product. Gaps between purchase days of a thing vary by factors, so they are log-logistic: their logarithms have
a mean of the customer's own, drawn towards the thing's, drawn towards the shop's. Whoever bought may never buy it again; the chance to is
that of the thing after so many purchases.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from regulars.predict.next_purchase.domain import CREDIBLE_GAPS, Level
from regulars.predict.snapshots import Past
from regulars.understand.metrics import instant
from regulars.warehouse.local_time import local_date

#: Gaps, or customers, of a thing that weigh as much as the whole shop's.
_CREDIBLE_OF_THING = 20.0
#: Purchases from which on the chance of another no longer changes.
_PLACES = 3
_LONGEST_DAYS = 3_650.0
#: Sums of logarithms are kept to so many digits: engines add in any order, and the same rows are to give the same answer.
_DIGITS = 9


def bought(past: Past, level: Level) -> ir.Table:
    """One row per customer, thing and day it was bought on, with the gap before it and its place (0, 1, ...)."""
    lines = past.read("order_lines")
    lines = lines.filter(lines.customer_id.notnull(), lines.kind == "product", lines.quantity > 0)
    thing = lines.category if level == "category" else lines.product_id
    name = lines.category if level == "category" else lines.product_name
    lines = lines.mutate(thing=thing, name=name, on=local_date(lines.ordered_at, past.scope.zone, past.first_at, past.as_of))
    lines = lines.filter(lines.thing.notnull())
    days = lines.group_by("customer_id", "thing", "on").aggregate(name=lines.name.max(), at=lines.ordered_at.max())
    in_order = ibis.window(group_by=[days.customer_id, days.thing], order_by=days.on)
    days = days.mutate(
        before=days.on.lag(1).over(in_order), after=days.on.lead(1).over(in_order), place=ibis.row_number().over(in_order)
    )
    gap = days.on.delta(days.before, unit="day").cast("float64")
    return days.mutate(log_gap=gap.ln())


def shop_gaps(days: ir.Table) -> ir.Table:
    """One row: how many gaps there are, the mean and variance of their logarithms, and within how many days nine of ten ended."""
    gaps = days.filter(days.log_gap.notnull())
    return gaps.aggregate(
        gaps=gaps.count(), mean=gaps.log_gap.mean(), var=gaps.log_gap.var(how="pop"), nine_of_ten=gaps.log_gap.quantile(0.9).exp()
    )


def shop_repeats(days: ir.Table, until: date) -> ir.Table:
    """After the first, second and later purchases of a thing that were long enough ago: how many, and how many were followed by another."""
    had_time = days.filter(days.on <= until)
    return _followed(had_time, ["step"])


def _followed(days: ir.Table, by: list[str]) -> ir.Table:
    days = days.mutate(step=ibis.least(days.place, _PLACES - 1))
    return days.group_by(by).aggregate(had=days.count(), again=days.count(where=days.after.notnull()))


def probable(
    past: Past, days: ir.Table, told: Mapping[str, Any], *, level: Level, until: date, today: date, window_days: int, most: int
) -> ir.Table:
    """The columns of next_products: each customer's `most` probable things.

    Parameters
    ----------
    told : `shop_gaps` as numbers, and `repeats`: the share followed by another after the first, second and later purchases.
    """
    shop_mean, shop_var = float(told["mean"]), max(float(told["var"]), 0.05)
    mine = days.group_by("customer_id", "thing").aggregate(
        name=days.name.max(),
        times=days.count(),
        last_on=days.on.max(),
        last_at=days["at"].max(),
        gaps=days.log_gap.count(),
        logs=days.log_gap.sum().coalesce(0.0),
    )
    gaps = days.filter(days.log_gap.notnull())
    thing = gaps.group_by("thing").aggregate(n=gaps.count(), mean=gaps.log_gap.mean(), var=gaps.log_gap.var(how="pop"))
    share = _followed(days.filter(days.on <= until), ["thing", "step"])
    rows = mine.mutate(step=ibis.least(mine.times - 1, _PLACES - 1))
    rows = rows.left_join(thing, "thing").drop("thing_right")
    rows = rows.left_join(share, ["thing", "step"]).drop("thing_right", "step_right")
    weight = rows.n.coalesce(0) / (rows.n.coalesce(0) + _CREDIBLE_OF_THING)
    rows = rows.mutate(
        of_thing=weight * rows["mean"].coalesce(0.0) + (1 - weight) * shop_mean,
        spread=(weight * rows["var"].coalesce(0.0) + (1 - weight) * shop_var).round(_DIGITS),
        usual=ibis.cases(*((rows.step == step, _CREDIBLE_OF_THING * part) for step, part in enumerate(told["repeats"])), else_=0.0),
    )
    rows = rows.mutate(
        again=(rows.again.coalesce(0) + rows.usual) / (rows.had.coalesce(0) + _CREDIBLE_OF_THING),
        log_rhythm=((rows.logs + CREDIBLE_GAPS * rows.of_thing) / (rows.gaps + CREDIBLE_GAPS)).round(_DIGITS),
        steep=math.pi / math.sqrt(3.0) / ibis.greatest(rows.spread, 0.05).sqrt(),
        since=ibis.greatest(ibis.literal(today).delta(rows.last_on, unit="day").cast("float64"), 0.5),
    )
    gone = _by_then(rows, rows.since)
    rows = rows.mutate(
        gone=gone, probability=rows.again * (_by_then(rows, rows.since + window_days) - gone) / (1 - rows.again * gone)
    )
    place = ibis.row_number().over(
        ibis.window(group_by=rows.customer_id, order_by=[rows.probability.desc(), rows.times.desc(), rows.thing.asc()])
    )
    rows = rows.mutate(rank=place + 1)
    rows = rows.filter(rows["rank"] <= most)
    moments = {
        name: _after(rows.last_at, _quantile(rows, part)) for name, part in (("from_at", 0.25), ("likely_at", 0.5), ("to_at", 0.75))
    }
    return rows.select(
        shop_id=ibis.literal(past.scope.shop_id),
        customer_id=rows.customer_id,
        level=ibis.literal(level),
        thing=rows.thing,
        name=rows.name,
        as_of=instant(past.as_of),
        rank=rows["rank"].cast("int64"),
        times=rows.times.cast("int64"),
        last_at=rows.last_at,
        rhythm_days=rows.log_rhythm.exp().round(2),
        probability=rows.probability.round(4),
        **moments,
    )


def _by_then(rows: ir.Table, days: ir.NumericValue) -> ir.FloatingValue:
    """The share of gaps that are over after so many days: log-logistic."""
    power = rows.steep * (days.ln() - rows.log_rhythm)
    return 1 / (1 + (-ibis.least(ibis.greatest(power, -50.0), 50.0)).exp())


def _quantile(rows: ir.Table, part: float) -> ir.FloatingValue:
    """After how many days that part of those who have not bought again by now, and will, has."""
    share = ibis.least(rows.gone + part * (1 - rows.gone), 1 - 1e-9)
    days = (rows.log_rhythm + (share / (1 - share)).ln() / rows.steep).exp()
    return ibis.least(ibis.greatest(days, rows.since), _LONGEST_DAYS)


def _after(moment: ir.TimestampValue, days: ir.FloatingValue) -> ir.TimestampValue:
    return moment + (days * 86_400).round().cast("int64").as_interval("s")
