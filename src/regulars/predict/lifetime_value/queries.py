"""Ibis expressions of the lifetime-value room: what customers' orders were by an instant, and lists of what they are worth."""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir

from regulars.predict.snapshots import Past
from regulars.understand.metrics import Scope, counted, instant
from regulars.warehouse import unbound
from regulars.warehouse.local_time import local_date


def histories(past: Past) -> ir.Table:
    """One row per buyer as of the cut-off: purchase days, and what those that were worth something were worth, net.

    Net is what was ordered, less cancelled orders and what was given back by then; what was given back for no order that is named is
    taken from all of the customer's days alike. `worth_days` counts purchase days after the first
    one with a net above 0, `worth_minor` is their sum; `first_minor` is the net of the first day.
    """
    back = past.read("refunds")
    back = back if past.scope.one_currency else back.filter(back.currency == past.scope.currency)
    given = back.filter(back.order_id.notnull()).group_by("order_id").aggregate(back=back.amount_minor.sum())
    orders = past.purchases()
    orders = orders.left_join(given, "order_id").drop("order_id_right")
    left = ibis.greatest(orders.total_minor - orders.back.coalesce(0), 0)
    orders = orders.mutate(net=ibis.cases((orders.cancelled, 0), else_=left))
    days = orders.group_by("customer_id", "purchase_on").aggregate(net=orders.net.sum().cast("int64"))
    loose = back.filter(back.order_id.isnull(), back.customer_id.notnull())
    loose = loose.group_by("customer_id").aggregate(loose=loose.amount_minor.sum().cast("float64"))
    days = days.left_join(loose, "customer_id").drop("customer_id_right")
    whole = days.net.sum().over(ibis.window(group_by=days.customer_id)).cast("float64")
    kept = ibis.greatest(1.0 - days.loose.coalesce(0.0) / ibis.greatest(whole, 1.0), 0.0)
    days = days.mutate(net=(days.net * kept).round().cast("int64"))
    first = days.purchase_on.min().over(ibis.window(group_by=days.customer_id))
    days = days.mutate(again=days.purchase_on > first)
    worth = days.again & (days.net > 0)
    return days.group_by("customer_id").aggregate(
        purchase_days=days.count(),
        first_on=days.purchase_on.min(),
        last_on=days.purchase_on.max(),
        worth_days=days.count(where=worth),
        worth_minor=days.net.sum(where=worth).coalesce(0).cast("int64"),
        first_minor=days.net.sum(where=~days.again).coalesce(0).cast("int64"),
    )


# -- reading what was worked out ------------------------------------------------------------------------------------


def listed(values: ir.Table, shop_id: str, tier: str | None, min_value_minor: int | None) -> ir.Table:
    """The rows that pass the filters of the list."""
    rows = values.filter(values.shop_id == shop_id)
    if tier is not None:
        rows = rows.filter(rows.value_tier == tier)
    if min_value_minor is not None:
        rows = rows.filter(rows.value_minor >= min_value_minor)
    return rows


def in_order(rows: ir.Table) -> ir.Table:
    """The most valuable first."""
    return rows.order_by(rows.value_minor.desc(), rows.customer_id.asc())


def ranked(rows: ir.Table, after: tuple[int, str] | None, limit: int) -> ir.Table:
    """`limit` rows, the most valuable first, after a place in that order."""
    if after is not None:
        minor, customer_id = after
        rows = rows.filter((rows.value_minor < minor) | ((rows.value_minor == minor) & (rows.customer_id > customer_id)))
    return in_order(rows).limit(limit)


def by_tier(values: ir.Table, shop_id: str) -> ir.Table:
    """Customers, money, orders and the least value of each tier."""
    rows = values.filter(values.shop_id == shop_id)
    return rows.group_by("value_tier").aggregate(
        customers=rows.count(), value=rows.value_minor.sum(), orders=rows.expected_orders.sum(), least=rows.value_minor.min()
    )


def begun(by: str, scope: Scope, first_at: datetime, as_of: datetime) -> ir.Table:
    """Columns `customer_id` and `key`: how each customer began; who tells nothing is left out."""
    if by == "first_touch":
        visits = unbound("sessions")
        visits = visits.filter(visits.shop_id == scope.shop_id, ~visits.is_bot, visits.channel.notnull())
        return visits.group_by("customer_id").aggregate(key=visits.channel.argmin(visits.started_at))
    if by in ("category", "product"):
        lines = unbound("order_lines")
        lines = counted(lines, scope).filter(lines.customer_id.notnull(), lines.kind == "product")
        lines = lines.filter(lines.ordered_at < instant(as_of))
        first = lines.ordered_at.min().over(ibis.window(group_by=lines.customer_id))
        lines = lines.mutate(first=lines.ordered_at == first, thing=_thing(lines, by))
        lines = lines.filter(lines.first, lines.thing.notnull())
        sums = lines.group_by("customer_id", "thing").aggregate(amount=lines.amount_minor.sum())
        best = ibis.row_number().over(ibis.window(group_by=sums.customer_id, order_by=[sums.amount.desc(), sums.thing.asc()]))
        sums = sums.mutate(place=best)
        return sums.filter(sums.place == 0).select("customer_id", key=sums.thing)
    orders = unbound("orders")
    rows = counted(orders, scope).filter(orders.customer_id.notnull(), orders.ordered_at < instant(as_of))
    if by == "channel":
        rows = rows.filter(rows.channel.notnull())
        return rows.group_by("customer_id").aggregate(key=rows.channel.argmin(rows.ordered_at))
    rows = rows.mutate(on=local_date(rows.ordered_at, scope.zone, first_at, as_of))
    first = rows.group_by("customer_id").aggregate(on=rows.on.min())
    return first.select("customer_id", key=first.on.strftime("%Y-%m"))


def grouped(begun_: ir.Table, shop_id: str, by: str, most: int) -> ir.Table:
    """Customers, net money so far and expected money by how they began: cohorts in time, others by expected money."""
    values, profiles = unbound("customer_values"), unbound("customer_profiles")
    values = values.filter(values.shop_id == shop_id).select("customer_id", "value_minor")
    known = profiles.filter(profiles.shop_id == shop_id).select("customer_id", "net_minor")
    rows = values.inner_join(begun_, "customer_id").left_join(known, "customer_id").drop("customer_id_right")
    rows = rows.group_by("key").aggregate(
        customers=rows.count(), so_far=rows.net_minor.coalesce(0).sum(), expected=rows.value_minor.sum()
    )
    if by == "cohort":
        return rows.order_by(rows.key.desc()).limit(most).order_by("key")
    return rows.order_by(rows.expected.desc(), rows.key.asc()).limit(most)


def _thing(lines: ir.Table, by: str) -> ir.StringValue:
    return lines.category if by == "category" else lines.product_name.coalesce(lines.product_id)
