"""Features of orders: the rhythm a customer buys in, and what the orders are worth."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.predict.snapshots.past import Past

#: Multiples of the golden ratio fall evenly between 0 and 1; here in whole numbers, which every engine counts alike.
_GOLDEN, _NUMBERS = 2_654_435_761, 2**32


def about(past: Past, active_days: float | None) -> ir.Table:
    """Column `customer_id`: who has ordered by then, and not too long ago."""
    orders = past.purchases()
    rows = orders.group_by("customer_id").aggregate(recency_days=orders.ago.min())
    if active_days is not None:
        rows = rows.filter(rows.recency_days <= active_days)
    return rows.select("customer_id")


def drawn(rows: ir.Table, share: float) -> ir.Table:
    """About that share of the customers, spread evenly over them in their order (Knuth, The Art of Computer Programming 3, 6.4)."""
    place = ibis.row_number().over(ibis.window(order_by=rows.customer_id))
    rows = rows.mutate(number=place * _GOLDEN % _NUMBERS)
    return rows.filter(rows.number < int(share * _NUMBERS)).select("customer_id")


def days(past: Past) -> ir.Table:
    """One row per customer and purchase day: amount, the gap to the day before, and its place counted from the newest."""
    orders = past.purchases()
    rows = orders.group_by("customer_id", "purchase_on").aggregate(
        ago=orders.ago.min(),
        orders=orders.count(),
        amount=orders.total_minor.sum().cast("float64"),
    )
    in_order = ibis.window(group_by=rows.customer_id, order_by=rows.purchase_on)
    back = ibis.window(group_by=rows.customer_id, order_by=rows.purchase_on.desc())
    rows = rows.mutate(before_on=rows.purchase_on.lag(1).over(in_order), place=ibis.row_number().over(back))
    return rows.mutate(gap=rows.purchase_on.delta(rows.before_on, unit="day").cast("float64"))


def rhythm(rows: ir.Table) -> ir.Table:
    """How often, how regularly and how lately."""
    ago, gap, place = rows.ago, rows.gap, rows.place
    made = rows.group_by("customer_id").aggregate(
        recency_days=ago.min(),
        age_days=ago.max(),
        purchase_days=rows.count(),
        orders=rows.orders.sum(),
        gap_mean=gap.mean(),
        gap_median=gap.median(),
        gap_sd=gap.std(),
        gap_longest=gap.max(),
        gap_shortest=gap.min(),
        gap_last=gap.max(where=place == 0),
        gap_last_three=gap.mean(where=place < 3),
        second_last_days=ago.max(where=place == 1),
        third_last_days=ago.max(where=place == 2),
        fifth_last_days=ago.max(where=place == 4),
        days_in_30=rows.count(where=ago <= 30),
        days_in_60=rows.count(where=ago <= 60),
        days_in_90=rows.count(where=ago <= 90),
        days_in_180=rows.count(where=ago <= 180),
        days_30_before=rows.count(where=(ago > 30) & (ago <= 60)),
        days_90_before=rows.count(where=(ago > 90) & (ago <= 180)),
    )
    return made.mutate(
        recency_to_gap=made.recency_days / _a_day_or_more(made.gap_mean),
        recency_to_median_gap=made.recency_days / _a_day_or_more(made.gap_median),
        recency_deviations=(made.recency_days - made.gap_mean) / (made.gap_sd + 1.0),
        recency_share=made.recency_days / ibis.greatest(made.age_days, 1.0),
        repeat_rate=(made.purchase_days - 1) / ibis.greatest(made.age_days, 1.0),
        trend_30=made.days_in_30 / (made.days_30_before + 1.0),
        trend_90=made.days_in_90 / (made.days_90_before + 1.0),
    )


def _a_day_or_more(gap: ir.NumericValue) -> ir.NumericValue:
    """A gap to divide by; unlike `greatest`, null stays null."""
    return ibis.cases((gap < 1.0, 1.0), else_=gap)


def value(rows: ir.Table, scale: float) -> ir.Table:
    """What purchase days are worth, in major units: `scale` minor units are one."""
    amount, ago, place = rows.amount / scale, rows.ago, rows.place
    made = rows.group_by("customer_id").aggregate(
        spent=amount.sum(),
        spent_a_day_mean=amount.mean(),
        spent_a_day_most=amount.max(),
        spent_a_day_sd=amount.std(),
        spent_last=amount.max(where=place == 0),
        spent_in_30=amount.sum(where=ago <= 30).coalesce(0.0),
        spent_in_60=amount.sum(where=ago <= 60).coalesce(0.0),
        spent_in_90=amount.sum(where=ago <= 90).coalesce(0.0),
        spent_in_180=amount.sum(where=ago <= 180).coalesce(0.0),
        watched=ago.max(),
    )
    made = made.mutate(
        spent_last_to_mean=made.spent_last / ibis.greatest(made.spent_a_day_mean, 0.01),
        spent_rate=made.spent / ibis.greatest(made.watched, 30.0),
    )
    return made.drop("watched")


def habits(past: Past) -> ir.Table:
    """Prices paid and how orders come about: discounts, coupons, channels, cancelled orders."""
    orders = past.purchases()
    before = orders.items_minor.cast("float64")
    cut = orders.discount_minor.cast("float64")
    return orders.group_by("customer_id").aggregate(
        units_an_order=orders.units.cast("float64").mean(),
        lines_an_order=orders.line_count.cast("float64").mean(),
        lines_most=orders.line_count.cast("float64").max(),
        discount_share=cut.sum() / ibis.greatest(before.sum(), 1.0),
        discounted_orders_share=(orders.discount_minor > 0).cast("float64").mean(),
        coupon_orders_share=orders.coupon_code.notnull().cast("float64").mean(),
        shipping_share=orders.shipping_minor.cast("float64").sum() / ibis.greatest(orders.total_minor.cast("float64").sum(), 1.0),
        cancelled_share=orders.cancelled.cast("float64").mean(),
        cancelled_in_90=orders.count(where=orders.cancelled & (orders.ago <= 90)),
        discount_last=(cut / ibis.greatest(before, 1.0)).argmin(orders.ago),
    )
