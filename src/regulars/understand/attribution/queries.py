"""Touches and conversions as Ibis expressions, and the exact share of each touch under each model."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from regulars.understand.attribution.domain import MODELS, NOT_SET, AttributionQuery, Model
from regulars.understand.questions import NONE, EventFilter, Moments, Property
from regulars.understand.questions.native import epoch_us, hashed
from regulars.understand.questions.queries import belonging, events_of, instant, operand, within
from regulars.warehouse import unbound
from regulars.warehouse.instants import microseconds

#: Weights of time decay are whole numbers of this many parts, so that shares of money are exact.
PARTS = 1 << 20
DAY = 86_400_000_000
#: Where an event tells what is asked for: under its own name, else in what we worked out of its circumstances.
_TOLD = {
    "channel": ("channel", "$channel"),
    "source": ("source", "utm_source", "$utm_source", "$referring_domain"),
    "medium": ("medium", "utm_medium", "$utm_medium"),
    "campaign": ("campaign", "utm_campaign", "$utm_campaign"),
}
_DIRECT = ("direct", "(direct)")


def conversions(query: AttributionQuery) -> ir.Table:
    """Columns `conversion`, `customer_id`, `at`, `minor`: every order once, by its order_id (the first one told wins)."""
    if query.conversion_event is None:
        orders = unbound("orders")
        orders = orders.filter(orders.shop_id == query.asked.shop_id, orders.status != "unpaid", orders.currency == query.currency)
        orders = _ranged(orders, orders.ordered_at, query.moments)
        orders = belonging(orders, query.asked)
        return orders.select("customer_id", conversion=orders.order_id, at=orders.ordered_at, minor=orders.total_minor.fill_null(0))
    rows = _told_of(query, query.conversion_event)
    first = ibis.window(group_by="conversion", order_by=["timestamp", "event_key"])
    rows = rows.mutate(place=ibis.row_number().over(first))
    rows = within(rows.filter(rows.place == 0), query.moments)
    rows = rows.filter(rows.currency.isnull() | (rows.currency == query.currency))
    return rows.select("conversion", "customer_id", at=rows.timestamp, minor=rows.value_minor.fill_null(0))


def _told_of(query: AttributionQuery, wanted: EventFilter) -> ir.Table:
    rows = events_of(query.asked, filters=[wanted])
    return rows.mutate(conversion=ibis.coalesce(rows.order_id, ibis.literal("event ") + rows.event_key.cast("string")))


#: Columns of `conversions_numbered`.
CONVERSION = ("u", "known", "at", "minor", "told", "key", "wanted")


def conversions_numbered(query: AttributionQuery) -> ir.Table:
    """As `conversions`, as numbers and not told apart: `told` (a hash), `key` (of one told twice the first instant and key counts), `wanted`."""
    if query.conversion_event is None:
        rows = conversions(query).mutate(key=ibis.literal(0, "int64"), wanted=True)
    else:
        rows = _told_of(query, query.conversion_event)
        wanted: ir.BooleanValue = rows.currency.isnull() | (rows.currency == query.currency)
        if query.moments.start is not None:
            wanted = wanted & (rows.timestamp >= instant(query.moments.start))
        if query.moments.end is not None:
            wanted = wanted & (rows.timestamp < instant(query.moments.end))
        rows = rows.select(
            "conversion", "customer_id", at=rows.timestamp, minor=rows.value_minor.fill_null(0), key=rows.event_key, wanted=wanted
        )
    return rows.select(
        "key",
        "wanted",
        u=hashed(rows.customer_id),
        known=rows.customer_id.notnull(),
        at=epoch_us(rows["at"]),
        minor=rows.minor.cast("int64"),
        told=hashed(rows.conversion),
    )


def touches_numbered(query: AttributionQuery) -> ir.Table:
    """As `touches`: `u`, `at`, `key`, `value`, `direct`."""
    rows = touches(query)
    return rows.select("key", "value", u=hashed(rows.toucher), at=epoch_us(rows.touched_at), direct=rows.direct.fill_null(False))


def touches(query: AttributionQuery) -> ir.Table:
    """Columns `toucher` (the customer), `touched_at`, `key`, `value`, `direct`: whatever tells where somebody came from."""
    if query.touch_event is None:
        return _visits(query)
    properties = [query.by] if isinstance(query.by, Property) else []
    filters = [EventFilter(query.touch_event.event, query.touch_event.where)]
    rows = events_of(query.asked, filters=filters, properties=properties)
    channel = ibis.coalesce(*(operand(rows, Property(key)).text for key in _TOLD["channel"]))
    if isinstance(query.by, Property):
        value = operand(rows, query.by).text
    else:
        value = ibis.coalesce(*(operand(rows, Property(key)).text for key in _TOLD[query.by]))
    rows = rows.select(toucher=rows.customer_id, touched_at=rows.timestamp, key=rows.event_key, value=value, channel=channel)
    return _told(rows.filter(rows.value.notnull() | rows.channel.notnull()))


def _visits(query: AttributionQuery) -> ir.Table:
    rows = unbound("sessions")
    rows = rows.filter(rows.shop_id == query.asked.shop_id, rows.channel.notnull())
    if not query.asked.with_bots:
        rows = rows.filter(~rows.is_bot)
    rows = belonging(rows, query.asked)
    value = {
        "channel": rows.channel,
        "source": ibis.coalesce(rows.utm_source, rows.referring_domain),
        "medium": rows.utm_medium,
        "campaign": rows.utm_campaign,
    }[str(query.by)]
    rows = rows.select(
        toucher=rows.customer_id, touched_at=rows.started_at, key=rows.session_key, value=value, channel=rows.channel
    )
    return _told(rows)


def _told(rows: ir.Table) -> ir.Table:
    direct = ibis.coalesce(rows.channel, rows.value).isin(_DIRECT)
    value = ibis.coalesce(rows.value, ibis.ifelse(direct, "(direct)", NOT_SET))
    return rows.select("toucher", "touched_at", "key", value=value, direct=direct)


def credited(query: AttributionQuery) -> ir.Table:
    """One row per order and touch before it: `value`, `customer_id`, `conversion`, and by model its `share` (0 to 1) and `minor`."""
    rows = _joined(query)
    own = ibis.window(group_by="conversion")
    rows = rows.mutate(
        place=ibis.row_number().over(ibis.window(group_by="conversion", order_by=["touched_at", "key"])),
        many=rows.count().over(own),
    )
    rows = rows.mutate(
        spoken=rows.place.max(where=~rows.direct).over(own), latest=rows.touched_us.max().over(own), last=rows.many - 1
    )
    rows = rows.mutate(
        **{
            "weight::linear": ibis.literal(1, "int64"),
            "weight::position": ibis.cases(
                (rows.many <= 2, 1), ((rows.place == 0) | (rows.place == rows.last), 2 * (rows.many - 2)), else_=1
            ).cast("int64"),
            "weight::time_decay": (ibis.literal(2.0).pow((rows.touched_us - rows.latest) / (query.half_life_days * DAY)) * PARTS)
            .round()
            .cast("int64"),
        }
    )
    chosen = {
        "first": rows.place == 0,
        "last": rows.place == rows.last,
        "last_non_direct": rows.place == rows.spoken.fill_null(rows.last),
    }
    rows = rows.mutate(
        **{f"share::{model}": test.cast("float64") for model, test in chosen.items()},
        **{f"minor::{model}": ibis.ifelse(test, rows.minor, 0) for model, test in chosen.items()},
    )
    for model in MODELS:
        if model not in chosen:
            rows = _allocated(rows, model)
    return rows


def _allocated(rows: ir.Table, model: Model) -> ir.Table:
    """Minor units by largest remainder: rounded down, then one each to those who lost most (ties: to the earlier touch)."""
    own = ibis.window(group_by="conversion")
    weight = rows[f"weight::{model}"]
    rows = rows.mutate(all_weights=weight.sum().over(own))
    product = rows.minor * rows[f"weight::{model}"]
    rows = rows.mutate(rest=product % rows.all_weights, product=product)
    rows = rows.mutate(whole=((rows["product"] - rows.rest) / rows.all_weights).round().cast("int64"))
    most = ibis.window(group_by="conversion", order_by=[rows.rest.desc(), rows.place.asc()])
    rows = rows.mutate(missing=rows.minor - rows.whole.sum().over(own), turn=ibis.row_number().over(most))
    return rows.mutate(
        **{
            f"minor::{model}": rows.whole + (rows.turn < rows.missing).cast("int64"),
            f"share::{model}": rows[f"weight::{model}"] / rows.all_weights,
        }
    ).drop("all_weights", "rest", "product", "whole", "missing", "turn")


def _joined(query: AttributionQuery) -> ir.Table:
    orders, met = conversions(query), touches(query)
    rows = orders.inner_join(met, orders.customer_id == met.toucher)
    begin = rows.at - ibis.interval(days=query.lookback_days)
    rows = rows.filter(rows.touched_at <= rows.at, rows.touched_at >= begin)
    return rows.select(
        "conversion",
        "customer_id",
        "value",
        "direct",
        "touched_at",
        "key",
        touched_us=microseconds(rows.touched_at),
        minor=rows.minor.cast("int64"),
    )


def by_value(query: AttributionQuery) -> ir.Table:
    """The sums of each value: `touches`, `conversions`, `customers`, and by model `share` and `minor`."""
    sums = [f"{what}::{model}" for model in MODELS for what in ("share", "minor")]
    rows = credited(query)
    each = rows.group_by("value", "customer_id", "conversion").aggregate(
        touches=rows.count(), **{name: rows[name].sum() for name in sums}
    )
    each = each.group_by("value", "customer_id").aggregate(
        touches=each.touches.sum(), conversions=each.count(), **{name: each[name].sum() for name in sums}
    )
    return each.group_by("value").aggregate(
        touches=each.touches.sum(),
        conversions=each.conversions.sum(),
        customers=each.count(),
        **{name: each[name].sum() for name in sums},
    )


def totals(query: AttributionQuery, *, untouched: bool) -> ir.Table:
    """`conversions`, `customers` and `minor` of all orders, or of those without a touch."""
    rows = unmet(query) if untouched else conversions(query)
    each = rows.group_by("customer_id").aggregate(conversions=rows.count(), minor=rows.minor.sum())
    return each.aggregate(conversions=each.conversions.sum(), customers=each.customer_id.count(), minor=each.minor.sum())


def unmet(query: AttributionQuery) -> ir.Table:
    """The conversions before which nothing touched."""
    return conversions(query).anti_join(_joined(query), "conversion")


def behind(query: AttributionQuery, value: str | None, model: Model | None) -> ir.Table:
    """The customers whose orders a value touched, or under a model was given credit for; null: all who ordered."""
    if value is None:
        rows = conversions(query)
    elif value == NONE:
        rows = unmet(query)
    else:
        rows = credited(query)
        rows = rows.filter(rows.value == value)
        if model is not None:
            rows = rows.filter(rows[f"share::{model}"] > 0)
    rows = rows.filter(rows.customer_id.notnull())
    return rows.select("customer_id").distinct()


def _ranged(rows: ir.Table, column: ir.TimestampValue, moments: Moments) -> ir.Table:
    tests: list[Callable[[], ir.BooleanValue]] = []
    if moments.start is not None:
        start = moments.start
        tests.append(lambda: column >= instant(start))
    if moments.end is not None:
        end = moments.end
        tests.append(lambda: column < instant(end))
    return rows.filter(*(test() for test in tests)) if tests else rows
