"""The verbs of the lifecycle room: which cuts are in use, and how many customers are, and move, where."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from regulars.understand.lifecycle import queries
from regulars.understand.lifecycle.domain import (
    DEFAULT_CHURNED_AFTER_DAYS,
    DEFAULT_DORMANT_AFTER_DAYS,
    FEWEST_GAPS,
    NOT_YET,
    PROSPECT,
    STAGES,
    Cuts,
    CutsSuggestion,
    LifecycleAnswer,
    LifecycleMonth,
    Movement,
    StageNow,
    suggested_cuts,
)
from regulars.understand.lifecycle.words import stage_explanation, stage_name, suggestion_text
from regulars.understand.metrics.domain import DataSpan
from regulars.understand.metrics.queries.scope import Scope
from regulars.understand.metrics.span import chosen_period, data_span
from regulars.values.money import Money
from regulars.values.periods import Period, next_bucket
from regulars.values.zones import local_day
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop


def history_of(shop: Shop, span: DataSpan) -> queries.History:
    """The counted orders of a shop up to its `as_of`.

    The span must not be empty.
    """
    assert span.first_at is not None
    scope = Scope(shop.shop_id, span.currency, span.other_currency_orders == 0, shop.timezone, "monday")
    return queries.History(scope, span.first_at, span.as_of, last_day_of(span.as_of, shop.timezone))


def last_day_of(as_of: datetime, zone: str) -> date:
    """The local day that holds the last instant before `as_of`."""
    return local_day(as_of - timedelta(microseconds=1), zone)


def suggestion(warehouse: Warehouse, shop: Shop, *, language: str = "en") -> CutsSuggestion | None:
    """Cuts read from the shop's own purchase intervals; None while fewer than 50 repeat orders have been seen.

    Dormant after the days within which 90 % of the shop's repeat orders followed the order before, churned after those of 98 %.
    Gaps still open are not in the distribution, so the longest ones are somewhat under-represented in a short history.
    """
    span = data_span(warehouse, shop)
    if span.empty:
        return None
    history = history_of(shop, span)
    row = warehouse.cached(
        ("lifecycle.gaps", history),
        lambda: warehouse.rows(queries.gap_quantiles(queries.known_orders(warehouse.table("orders"), history)))[0],
        of=("orders",),
    )
    if row["intervals"] < FEWEST_GAPS:
        return None
    dormant, churned = suggested_cuts(row["p90_days"], row["p98_days"])
    found = CutsSuggestion(
        dormant, churned, row["intervals"], round(row["median_days"], 1), round(row["p90_days"], 1), round(row["p98_days"], 1), ""
    )
    return replace(found, text=suggestion_text(found, language))


def cuts_of(warehouse: Warehouse, shop: Shop) -> Cuts:
    """The cuts in use: the shop's settings, else its own rhythm, else 90 and 180 days."""
    dormant, churned = shop.dormant_after_days, shop.churned_after_days
    found = suggestion(warehouse, shop) if dormant is None or churned is None else None
    source = "rhythm" if found else "default"
    own_dormant = found.dormant_after_days if found else DEFAULT_DORMANT_AFTER_DAYS
    own_churned = found.churned_after_days if found else DEFAULT_CHURNED_AFTER_DAYS
    if dormant is None:  # a set cut wins over a read one that it contradicts
        own_dormant = own_dormant if churned is None else min(own_dormant, churned - 1)
    else:
        own_churned = max(own_churned, dormant + 7)
    return Cuts(
        shop.new_within_days,
        own_dormant if dormant is None else dormant,
        own_churned if churned is None else churned,
        source if dormant is None else "setting",  # type: ignore[arg-type]
        source if churned is None else "setting",  # type: ignore[arg-type]
    )


def report(warehouse: Warehouse, shop: Shop, *, period: Period | None = None, language: str = "en") -> LifecycleAnswer:
    """How many customers are in which stage, now and at every month's end, and how they moved.

    Parameters
    ----------
    period : the months it touches are reported whole; by default the last 12 up to `as_of`.

    Returns
    -------
    `now` comes from the refreshed profiles, `months` from the orders. The month under way counts up to `as_of` and is not complete.
    """
    span = data_span(warehouse, shop)
    cuts = cuts_of(warehouse, shop)
    now = _now(warehouse, shop, span, cuts, language)
    if span.empty:
        return LifecycleAnswer(span.as_of, span.currency, cuts, None, now, [])
    chosen = chosen_period(span, shop, period)
    history = history_of(shop, span)
    ends = [min(month.last_on, history.as_of_on) for month in chosen.buckets("month") if month.start_on <= history.as_of_on]
    months: list[LifecycleMonth] = []
    if ends:
        known = queries.known_orders(warehouse.table("orders"), history)
        found = warehouse.cached(
            ("lifecycle.movements", history, cuts, tuple(ends)),
            lambda: warehouse.rows(queries.movements(known, cuts, ends)),
            of=("orders",),
        )
        months = [_month(end, history.as_of_on, found) for end in ends]
    return LifecycleAnswer(span.as_of, span.currency, cuts, suggestion(warehouse, shop, language=language), now, months)


def _now(warehouse: Warehouse, shop: Shop, span: DataSpan, cuts: Cuts, language: str) -> list[StageNow]:
    profiles = warehouse.table("customer_profiles")
    mine = profiles.filter(profiles.shop_id == shop.shop_id)
    rows = {
        row["stage"]: row
        for row in warehouse.rows(
            mine.group_by("stage").aggregate(customers=mine.count(), orders=mine.orders.sum(), net=mine.net_minor.sum())
        )
    }
    buyers = sum(row["customers"] for name, row in rows.items() if name != PROSPECT)
    revenue = sum(int(row["net"]) for row in rows.values())
    answer = []
    for name in (*STAGES, PROSPECT):
        row = rows.get(name, {"customers": 0, "orders": 0, "net": 0})
        answer.append(
            StageNow(
                stage=name,
                name=stage_name(name, language),
                explanation=stage_explanation(name, cuts, language),
                customers=row["customers"],
                share=round(row["customers"] / buyers, 4) if buyers and name != PROSPECT else None,
                orders=int(row["orders"]),
                revenue=Money(int(row["net"]), span.currency),
                revenue_share=round(int(row["net"]) / revenue, 4) if revenue > 0 and name != PROSPECT else None,
            )
        )
    return answer


def _month(end: date, as_of_on: date, rows: list[dict[str, object]]) -> LifecycleMonth:
    """One month from the movements into it."""
    moved: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        if row["month"] == queries.month_index(end):
            moved[str(row["from_stage"]), str(row["to_stage"])] += int(str(row["customers"]))
    stock = {stage: sum(n for (_, to), n in moved.items() if to == stage) for stage in STAGES}
    before = {stage: sum(n for (came, _), n in moved.items() if came == stage) for stage in STAGES}
    churned = sum(n for (came, to), n in moved.items() if to == "churned" and came not in ("churned", NOT_YET))
    won_back = sum(n for (came, to), n in moved.items() if came == "churned" and to in ("new", "active"))
    start = end.replace(day=1)
    return LifecycleMonth(
        month=start,
        end_on=end,
        complete=next_bucket(start, "month") <= as_of_on + timedelta(days=1),
        customers=sum(stock.values()),
        **stock,
        joined=sum(n for (came, _), n in moved.items() if came == NOT_YET),
        became_dormant=sum(n for (came, to), n in moved.items() if to == "dormant" and came in ("new", "active")),
        became_churned=churned,
        reawakened=sum(n for (came, to), n in moved.items() if came == "dormant" and to in ("new", "active")),
        won_back=won_back,
        churn_rate=_share(churned, sum(before.values()) - before["churned"]),
        win_back_rate=_share(won_back, before["churned"]),
        movements=[Movement(came, to, moved[came, to]) for came in (NOT_YET, *STAGES) for to in STAGES if moved.get((came, to))],
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
