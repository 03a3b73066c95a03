"""Ibis expressions of the next order: what the shop's history says, and every customer's row. Tables in, tables out.

The formulas are those of `domain`, written once more as expressions; a test holds that both give the same numbers.
"""

from __future__ import annotations

from functools import cache

import ibis
import ibis.expr.types as ir

from regulars.predict.next_purchase.domain import (
    CREDIBLE_GAPS,
    DEVIATIONS,
    HALF_LIFE_RHYTHMS,
    LOST_AFTER_RHYTHMS,
    LOST_WHEN_CHURNED_AFTER_RHYTHMS,
    NOTABLE_REFUND,
    OWN_FROM_GAPS,
    PRIOR_DAYS,
    YEAR_DAYS,
    ShopRhythm,
)
from regulars.understand.profiles import Text, bought_lines, favourite_products, refunds_since_order
from regulars.warehouse import placeholder, unbound
from regulars.warehouse.derived import NEXT_ORDERS


def buyers(profiles: ir.Table, shop_id: str) -> ir.Table:
    """The profiles of customers who ordered."""
    return profiles.filter(profiles.shop_id == shop_id, profiles.orders > 0)


def basis(profiles: ir.Table, shop_id: str) -> ir.Table:
    """One row: how the shop's customers come back, and what they spend after their first purchase day."""
    rows = buyers(profiles, shop_id)
    repeat = rows.purchase_days >= 2
    several = rows.purchase_days >= 4
    return rows.aggregate(
        as_of=rows.as_of.max(),
        customers=rows.count(),
        repeat_customers=rows.count(where=repeat),
        typical_gap_days=rows.gap_days_median.median(where=repeat),
        relative_spread=(rows.gap_days_spread / ibis.greatest(rows.gap_days_median, 1)).median(where=several),
        second_median_days=rows.second_order_days.quantile(0.5, where=repeat),
        second_late_days=rows.second_order_days.quantile(0.8, where=repeat),
        spent_minor=rows.repeat_year_minor.sum(),
        watched_days=_watched_days(rows).sum(),
    )


def second_order_share(profiles: ir.Table, shop_id: str, late_days: float) -> ir.Table:
    """One row: buyers whose first order is longer ago than a second one usually takes, and how many of them came back."""
    rows = buyers(profiles, shop_id)
    rows = rows.filter(_age_days(rows) > late_days)
    return rows.aggregate(had_time=rows.count(), came_back=rows.count(where=rows.purchase_days >= 2))


def top_value(profiles: ir.Table, shop_id: str, daily_minor: float, share: float) -> ir.Table:
    """One row: the yearly value that only this share of buyers reach."""
    rows = buyers(profiles, shop_id)
    return rows.mutate(yearly=yearly_value(rows, daily_minor)).aggregate(top=lambda t: t.yearly.quantile(1 - share))


def yearly_value(rows: ir.Table, daily_minor: float) -> ir.IntegerValue:
    """`domain.yearly_value_minor` as an expression."""
    daily = (rows.repeat_year_minor + PRIOR_DAYS * daily_minor) / (_watched_days(rows) + PRIOR_DAYS)
    return ibis.greatest((daily * YEAR_DAYS).round().cast("int64"), 0)


def _age_days(rows: ir.Table) -> ir.NumericValue:
    """Days since the first purchase day; `days_since_last` counts local days, the rest is the time between the two orders."""
    return rows.first_order_at.delta(rows.last_order_at, unit="day").abs() + rows.days_since_last


def _watched_days(rows: ir.Table) -> ir.NumericValue:
    return ibis.least(_age_days(rows), YEAR_DAYS)


def next_orders(profiles: ir.Table, shop_id: str, currency: str, shop: ShopRhythm) -> ir.Table:
    """One row per buyer: the columns of next_orders."""
    rows = buyers(profiles, shop_id)
    gaps = rows.purchase_days - 1
    weight = gaps / (gaps + CREDIBLE_GAPS)
    once = gaps == 0
    own = ibis.greatest(rows.gap_days_median.coalesce(1), 1)
    blended = (weight * own.ln() + (1 - weight) * ibis.literal(max(shop.typical_gap_days, 1.0)).ln()).exp()
    rows = rows.mutate(gaps=gaps, rhythm_days=ibis.cases((once, float(max(shop.second_order_median_days, 1.0))), else_=blended))
    usual = DEVIATIONS * (weight * rows.gap_days_spread.coalesce(0) + (1 - weight) * shop.relative_spread * rows.rhythm_days)
    second = max(shop.second_order_late_days - max(shop.second_order_median_days, 1.0), 1.0)
    rows = rows.mutate(tolerance=ibis.cases((once, float(second)), else_=ibis.greatest(usual, 1.0)))
    past = rows.days_since_last - rows.rhythm_days - rows.tolerance
    late = past / rows.rhythm_days
    rows = rows.mutate(
        overdue_days=ibis.greatest(past, 0.0),
        status=ibis.cases(
            ((late > LOST_AFTER_RHYTHMS) | ((late > LOST_WHEN_CHURNED_AFTER_RHYTHMS) & (rows.stage == "churned")), "lost"),
            (past > 0, "overdue"),
            (rows.days_since_last >= rows.rhythm_days - ibis.least(rows.tolerance, rows.rhythm_days / 2), "due"),
            else_="on_time",
        ),
        yearly_value_minor=yearly_value(rows, shop.daily_value_minor),
    )
    late = rows.status.isin(["overdue", "lost"])
    winnable = ibis.literal(0.5) ** (rows.overdue_days / (HALF_LIFE_RHYTHMS * rows.rhythm_days))
    rows = rows.mutate(
        currency=ibis.literal(currency),
        rhythm_source=ibis.cases((rows.gaps == 0, "shop"), (rows.gaps < OWN_FROM_GAPS, "blended"), else_="own"),
        lateness=rows.days_since_last / rows.rhythm_days,
        expected_at=_after(rows.last_order_at, rows.rhythm_days),
        late_after_at=_after(rows.last_order_at, rows.rhythm_days + rows.tolerance),
        value_at_stake_minor=ibis.cases((late, (rows.yearly_value_minor * winnable).round().cast("int64")), else_=0),
        refunded=rows.returned_since_minor.coalesce(-1) * rows.orders >= NOTABLE_REFUND * rows.gmv_minor,
        top=rows.yearly_value_minor >= shop.top_value_minor,
    )
    rows = rows.mutate(reason=_reason(rows), action=_action(rows))
    return rows.select(**{name: rows[name].cast(kind.lstrip("!")) for name, kind in NEXT_ORDERS.columns.items()})


def _reason(rows: ir.Table) -> ir.StringValue:
    return ibis.cases(
        (rows.status == "on_time", "on_rhythm"),
        (rows.status == "due", "due_now"),
        (rows.status == "lost", "long_silent"),
        (rows.refunded, "refund_then_silence"),
        (rows.gaps == 0, "no_second_order"),
        (rows.gaps < OWN_FROM_GAPS, "past_blended_rhythm"),
        else_="past_own_rhythm",
    )


def _action(rows: ir.Table) -> ir.StringValue:
    return ibis.cases(
        (rows.status == "on_time", "wait"),
        (rows.status == "due", "remind"),
        ((rows.status == "lost") & rows.top, "win_back_offer"),
        (rows.status == "lost", "let_go"),
        (rows.refunded, "ask_why"),
        (rows.top, "personal_call"),
        (rows.gaps == 0, "second_order_offer"),
        (rows.overdue_days > rows.rhythm_days, "win_back_offer"),
        else_="remind_favourite",
    )


def _after(moment: ir.TimestampValue, days: ir.FloatingValue) -> ir.TimestampValue:
    return moment + (days * 86_400).round().cast("int64").as_interval("s")


# -- the list to act on ---------------------------------------------------------------------------------------------


def listed(next_orders: ir.Table, shop_id: str, statuses: list[str], action: str | None, min_value_minor: int | None) -> ir.Table:
    """The rows that pass the filters of the list."""
    rows = next_orders.filter(next_orders.shop_id == shop_id, next_orders.status.isin(statuses))
    if action:
        rows = rows.filter(rows.action == action)
    if min_value_minor is not None:
        rows = rows.filter(_stake(rows) >= min_value_minor)
    return rows


def _stake(rows: ir.Table) -> ir.IntegerValue:
    """What the filter on value compares: the value at stake, or the yearly value where nothing is at stake yet."""
    return ibis.cases((rows.status.isin(["overdue", "lost"]), rows.value_at_stake_minor), else_=rows.yearly_value_minor)


def ranked(rows: ir.Table, after: tuple[int, int, str] | None, limit: int) -> ir.Table:
    """`limit` rows by value at stake, then yearly value, then number, after a place in that order."""
    if after is not None:
        stake, yearly, customer_id = after
        rows = rows.filter(
            (rows.value_at_stake_minor < stake)
            | (
                (rows.value_at_stake_minor == stake)
                & ((rows.yearly_value_minor < yearly) | ((rows.yearly_value_minor == yearly) & (rows.customer_id > customer_id)))
            )
        )
    return rows.order_by(rows.value_at_stake_minor.desc(), rows.yearly_value_minor.desc(), rows.customer_id.asc()).limit(limit)


@cache
def told_page(size: int) -> ir.Table:
    """`told` for at most so many named customers: built once, `shop_id`, `currency` and `id_0`, `id_1` ... are given when asked.

    Engines find a few named customers faster than through a join.
    """
    ids = [placeholder(f"id_{place}") for place in range(size)]
    rows, *others = (
        table.filter(table.customer_id.isin(ids))
        for table in map(unbound, ("next_orders", "customer_profiles", "order_lines", "refunds"))
    )
    shop_id = placeholder("shop_id")
    return told(rows.filter(rows.shop_id == shop_id), others[0], others[1], others[2], shop_id, placeholder("currency"))


def told(rows: ir.Table, profiles: ir.Table, order_lines: ir.Table, refunds: ir.Table, shop_id: Text, currency: Text) -> ir.Table:
    """The rows with what their sentences are told from: history, favourite product, and money given back since the last order."""
    about = profiles.filter(profiles.shop_id == shop_id).select(
        "customer_id",
        "orders",
        "gmv_minor",
        "last_order_at",
        "days_since_last",
        "gap_days_median",
        "rfm_segment",
        "stage",
        "region",
    )
    known = rows.inner_join(about, "customer_id")
    lines = bought_lines(order_lines, shop_id, currency).semi_join(rows.select("customer_id"), "customer_id")
    liked = favourite_products(lines).select("customer_id", favourite="name")
    back = refunds_since_order(refunds, known, shop_id)
    both = known.left_join(liked, "customer_id").drop("customer_id_right")
    both = both.left_join(back, "customer_id").drop("customer_id_right")
    return both.order_by(both.value_at_stake_minor.desc(), both.yearly_value_minor.desc(), both.customer_id.asc())


def sums(rows: ir.Table, by: str) -> ir.Table:
    """Customers and their money by status or action."""
    return rows.group_by(by).aggregate(
        customers=rows.count(), yearly=rows.yearly_value_minor.sum(), stake=rows.value_at_stake_minor.sum()
    )
