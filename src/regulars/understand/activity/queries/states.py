"""The buckets customers were active in: their states per bucket, how many buckets they came in, and the gaps between days."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.understand.activity.domain import MONTH_DAYS, ActiveQuery, LifecycleQuery, StickinessQuery
from regulars.understand.questions import EventFilter, Moments
from regulars.understand.questions.queries import bucket, events_of, instant


def states(query: LifecycleQuery) -> ir.Table:
    """`customer_id`, `bucket`, `state`: each state of each customer in the calendar of the query.

    new: the bucket of the first event; returning: active in the bucket before; resurrecting: not active there; dormant: active
    there and not now.
    """
    calendar, moments = query.read
    last = len(calendar) - 1
    rows = events_of(query.asked, filters=[query.event], moments=moments)
    seen = rows.select("customer_id", n=bucket(rows.timestamp, calendar)).distinct()
    wanted = query.event if query.new_basis == "first_match" else EventFilter()
    ever = events_of(query.asked, filters=[wanted], moments=Moments(None, moments.end))
    firsts = ever.group_by("customer_id").aggregate(first_at=ever.timestamp.min())
    firsts = firsts.filter(firsts.first_at >= instant(calendar.starts[0]))
    firsts = firsts.select(newcomer="customer_id", first_n=bucket(firsts.first_at, calendar))
    both = seen.left_join(firsts, [seen.customer_id == firsts.newcomer, seen.n == firsts.first_n])
    both = both.select("customer_id", "n", is_new=both.newcomer.notnull())
    along = ibis.window(group_by=both.customer_id, order_by=both.n)
    both = both.mutate(before=both.n.lag().over(along), after=both.n.lead().over(along))
    state = ibis.cases((both.is_new, "new"), ((both.before == both.n - 1).fill_null(False), "returning"), else_="resurrecting")
    here = both.filter(both.n >= 1).select("customer_id", bucket=both.n - 1, state=state)
    gone = both.filter(both.n < last, (both.after != both.n + 1).fill_null(True))
    gone = gone.select("customer_id", bucket=gone.n, state=ibis.literal("dormant"))
    return here.union(gone)


def by_state(query: LifecycleQuery) -> ir.Table:
    """Customers by `bucket` and `state`."""
    found = states(query)
    return found.group_by("bucket", "state").aggregate(customers=found.count())


def buckets_per_customer(query: StickinessQuery) -> ir.Table:
    """`customer_id`, `buckets`: in how many buckets each customer of the range was active."""
    rows = events_of(query.asked, filters=[query.event], moments=query.range)
    rows = rows.select("customer_id", n=bucket(rows.timestamp, query.calendar))
    seen = rows.group_by("customer_id", "n").aggregate(events=rows.count())
    seen = seen.filter(seen.events >= query.min_count)
    return seen.group_by("customer_id").aggregate(buckets=seen.count())


def by_buckets(query: StickinessQuery) -> ir.Table:
    """Customers by `buckets`."""
    found = buckets_per_customer(query)
    return found.group_by("buckets").aggregate(customers=found.count())


def by_gap(query: ActiveQuery) -> ir.Table:
    """Customers by day `n` and `gap`, the days until they are seen next (30 where it is longer, or never)."""
    calendar, moments = query.read
    rows = events_of(query.asked, filters=[query.event], moments=moments)
    seen = rows.select("customer_id", n=bucket(rows.timestamp, calendar)).distinct()
    after = seen.n.lead().over(ibis.window(group_by=seen.customer_id, order_by=seen.n))
    seen = seen.select("n", gap=ibis.least((after - seen.n).fill_null(MONTH_DAYS), MONTH_DAYS))
    return seen.group_by("n", "gap").aggregate(customers=seen.count())


def seen_in(query: ActiveQuery, moments: Moments) -> ir.Table:
    """Whoever did the event in some moments."""
    return events_of(query.asked, filters=[query.event], moments=moments).select("customer_id").distinct()
