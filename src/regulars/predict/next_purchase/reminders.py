"""Ibis expressions over what customers probably buy next: the list by page, sums by thing, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import ibis
import ibis.expr.types as ir

from regulars.predict.next_purchase import repeats
from regulars.predict.next_purchase.domain import Level
from regulars.predict.snapshots import Past
from regulars.understand.metrics import instant


def listed(table: ir.Table, shop_id: str, level: Level, thing: str | None, min_probability: float) -> ir.Table:
    """The rows that pass the filters of the list."""
    rows = table.filter(table.shop_id == shop_id, table.level == level, table.probability >= min_probability)
    return rows if thing is None else rows.filter(rows.thing == thing)


def in_order(rows: ir.Table) -> ir.Table:
    """The most probable first."""
    return rows.order_by(rows.probability.desc(), rows.customer_id.asc(), rows.thing.asc())


def ranked(rows: ir.Table, after: tuple[float, str, str] | None, limit: int) -> ir.Table:
    """`limit` rows after a place in that order."""
    if after is not None:
        probability, customer_id, thing = after
        further = (rows.customer_id > customer_id) | ((rows.customer_id == customer_id) & (rows.thing > thing))
        rows = rows.filter((rows.probability < probability) | ((rows.probability == probability) & further))
    return in_order(rows).limit(limit)


def by_thing(table: ir.Table, shop_id: str, level: Level, most: int) -> ir.Table:
    """The things most customers probably buy: how many have it on their list, and the sum of their probabilities."""
    rows = table.filter(table.shop_id == shop_id, table.level == level)
    sums = rows.group_by("thing").aggregate(name=rows.name.max(), customers=rows.count(), expected=rows.probability.sum())
    return sums.order_by(sums.expected.desc(), sums.thing.asc()).limit(most)


# -- what came of it ------------------------------------------------------------------------------------------------


def came(later: Past, level: Level, cut: datetime) -> ir.Table:
    """Customers and things bought from the cut-off on, up to where `later` ends."""
    days = repeats.bought(later, level)
    return days.filter(days["at"] >= instant(cut)).select("customer_id", "thing").distinct()


def most_frequent(days: ir.Table, most: int) -> ir.Table:
    """Of each customer, the things bought on most days; of equal ones the latest."""
    own = days.group_by("customer_id", "thing").aggregate(times=days.count(), last=days["at"].max())
    place = ibis.row_number().over(
        ibis.window(group_by=own.customer_id, order_by=[own.times.desc(), own["last"].desc(), own.thing.asc()])
    )
    own = own.mutate(place=place)
    return own.filter(own.place < most).select("customer_id", "thing")


def last_bought(days: ir.Table, most: int) -> ir.Table:
    """Of each customer, the things of its last purchase day; of more than asked for those bought on most days before."""
    newest = ibis.window(group_by=days.customer_id)
    whole = ibis.window(group_by=[days.customer_id, days.thing])
    rows = days.mutate(last=days.on.max().over(newest), times=days.on.count().over(whole))
    rows = rows.filter(rows.on == rows["last"])
    place = ibis.row_number().over(ibis.window(group_by=rows.customer_id, order_by=[rows.times.desc(), rows.thing.asc()]))
    rows = rows.mutate(turn=place)
    return rows.filter(rows.turn < most).select("customer_id", "thing")


def most_popular(days: ir.Table, since: datetime, most: int, past: Past) -> ir.Table:
    """For each customer the same things: those that most customers bought since an instant."""
    late = days.filter(days["at"] >= instant(since))
    things = late.group_by("thing").aggregate(customers=late.customer_id.nunique())
    things = things.order_by(things.customers.desc(), things.thing.asc()).limit(most).select("thing")
    return days.select("customer_id").distinct().cross_join(things)


def hits(bought: ir.Table, lists: Mapping[str, ir.Table], probable: ir.Table) -> ir.Table:
    """One row: customers who bought, how many of them each list named a thing right for, and purchases of known things, expected and real."""
    customers = bought.select("customer_id").distinct()
    made = customers.aggregate(customers=customers.count())
    for name, named in lists.items():
        right = named.inner_join(bought, ["customer_id", "thing"])
        right = right.select("customer_id").distinct()
        made = made.cross_join(right.aggregate(**{name: right.count()}))
    again = probable.inner_join(bought, ["customer_id", "thing"])
    made = made.cross_join(probable.aggregate(expected=probable.probability.sum()))
    return made.cross_join(again.aggregate(came=again.count()))
