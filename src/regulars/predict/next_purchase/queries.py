"""Ibis expressions of the next order: what the shop's history says, and every customer's row. Tables in, tables out.

The formulas are those of `domain`, written once more as expressions; a test holds that both give the same numbers.
"""

from __future__ import annotations

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
from regulars.understand.lifecycle import History, known_orders, purchase_gaps
from regulars.understand.metrics.queries.scope import instant
from regulars.warehouse.schema import NEXT_ORDERS


def buyers(profiles: ir.Table, shop_id: str) -> ir.Table:
    """The profiles of customers who ordered."""
    return profiles.filter(profiles.shop_id == shop_id, profiles.orders > 0)


def gaps_of_shop(profiles: ir.Table, shop_id: str) -> ir.Table:
    """One row: buyers, those who came back, their typical gap, and how wide gaps spread around it."""
    rows = buyers(profiles, shop_id)
    repeat = rows.purchase_days >= 2
    several = rows.purchase_days >= 4
    return rows.aggregate(
        customers=rows.count(),
        repeat_customers=rows.count(where=repeat),
        typical_gap_days=rows.gap_days_median.median(where=repeat),
        relative_spread=(rows.gap_days_spread / ibis.greatest(rows.gap_days_median, 1)).median(where=several),
    )


def second_orders(orders: ir.Table, history: History) -> ir.Table:
    """One row: the median and the 80 % point of the days between first and second purchase day, among those who came back."""
    gaps = purchase_gaps(known_orders(orders, history))
    firsts = gaps.filter(gaps.place == 1)
    return firsts.aggregate(median_days=firsts.gap_days.quantile(0.5), late_days=firsts.gap_days.quantile(0.8))


def second_order_share(profiles: ir.Table, history: History, late_days: float) -> ir.Table:
    """One row: buyers whose first order is longer ago than a second one usually takes, and how many of them came back."""
    rows = buyers(profiles, history.scope.shop_id)
    age = instant(history.as_of).delta(rows.first_order_at, unit="day")
    rows = rows.filter(age > late_days)
    return rows.aggregate(had_time=rows.count(), came_back=rows.count(where=rows.purchase_days >= 2))


def spending(orders: ir.Table, refunds: ir.Table, history: History) -> ir.Table:
    """Per buyer: net spend after the first purchase day, within the last 365 days, and how many of these days it was watched."""
    known = known_orders(orders, history)
    known = known.mutate(first_on=known.purchase_on.min().over(ibis.window(group_by=known.customer_id)))
    since_days = ibis.literal(history.as_of_on).delta(known.purchase_on, unit="day")
    counts = (known.purchase_on > known.first_on) & (since_days < YEAR_DAYS) & (known.status == "placed")
    spent = known.group_by("customer_id").aggregate(
        bought_minor=known.total_minor.sum(where=counts).coalesce(0),
        age_days=ibis.literal(history.as_of_on).delta(known.purchase_on.min(), unit="day"),
        last_order_at=known.ordered_at.max(),
    )
    returned = _returned(refunds, spent, history)
    both = spent.left_join(returned, "customer_id").drop("customer_id_right")
    return both.select(
        "customer_id",
        spent_minor=ibis.greatest(both.bought_minor - both.returned_minor.coalesce(0), 0),
        watched_days=ibis.least(both.age_days, YEAR_DAYS),
        returned_since_minor=both.returned_since_minor.coalesce(-1),
    )


def _returned(refunds: ir.Table, spent: ir.Table, history: History) -> ir.Table:
    """What each buyer was given back within the last 365 days, and since its last order (null: nothing)."""
    mine = refunds.filter(refunds.shop_id == history.scope.shop_id, refunds.refunded_at < instant(history.as_of))
    if not history.scope.one_currency:
        mine = mine.filter(mine.currency == history.scope.currency)
    mine = mine.inner_join(spent.select("customer_id", "last_order_at"), "customer_id")
    start = instant(history.as_of) - ibis.interval(days=YEAR_DAYS)
    return mine.group_by("customer_id").aggregate(
        returned_minor=mine.amount_minor.sum(where=mine.refunded_at >= start).coalesce(0),
        returned_since_minor=mine.amount_minor.sum(where=mine.refunded_at >= mine.last_order_at),
    )


def daily_value(spent: ir.Table) -> ir.Table:
    """One row: net spend of all buyers after their first purchase day, and the days they were watched."""
    return spent.aggregate(spent_minor=spent.spent_minor.sum(), watched_days=spent.watched_days.sum())


def yearly_value(spent: ir.Table, daily_minor: float) -> ir.IntegerValue:
    """`domain.yearly_value_minor` as an expression."""
    daily = (spent.spent_minor + PRIOR_DAYS * daily_minor) / (spent.watched_days + PRIOR_DAYS)
    return ibis.greatest((daily * YEAR_DAYS).round().cast("int64"), 0)


def top_value(spent: ir.Table, daily_minor: float, share: float) -> ir.Table:
    """One row: the yearly value that only this share of buyers reach."""
    return spent.mutate(yearly=yearly_value(spent, daily_minor)).aggregate(top=lambda t: t.yearly.quantile(1 - share))


def next_orders(profiles: ir.Table, spent: ir.Table, shop: ShopRhythm, history: History) -> ir.Table:
    """One row per buyer: the columns of next_orders."""
    rows = buyers(profiles, history.scope.shop_id).inner_join(spent, "customer_id")
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
        shop_id=ibis.literal(history.scope.shop_id),
        as_of=instant(history.as_of),
        currency=ibis.literal(history.scope.currency),
        rhythm_source=ibis.cases((rows.gaps == 0, "shop"), (rows.gaps < OWN_FROM_GAPS, "blended"), else_="own"),
        lateness=rows.days_since_last / rows.rhythm_days,
        expected_at=_after(rows.last_order_at, rows.rhythm_days),
        late_after_at=_after(rows.last_order_at, rows.rhythm_days + rows.tolerance),
        value_at_stake_minor=ibis.cases((late, (rows.yearly_value_minor * winnable).round().cast("int64")), else_=0),
        refunded=rows.returned_since_minor * rows.orders >= NOTABLE_REFUND * rows.gmv_minor,
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


def sums(rows: ir.Table, by: str) -> ir.Table:
    """Customers and their money by status or action."""
    return rows.group_by(by).aggregate(
        customers=rows.count(), yearly=rows.yearly_value_minor.sum(), stake=rows.value_at_stake_minor.sum()
    )
