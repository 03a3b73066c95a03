"""Cohorts and returns: who starts in which bucket, and in which buckets they come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import ibis
import ibis.expr.types as ir

from regulars.understand.activity.domain import Breakdown, RetentionQuery, RollingQuery
from regulars.understand.questions import NONE, OTHER, EventFilter, Moments, Property
from regulars.understand.questions.queries import bucket, events_of, instant, operand, passes
from regulars.warehouse.instants import microseconds

Groups = Sequence[str] | None


def triangle(query: RetentionQuery, groups: Groups = None) -> ir.Table:
    """Customers by `value`, `cohort` and `n`: the cohort's size where n = cohort, else how many came back in bucket n.

    In the mode on_or_after n is the last bucket in which they came back.

    Parameters
    ----------
    groups : values of the breakdown that stand for themselves, all others are taken together; None: every value.
    """
    start, back = starts(query, groups), returns(query, groups)
    if query.mode == "on_or_after":
        back = back.group_by("customer_id", "value").aggregate(n=back.n.max())
    pairs = start.join(back, ["customer_id", "value"])
    pairs = pairs.filter(pairs.n > pairs.cohort).select("value", "cohort", "n")
    both = start.select("value", "cohort", n=start.cohort).union(pairs)
    return both.group_by("value", "cohort", "n").aggregate(customers=both.count())


def starts(query: RetentionQuery, groups: Groups = None) -> ir.Table:
    """`customer_id`, `value`, `cohort`: once per customer, value and bucket in which they start."""
    calendar = query.calendar
    if query.cohort_type == "recurring":
        properties = _properties(query.breakdown)
        rows = events_of(query.asked, filters=[query.cohort_event], properties=properties, moments=calendar.moments)
        rows = rows.select("customer_id", value=_value(rows, query.breakdown, groups), cohort=bucket(rows.timestamp, calendar))
        return rows.distinct()
    found = firsts(query, calendar.moments, groups)
    return found.select("customer_id", "value", cohort=bucket(found.first_at, calendar))


def returns(query: RetentionQuery, groups: Groups = None) -> ir.Table:
    """`customer_id`, `value`, `n`: once per customer, value and bucket with enough return events."""
    calendar = query.calendar
    rows = events_of(query.asked, filters=[query.return_event], properties=_properties(query.breakdown), moments=calendar.moments)
    rows = rows.select("customer_id", value=_value(rows, query.breakdown, groups), n=bucket(rows.timestamp, calendar))
    if query.min_return_count == 1:
        return rows.distinct()
    counted = rows.group_by("customer_id", "value", "n").aggregate(events=rows.count())
    return counted.filter(counted.events >= query.min_return_count).select("customer_id", "value", "n")


def firsts(query: RetentionQuery | RollingQuery, moments: Moments, groups: Groups = None) -> ir.Table:
    """`customer_id`, `value`, `first_at` of the customers whose first start of all history lies in some moments.

    first_time: the first event that passes the filter; first_ever: the first event of that name, if it passes the filter.
    Of several events at that instant one that passes is enough, and the first value by name is taken.
    """
    wanted = query.cohort_event
    named = [wanted] if query.cohort_type == "first_time" else [EventFilter(wanted.event), replace(wanted, label=None)]
    rows = events_of(query.asked, filters=named, properties=_properties(query.breakdown), moments=Moments(None, moments.end))
    rows = rows.select("customer_id", "timestamp", value=_value(rows, query.breakdown, groups), fits=passes(rows, wanted))
    if query.breakdown is None or query.breakdown.by.on == "customer":
        one = rows.group_by("customer_id", "value").aggregate(
            any_at=rows.timestamp.min(), first_at=rows.timestamp.min(where=rows.fits)
        )
        one = one.filter(one.any_at == one.first_at)
    else:
        one = rows.group_by("customer_id", "value").aggregate(
            any_at=rows.timestamp.min(), first_at=rows.timestamp.min(where=rows.fits)
        )
        one = one.mutate(least_at=one.any_at.min().over(ibis.window(group_by=one.customer_id)))
        one = one.filter(one.first_at == one.least_at)
        place = ibis.row_number().over(ibis.window(group_by=one.customer_id, order_by=one["value"]))
        one = one.mutate(place=place)
        one = one.filter(one.place == 0)
    if moments.start is not None:
        one = one.filter(one.first_at >= instant(moments.start))
    return one.select("customer_id", "value", "first_at")


def windows(query: RollingQuery, groups: Groups = None) -> ir.Table:
    """Customers by `value`, start day `day` and window `k`: who started that day where k = 0, else who returned in window k."""
    start = firsts(query, query.range, groups)
    start = start.mutate(day=bucket(start.first_at, query.calendar))
    back = comings(query, groups)
    each = back.select("value", "day", "k").union(start.select("value", "day", k=ibis.literal(0, "int64")))
    return each.group_by("value", "day", "k").aggregate(customers=each.count())


def comings(query: RollingQuery, groups: Groups = None) -> ir.Table:
    """`customer_id`, `value`, `day`, `k`: once per customer of the cohort and window k >= 1 with enough return events."""
    start = firsts(query, query.range, groups)
    start = start.mutate(day=bucket(start.first_at, query.calendar))
    start = start.select("value", "day", starter="customer_id", start_us=microseconds(start.first_at))
    rows = events_of(
        query.asked,
        filters=[query.return_event],
        properties=_properties(query.breakdown),
        moments=Moments(query.range.start, None),
    )
    rows = rows.select("customer_id", came_with=_value(rows, query.breakdown, groups), came_us=microseconds(rows.timestamp))
    both = rows.join(start, [rows.customer_id == start.starter, rows.came_with == start["value"]])
    length = query.rolling.microseconds
    both = both.filter(both.came_us >= both.start_us + length, both.came_us < both.start_us + length * query.intervals)
    both = both.select("customer_id", "value", "day", k=((both.came_us - both.start_us) // length).cast("int64"))
    counted = both.group_by("customer_id", "value", "day", "k").aggregate(events=both.count())
    return counted.filter(counted.events >= query.min_return_count).drop("events")


def sizes(query: RetentionQuery | RollingQuery) -> ir.Table:
    """Cohort customers by `value` of the breakdown, largest first: the groups that are shown."""
    found = starts(query) if isinstance(query, RetentionQuery) else firsts(query, query.range)
    by_value = found.group_by("value").aggregate(customers=found.count())
    assert query.breakdown is not None
    return by_value.order_by([by_value.customers.desc(), by_value["value"].asc()]).limit(query.breakdown.limit + 1)


def _properties(breakdown: Breakdown | None) -> list[Property]:
    return [] if breakdown is None else [breakdown.by]


def _value(rows: ir.Table, breakdown: Breakdown | None, groups: Groups) -> ir.StringValue:
    """The group of each event: its own or its customer's value."""
    if breakdown is None:
        return ibis.literal("")
    value = operand(rows, breakdown.by).text.fill_null(NONE)
    return value if groups is None else ibis.cases((value.isin(list(groups)), value), else_=OTHER)
