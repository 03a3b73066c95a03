"""The verbs of the snapshots room: take one as of an instant, and say what came after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow.compute as pc

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict.snapshots.catalogue import FEATURES
from regulars.predict.snapshots.domain import Feature, Outcomes, Snapshot
from regulars.predict.snapshots.past import Own, Past
from regulars.predict.snapshots.queries import baskets, orders, parcels, signals, visits, voices
from regulars.understand.metrics import counted, data_span, scope_of, within
from regulars.values.money import minor_digits
from regulars.warehouse import Warehouse, unbound
from regulars.warehouse.local_time import local_date

if TYPE_CHECKING:
    from regulars.access import Shop


def take(
    warehouse: Warehouse,
    shop: Shop,
    as_of: datetime,
    *,
    active_days: float | None = None,
    most: int | None = None,
    own: Own | None = None,
) -> Snapshot:
    """Features of every buyer as of an instant; nothing after it is seen.

    Parameters
    ----------
    as_of : aware; rows of this instant and later are not seen.
    active_days : only customers whose last order is at most so many days before; None takes all buyers.
    most : about so many customers where there are more, the same ones every time; None takes all. Nothing is read of the others.
    own : further features, each made from a `Past`.

    Raises
    ------
    NotEnoughData : nobody had ordered by then.
    InvalidInput : `as_of` has no time zone, or a feature reads past it.
    """
    past = known_at(warehouse, shop, as_of)
    if most is not None:
        past = _narrowed(warehouse, past, active_days, most)
    scale = float(10 ** minor_digits(past.scope.currency))
    days = orders.days(past)
    bought = baskets.lines(past)
    parts: dict[str, list[ir.Table]] = {
        "orders": [orders.value(days, scale), orders.habits(past)],
        "order_lines": [baskets.assortment(bought), baskets.price(bought, scale)],
        "product_snapshots": [baskets.price_changes(past, bought)],
        "refunds": [voices.returns(past, scale)],
        "reviews": [voices.reviews(past)],
        "deliveries": [parcels.deliveries(past)],
        "sessions": [visits.visits(past)],
        "told": [signals.told(past)],
    }
    there = {source for source in parts if source == "orders" or _any_rows(warehouse, past, source)}
    features = [feature for feature in FEATURES if feature.source in there]
    rows = orders.rhythm(days)
    if active_days is not None:
        rows = rows.filter(rows.recency_days <= active_days)
    joined = [table for source in parts if source in there for table in parts[source]]
    for name, made in (own or {}).items():
        table = made(past)
        past.check(f"the feature '{name}'", table)
        joined.append(table.select("customer_id", name))
        features.append(Feature(name, "own", "number", "own", "given by the caller"))
    for table in joined:
        rows = rows.left_join(table, "customer_id").drop("customer_id_right")
    rows = rows.select("customer_id", **{feature.name: rows[feature.name].cast("float32") for feature in features})
    past.check("the snapshot", rows)
    found = warehouse.query(rows.order_by("customer_id"))
    return Snapshot(past.as_of, past.scope.currency, found, tuple(features), active_days)


def outcomes(warehouse: Warehouse, shop: Shop, snapshot: Snapshot, horizon_days: int) -> Outcomes:
    """What the snapshot's customers did in the days after it.

    Refunds of these days count against their orders; one that names no order counts against whatever its customer bought in them,
    down to nothing.

    Raises
    ------
    NotEnoughData : the horizon is not over at the end of the data.
    """
    span = data_span(warehouse, shop)
    end = snapshot.as_of + timedelta(days=horizon_days)
    if end > span.as_of:
        raise NotEnoughData(
            f"what happened in the {horizon_days} days after {snapshot.as_of:%Y-%m-%d} is not known yet",
            mend=f"take a cut-off of {span.as_of - timedelta(days=horizon_days):%Y-%m-%d} or earlier, or a shorter horizon",
            code="horizon_not_over",
        )
    scope = scope_of(span, shop)
    table, back = unbound("orders"), unbound("refunds")
    rows = within(counted(table, scope), table.ordered_at, snapshot.as_of, end).filter(table.customer_id.notnull())
    rows = rows.mutate(purchase_on=local_date(rows.ordered_at, scope.zone, snapshot.as_of, end))
    amounts = rows.group_by("customer_id").aggregate(amount=rows.total_minor.sum())
    on = rows.select("customer_id", "purchase_on").distinct()
    days = on.group_by("customer_id").aggregate(days=on.count())
    given = within(back.filter(back.shop_id == shop.shop_id), back.refunded_at, snapshot.as_of, end)
    if not scope.one_currency:
        given = given.filter(given.currency == scope.currency)
    bought = rows.select(of_order=rows.order_id, buyer=rows.customer_id)
    given = given.left_join(bought, given.order_id == bought.of_order)
    whose = ibis.cases((given.order_id.isnull(), given.customer_id), else_=given.buyer)
    given = given.select("amount_minor", customer_id=whose)
    given = given.filter(given.customer_id.notnull())
    given = given.group_by("customer_id").aggregate(back=given.amount_minor.sum())
    told = amounts.inner_join(days, "customer_id")
    told = told.left_join(given, "customer_id").drop("customer_id_right")
    found = warehouse.query(told.select("customer_id", "days", net=(told.amount - told.back.coalesce(0)).cast("float64")))
    places = pc.index_in(snapshot.table.column("customer_id"), value_set=found.column("customer_id").combine_chunks())
    scale = 10 ** minor_digits(scope.currency)
    counts = np.asarray(pc.fill_null(pc.take(found.column("days").combine_chunks(), places), 0).cast("int64"))
    money = np.asarray(pc.fill_null(pc.take(found.column("net").combine_chunks(), places), 0.0))
    return Outcomes(snapshot.as_of, horizon_days, counts, np.maximum(money, 0.0) / scale)


def known_at(warehouse: Warehouse, shop: Shop, as_of: datetime) -> Past:
    """The shop's tables as they were known at an instant: what features are made from.

    Raises
    ------
    NotEnoughData : nobody had ordered by then.
    InvalidInput : `as_of` has no time zone.
    """
    if as_of.tzinfo is None:
        raise InvalidInput(
            f"{as_of} has no time zone", mend="give an instant such as 2011-09-09T00:00:00+00:00", code="naive_instant"
        )
    span = data_span(warehouse, shop)
    if span.first_at is None or span.first_at >= as_of:
        raise NotEnoughData(
            f"nobody had ordered by {as_of:%Y-%m-%d}",
            mend="load orders, or take a later cut-off"
            if span.first_at is None
            else f"take a cut-off after {span.first_at:%Y-%m-%d}",
            code="no_orders",
        )
    return Past(scope_of(span, shop), span.first_at, as_of.astimezone(UTC))


def _narrowed(warehouse: Warehouse, past: Past, active_days: float | None, most: int) -> Past:
    """The same past of about so many customers."""
    about = orders.about(past, active_days)
    count = warehouse.query(about.aggregate(n=about.count())).column("n")[0].as_py()
    return past if count <= most else replace(past, only=orders.drawn(about, most / count))


def _any_rows(warehouse: Warehouse, past: Past, source: str) -> bool:
    """Whether the shop had rows of this source by then."""
    if source == "told":
        found = list(signals.told_rows(past))
    else:
        found = [parcels.arrived(past) if source == "deliveries" else past.read(source)]
    return any(warehouse.query(rows.select(one=ibis.literal(1)).limit(1)).num_rows for rows in found)
