"""What customers buy, from whom, how and when: preferences with their strength, promotions, hours."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from regulars.understand.lifecycle import History
from regulars.warehouse.local_time import to_local


def leading(rows: ir.Table, key: str, weight: ir.NumericValue) -> ir.Table:
    """Each customer's value of `key` with the largest sum of weights: columns customer_id, value, share (null where nothing weighs).

    Equal ones go by the value itself, smallest first.
    """
    sums = summed(rows, key, weight)
    best = ibis.window(group_by=sums.customer_id, order_by=[sums.weight.desc(), sums.value.asc()])
    whole = sums.weight.sum().over(ibis.window(group_by=sums.customer_id))
    sums = sums.mutate(place=ibis.row_number().over(best), whole=whole)
    top = sums.filter(sums.place == 0)
    return top.select("customer_id", "value", share=top.weight / top.whole.nullif(0.0))


def summed(rows: ir.Table, key: str, weight: ir.NumericValue) -> ir.Table:
    """Weights by customer and value of `key`, where there is one."""
    rows = rows.mutate(value=rows[key], one_weight=weight.cast("float64"))
    rows = rows.filter(rows.value.notnull())
    return rows.group_by("customer_id", "value").aggregate(weight=rows.one_weight.sum())


def preferred(lines: ir.Table, key: str, name: str) -> ir.Table:
    """The category, brand or seller of most spend, its share, and how much larger that is than the shop's: three columns."""
    sums = summed(lines, key, lines.amount_minor)
    shop = sums.group_by("value").aggregate(spend=sums.weight.sum())
    shop = shop.mutate(shop_share=shop.spend / shop.spend.sum().over(ibis.window()).nullif(0.0)).drop("spend")
    top = leading(lines, key, lines.amount_minor)
    top = top.inner_join(shop, "value")
    columns: dict[str, Any] = {
        f"preferred_{name}": top.value,
        f"preferred_{name}_share": top.share,
        f"preferred_{name}_lift": top.share / top.shop_share.nullif(0.0),
    }
    return top.select("customer_id", **columns)


def promotions(known: ir.Table) -> ir.Table:
    """How much of a customer's buying is at a discount or with a coupon; null where the shop's orders never tell of one."""
    coupon = known.coupon_code.nullif("").notnull()
    sums = known.group_by("customer_id").aggregate(
        orders=known.count(),
        cheaper=(coupon | (known.discount_minor > 0)).cast("int64").sum(),
        coupons=coupon.cast("int64").sum(),
        discount=known.discount_minor.sum(),
        items=known.items_minor.sum(),
    )
    shop = ibis.window()
    told = sums.mutate(
        any_cheaper=sums.cheaper.sum().over(shop),
        any_coupon=sums.coupons.sum().over(shop),
        any_discount=sums.discount.sum().over(shop),
    )
    orders = told.orders.cast("float64")
    return told.select(
        "customer_id",
        discount_order_share=ibis.cases((told.any_cheaper > 0, told.cheaper / orders)),
        coupon_order_share=ibis.cases((told.any_coupon > 0, told.coupons / orders)),
        discount_rate=ibis.cases((told.any_discount > 0, told.discount / told["items"].cast("float64").nullif(0.0))),
    )


def hours(known: ir.Table, history: History) -> ir.Table:
    """The local hour of most orders with its share, and the share of orders at weekends."""
    local = to_local(known.ordered_at, history.scope.zone, history.first_at, history.as_of)
    rows = known.select("customer_id", hour=local.hour().cast("int64"), weekend=(local.day_of_week.index() >= 5).cast("float64"))
    weekends = rows.group_by("customer_id").aggregate(weekend_share=rows.weekend.mean())
    top = leading(rows, "hour", ibis.literal(1.0))
    top = top.select("customer_id", preferred_hour=top.value.cast("float64"), preferred_hour_share=top.share)
    return top.inner_join(weekends, "customer_id")


def channels(known: ir.Table) -> ir.Table:
    """The channel of most orders, and its share of the orders that name one."""
    top = leading(known, "channel", ibis.literal(1.0))
    return top.select("customer_id", preferred_channel=top.value, preferred_channel_share=top.share)


def loyalty(lines: ir.Table) -> ir.Table:
    """Of the brands bought when a category is bought again: the share that were bought the time before."""
    rows = lines.filter(lines.category.notnull(), lines.brand.notnull())
    rows = rows.select("customer_id", "category", "brand", "ordered_at", "order_id").distinct()
    in_category = ibis.window(group_by=[rows.customer_id, rows.category], order_by=[rows.ordered_at, rows.order_id])
    rows = rows.mutate(place=ibis.dense_rank().over(in_category))
    of_brand = ibis.window(group_by=[rows.customer_id, rows.category, rows.brand], order_by=rows.place)
    rows = rows.mutate(before=rows.place.lag(1).over(of_brand))
    again = rows.filter(rows.place > 0)
    stayed = (again.before == again.place - 1).fill_null(False)
    return again.group_by("customer_id").aggregate(brand_loyalty=stayed.cast("float64").mean())
