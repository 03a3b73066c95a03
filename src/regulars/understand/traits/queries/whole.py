"""All traits of all customers as one expression: one row each, a column for each trait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from regulars.understand import lifecycle
from regulars.understand.lifecycle import History
from regulars.understand.metrics.queries.scope import instant
from regulars.understand.profiles import bought_lines
from regulars.understand.traits.queries import being, buying, pricing
from regulars.warehouse import unbound
from regulars.warehouse.derived import CUSTOMER_TRAITS
from regulars.warehouse.local_time import FAR_PAST, local_date


@dataclass(frozen=True, slots=True)
class Reach:
    """What is read: the counted orders of a shop, and its visits until `seen_until`."""

    history: History
    seen_until: datetime
    computed_at: datetime
    minor_units: int  # in a major one


def traits(reach: Reach) -> ir.Table:
    """The columns of customer_traits for everybody with a profile, a visit or an identify call under a known id."""
    history = reach.history
    shop_id, currency = history.scope.shop_id, history.scope.currency
    known = lifecycle.known_orders(unbound("orders"), history)
    lines = bought_lines(unbound("order_lines"), shop_id, currency)
    lines = lines.filter(lines.ordered_at < instant(history.as_of))
    priced = pricing.priced(lines)
    sessions, reviews, events, customers, profiles = (
        _of_shop(name, shop_id) for name in ("sessions", "reviews", "events", "customers", "customer_profiles")
    )
    sessions = sessions.filter(sessions.is_known, sessions.is_seen, ~sessions.is_bot)
    told = being.told(events)
    rows = ibis.union(*(one.select(customer_id=one.customer_id.nullif("")) for one in (profiles, sessions, told)), distinct=True)
    profiles = profiles.select(
        "customer_id", "orders", "gmv_minor", "net_minor", "refunds_minor", "days_since_last", "gap_days_median", "first_order_at",
        "region", *(f"{name}_score" for name in ("recency", "frequency", "monetary")),
    )  # fmt: skip
    for more in (
        profiles,
        buying.preferred(lines, "category", "category"),
        buying.preferred(lines, "brand", "brand"),
        buying.preferred(lines, "seller_id", "seller"),
        buying.loyalty(lines),
        buying.promotions(known),
        buying.hours(known, history),
        buying.channels(known),
        pricing.bands(priced),
        pricing.responses(priced),
        pricing.ratings(lines, reviews),
        being.opinions(reviews),
        being.deliveries(known),
        being.visits(sessions, reach.seen_until),
        being.devices(sessions),
        being.places(sessions),
        being.loaded(customers),
        told,
    ):
        rows = rows.left_join(more, "customer_id").drop("customer_id_right")
    return _shaped(_finished(rows, reach), reach)


def _of_shop(name: str, shop_id: str) -> ir.Table:
    table = unbound(name)
    return table.filter(table.shop_id == shop_id)


def _finished(rows: ir.Table, reach: Reach) -> ir.Table:
    """The traits that are worked out from what the parts say."""
    bought, major = rows.orders.cast("float64").nullif(0.0), float(reach.minor_units)
    has_bought = (rows.orders > 0).fill_null(False)
    kept = (rows.net_minor + rows.refunds_minor).cast("float64")
    since = ibis.least(rows.first_order_at.coalesce(rows.registered_at), rows.registered_at.coalesce(rows.first_order_at))
    since_on = local_date(
        since, reach.history.scope.zone, FAR_PAST, max(reach.history.as_of, reach.computed_at) + timedelta(days=2)
    )
    tenure = ibis.literal(reach.history.as_of_on).delta(since_on, unit="day").cast("float64")
    born = rows.loaded_birth_year.cast("float64").coalesce(rows.told_birth_year.try_cast("float64"))
    age = (reach.history.as_of_on.year - born).coalesce(rows.told_age.try_cast("float64"))
    return rows.mutate(
        lifetime_value=ibis.cases((has_bought, rows.net_minor / major)),
        average_order_value=rows.gmv_minor / major / bought,
        order_count=rows.orders,
        recency_days=rows.days_since_last,
        purchase_cycle_days=rows.gap_days_median,
        tenure_days=ibis.greatest(tenure, 0.0),
        return_rate=ibis.cases((kept > 0, rows.refunds_minor / kept)),
        home_region=ibis.coalesce(rows.region, rows.seen_region),
        given_age=ibis.cases((age.between(0, 120), age.floor())),
        given_gender=ibis.coalesce(rows.loaded_gender, rows.told_gender),
        given_city=ibis.coalesce(rows.loaded_city, rows.told_city),
        given_occupation=rows.told_occupation,
        given_tier=ibis.coalesce(rows.loaded_tier, rows.told_tier),
    )


def _shaped(rows: ir.Table, reach: Reach) -> ir.Table:
    rows = rows.mutate(shop_id=ibis.literal(reach.history.scope.shop_id), computed_at=instant(reach.computed_at))
    return rows.select(**{name: rows[name].cast(kind.lstrip("!")) for name, kind in CUSTOMER_TRAITS.columns.items()})
