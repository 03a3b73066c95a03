"""Sessions cut from events inside the engine: which stretches of time are concerned, and what each session in them holds."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import ibis
import ibis.expr.types as ir

from regulars.collect.sessions.domain import (
    BY_ITSELF,
    EVENTS_A_MINUTE,
    LEAVING,
    NAME_HELD,
    ORDER_COMPLETED,
    PAGES_A_MINUTE,
    PRODUCT_ADDED,
    PRODUCT_VIEWED,
    REST,
)
from regulars.warehouse import placeholder, unbound

#: Between ids in one filled-in text; no id holds it.
SEPARATOR = "\x1f"
_OF_EVENTS = (
    "customer_id", "is_known", "session_id", "event_key", "message_id", "timestamp", "type", "event", "order_id", "value_minor", "currency", "url", "path",
    "referring_domain", "channel", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "click_id", "device", "os", "browser", "region",
    "duration_ms", "is_bot", "is_history",
)  # fmt: skip
_OF_TOUCH = (
    "channel", "referring_domain", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "click_id",
)  # fmt: skip


def instant(name: str) -> ir.Value:
    """An instant told when the question is asked."""
    return placeholder(name).cast("timestamp(6)")


def _span(length: timedelta) -> Any:
    return ibis.interval(seconds=int(length.total_seconds()))


def _mine(name: str) -> ir.Table:
    table = unbound(name)
    return table.filter(table.shop_id == placeholder("shop_id"))


# -- what is to be made anew ------------------------------------------------------------------------------------------


@cache
def work() -> ir.Table:
    """How much waits, and since when; told `shop_id`, `since`, `share` and `shares`."""
    waiting = _waiting()
    return waiting.aggregate(rows=waiting.count(), first_at=waiting.first_at.min())


def _waiting() -> ir.Table:
    waiting = _mine("session_work")
    return waiting.filter(waiting.first_at >= instant("since"), in_share(waiting.customer_id))


@cache
def done() -> ir.Table:
    """What waited and was worked on; told as `work`."""
    waiting = _waiting()
    return waiting.select("shop_id", "customer_id", "first_at", "last_at").distinct()


@cache
def nothing() -> ir.Table:
    """Nothing that waits."""
    return unbound("session_work").filter(False)


def in_share(customer_id: ir.Value) -> ir.BooleanValue:
    """Whether a customer is of one of several equal shares of all; told `share` and `shares`."""
    shares = placeholder("shares").cast("int64")
    return (customer_id.hash() % shares + shares) % shares == placeholder("share").cast("int64")  # a hash may be negative


@cache
def ranges() -> ir.Table:
    """Stretches of customers' time that are at least `REST` from any other session; told `shop_id`, `since`, `share`, `shares`, and `low`.

    `low` is an instant before which no session that is looked at ended.
    """
    touched = _waiting()
    names = touched.filter(touched.session_id.notnull())
    names = names.group_by(["customer_id", "session_id"]).aggregate(first=names.first_at.min(), last=names.last_at.max())
    stored = _mine("sessions")
    stored = stored.filter(stored.ended_at > instant("low")).semi_join(touched.select("customer_id").distinct(), "customer_id")
    linked = stored.left_join(
        names,
        [
            stored.customer_id == names.customer_id,
            stored.session_id == names.session_id,
            stored.ended_at > names["first"] - _span(NAME_HELD),
            stored.started_at < names["last"] + _span(NAME_HELD),
        ],
    )
    stretches = _stretches(touched, "first_at", "last_at", ibis.literal(True)).union(
        _stretches(linked, "started_at", "ended_at", linked["first"].notnull())
    )
    before = ibis.window(group_by=stretches.customer_id, order_by=[stretches.first_at, stretches.last_at], rows=(None, -1))
    stretches = stretches.mutate(until=stretches.last_at.max().over(before))
    apart = stretches.until.isnull() | (stretches.first_at >= stretches.until + _span(REST))
    stretches = stretches.mutate(apart=apart.cast("int64"))
    sofar = ibis.cumulative_window(group_by=stretches.customer_id, order_by=[stretches.first_at, stretches.last_at])
    stretches = stretches.mutate(number=stretches.apart.sum().over(sofar))
    whole = stretches.group_by(["customer_id", "number"]).aggregate(
        first_at=stretches.first_at.min(), last_at=stretches.last_at.max(), is_meant=stretches.is_meant.any()
    )
    return whole.filter(whole.is_meant).select(
        shop_id=placeholder("shop_id"), customer_id=whole.customer_id, first_at=whole.first_at, last_at=whole.last_at
    )


def _stretches(table: ir.Table, first: str, last: str, is_meant: ir.Value) -> ir.Table:
    return table.select(
        customer_id=table.customer_id.cast("string"),
        first_at=table[first].cast("timestamp(6)"),
        last_at=table[last].cast("timestamp(6)"),
        is_meant=is_meant.cast("boolean"),
    )


@cache
def gone() -> ir.Table:
    """The sessions in the stretches; told `shop_id`, `low` and `high`, between which all stretches lie."""
    stored, these = _mine("sessions"), _mine("session_ranges")
    stored = stored.filter(stored.started_at >= instant("low"), stored.started_at <= instant("high"))
    return stored.semi_join(
        these,
        [
            stored.customer_id == these.customer_id,
            stored.started_at >= these.first_at,
            stored.started_at <= these.last_at,
        ],
    ).select("shop_id", "session_key", "started_at")


@cache
def made() -> ir.Table:
    """The sessions that events make in the stretches; told `shop_id`, `low` and `high`."""
    events, these = _mine("events"), _mine("session_ranges")
    events = events.filter(events.timestamp >= instant("low"), events.timestamp <= instant("high"))
    return sessions_of(
        events.semi_join(
            these,
            [
                events.customer_id == these.customer_id,
                events.timestamp >= these.first_at,
                events.timestamp <= these.last_at,
            ],
        )
    )


@cache
def made_of_share() -> ir.Table:
    """The sessions of one of several equal shares of all customers; told `shop_id`, `share` and `shares`."""
    events = _mine("events")
    return sessions_of(events.filter(events.customer_id.notnull(), in_share(events.customer_id)))


@cache
def told_under() -> ir.Table:
    """When events told under these ids happened, whose they are now and which session they name; told `shop_id` and `ids`."""
    events = _mine("events")
    events = events.mutate(told=ibis.coalesce(events.user_id, events.anonymous_id))
    wanted = placeholder("ids").split(SEPARATOR).unnest().name("told").as_table()
    found = events.semi_join(wanted, "told")
    return found.group_by(["told", "customer_id", "session_id"]).aggregate(
        first_at=found.timestamp.min(), last_at=found.timestamp.max()
    )


@cache
def of_customers() -> ir.Table:
    """From when to when sessions of these customers go; told `shop_id` and `ids`."""
    stored = _mine("sessions")
    wanted = placeholder("ids").split(SEPARATOR).unnest().name("customer_id").as_table()
    found = stored.semi_join(wanted, "customer_id")
    return found.group_by(["shop_id", "customer_id"]).aggregate(first_at=found.started_at.min(), last_at=found.ended_at.max())


# -- the cut ----------------------------------------------------------------------------------------------------------


def sessions_of(events: ir.Table) -> ir.Table:
    """One row for each session in these events, in the form of the table `sessions`; `domain.cut` says the rule in Python."""
    spelled = events.event.lower()
    for sign in (" ", "_", "-", "$"):
        spelled = spelled.replace(sign, "")
    events = events.select(
        *_OF_EVENTS,
        spelled=spelled,
        is_page=events.type.isin(["page", "screen"]),
        by_server=(events.device == "server").fill_null(False),
    )
    keyed = events.inner_join(_keyed(events), "event_key")
    seen = ~keyed.by_server & ~keyed.spelled.isin(LEAVING)
    acted = (keyed.type == "track") & ~keyed.spelled.isin(BY_ITSELF) & ~keyed.by_server
    found = keyed.group_by("session_key").aggregate(
        session_id=keyed.session_id.max(where=keyed.session_key == keyed.event_key),
        customer_id=keyed.customer_id.min(),
        is_known=keyed.is_known.any(),
        started_at=keyed.timestamp.min(),
        ended_at=keyed.timestamp.max(),
        dwell_ms=keyed.duration_ms.sum(where=keyed.spelled == "pageleft"),
        events=keyed.count(),
        pages=keyed.is_page.sum(),
        product_views=(keyed.spelled == PRODUCT_VIEWED).sum(),
        carts=(keyed.spelled == PRODUCT_ADDED).sum(),
        landing=_first(keyed, ("url", "path"), keyed.path.notnull()),
        exit_path=keyed.path.argmax(keyed.place, where=keyed.is_page),
        touch=_first(keyed, _OF_TOUCH, keyed.channel.notnull()),
        agent=_first(keyed, ("device", "os", "browser"), ~keyed.by_server),
        region=keyed.region.argmin(keyed.place),
        acted=acted.sum(),
        is_seen=seen.any() | keyed.is_page.any(),
        by_agent=keyed.is_bot.any(),
        is_history=keyed.is_history.all(),
        peak_pages=keyed.n_pages.max(),
        peak_events=keyed.n.max(),
        orders=keyed.is_order.sum(),
        currencies=keyed.currency.nunique(where=keyed.is_order),
        value_minor=keyed.value_minor.sum(where=keyed.is_order),
        order=_first(keyed, ("currency", "value_minor"), keyed.is_order),
    )
    reason = ibis.cases(
        (found.by_agent, "agent"),
        (found.peak_pages > PAGES_A_MINUTE, "pages"),
        (found.peak_events > EVENTS_A_MINUTE, "events"),
    )
    found = found.mutate(
        shop_id=placeholder("shop_id"),
        landing_url=found.landing["url"],
        landing_path=found.landing["path"],
        **{name: found.touch[name] for name in _OF_TOUCH},
        device=found.agent["device"].fill_null("server"),
        os=found.agent["os"],
        browser=found.agent["browser"],
        currency=found.order["currency"],
        duration_s=found.ended_at.epoch_seconds().cast("int64") - found.started_at.epoch_seconds().cast("int64"),
        value_minor=ibis.cases((found.currencies <= 1, found.value_minor), else_=found.order["value_minor"]).fill_null(0),
        is_bounce=(found.pages <= 1) & (found.product_views <= 1) & (found.acted == 0),
        bot_reason=reason,
        is_bot=reason.notnull(),
    )
    columns = unbound("sessions")
    return found.select([found[name].cast(columns[name].type()).name(name) for name in columns.columns])


def _first(events: ir.Table, columns: tuple[str, ...], where: ir.BooleanValue) -> ir.StructValue:
    """These columns of the first event of a session that fulfils a condition."""
    return ibis.struct({name: events[name] for name in columns}).argmin(events.place, where=where)


def _keyed(events: ir.Table) -> ir.Table:
    """By event_key: the key of its session, its place among the customer's events, and what is counted with others."""
    order = ibis.cases((events.spelled == ORDER_COMPLETED, events.order_id.fill_null(events.message_id)))
    watched = ~events.by_server & ~events.is_history
    events = events.select(
        "customer_id", "session_id", "event_key", "timestamp", order=order, watched=watched, watched_page=watched & events.is_page
    )
    events = _with_minutes(_beside(events, _named(events), "name_key"), events)
    order = [events.timestamp, events.session_id.isnull(), events.session_id, events.event_key]
    in_time = ibis.window(group_by=events.customer_id, order_by=order)
    events = events.mutate(before=events.timestamp.lag().over(in_time), place=ibis.row_number().over(in_time))
    rested = events.before.isnull() | (events.timestamp >= events.before + _span(REST))
    events = events.mutate(begins=events.session_id.notnull() | rested)
    return _counted(_runs(events, ["customer_id"], ["place"], "session_key", told=events.name_key))


def _named(events: ir.Table) -> ir.Table:
    """Of events that name a session: the key of the run of that name which each belongs to."""
    named = events.filter(events.session_id.notnull()).select("customer_id", "session_id", "event_key", "timestamp")
    by_name = ibis.window(group_by=[named.customer_id, named.session_id], order_by=[named.timestamp, named.event_key])
    named = named.mutate(before=named.timestamp.lag().over(by_name))
    begins = named.before.isnull() | (named.timestamp >= named.before + _span(NAME_HELD))
    found = _runs(named.mutate(begins=begins), ["customer_id", "session_id"], ["timestamp", "event_key"], "name_key")
    return found.select("event_key", "name_key")


def _beside(events: ir.Table, some: ir.Table, *names: str) -> ir.Table:
    """Events with what is known of some of them by their key."""
    joined = events.left_join(some, events.event_key == some.event_key)
    return joined.select(*(events[name] for name in events.columns), *(some[name] for name in names))


def _with_minutes(events: ir.Table, counted: ir.Table) -> ir.Table:
    """Events with how much their customer's minute held: all that is watched, and its pages."""
    minutes = counted.group_by(customer=counted.customer_id, minute=counted.timestamp.truncate("m")).aggregate(
        n=counted.watched.cast("int64").sum(), n_pages=counted.watched_page.cast("int64").sum()
    )
    same = [events.customer_id == minutes.customer, events.timestamp.truncate("m") == minutes.minute]
    return events.inner_join(minutes, same).drop("customer", "minute", "watched", "watched_page")


def _runs(events: ir.Table, of: list[str], order: list[str], name: str, *, told: ir.Value | None = None) -> ir.Table:
    """Each event with what its run begins with: `told`, or the event_key, of the latest event that `begins` one; the first always does."""
    events = events.mutate(key=events.event_key if told is None else ibis.coalesce(told, events.event_key))
    so_far = ibis.cumulative_window(group_by=of, order_by=order)
    events = events.mutate(run=events.begins.cast("int64").sum().over(so_far))
    first = events.filter(events.begins).select(**{f"of_{one}": one for one in of}, of_run="run", **{name: "key"})
    same = [events[one] == first[f"of_{one}"] for one in of]
    joined = events.inner_join(first, [*same, events.run == first.of_run])
    return joined.select(*(events[one] for one in events.columns if one not in ("run", "key")), first[name])


def _counted(keyed: ir.Table) -> ir.Table:
    """Events with what their customer's minute held, and which are the first to tell of an order in their session."""
    telling = keyed.filter(keyed.order.notnull())  # few, so that not all are put in order for them
    row = ibis.row_number().over(ibis.window(group_by=[telling.session_key, telling.order], order_by=telling.place))
    telling = telling.mutate(row=row)
    firsts = telling.filter(telling.row == 0).select(first=telling.event_key)
    found = keyed.left_join(firsts, [("event_key", "first")])
    return found.select("event_key", "session_key", "place", "n", "n_pages", is_order=found["first"].notnull())
