"""What the warehouse holds that recommendations are made of: views, order lines, and lists that were seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import ibis
import ibis.expr.types as ir

from regulars.warehouse import placeholder, unbound
from regulars.warehouse.instants import microseconds
from regulars.warehouse.local_time import local_date

#: Events that a session is made of.
VIEWS = ("Product Viewed", "Product Added")
#: A list that was seen, and a product of it that was chosen; both name the list in `list_id`.
SEEN, CHOSEN = "Product List Viewed", "Product Clicked"
LIST = "rec_"


def views_span(shop_id: str) -> ir.Table:
    """How many views there are, and the newest."""
    views = _views(shop_id)
    return views.aggregate(views=views.count(), newest=views.timestamp.max())


def views(shop_id: str, parts: int, part: int) -> ir.Table:
    """Who looked at what, when: products that people looked at or put into a cart since an instant (`since`, as text).

    People are divided into so many parts, and one of these is asked for.
    """
    views = _views(shop_id)
    mine = views.filter(views.timestamp >= placeholder("since").cast("timestamp"))
    if parts > 1:
        mine = mine.filter((mine.customer_id.hash() % parts + parts) % parts == part)
    return mine.select("customer_id", "product_id", "timestamp")


def _views(shop_id: str) -> ir.Table:
    events = unbound("events")
    mine = (events.shop_id == shop_id, events.event.isin(VIEWS), events.product_id.notnull(), events.customer_id.notnull())
    return events.filter(*mine, ~events.is_bot)


def loaded_since(shop_id: str) -> ir.Table:
    """The messages that came lately (`since`, an instant as text), to tell which of the journal's are in the warehouse already."""
    events = unbound("events")
    return events.filter(events.shop_id == shop_id, events.received_at >= placeholder("since").cast("timestamp")).select(
        "message_id"
    )


def lines(shop_id: str) -> ir.Table:
    """What was bought: products of orders that hold."""
    lines = unbound("order_lines")
    mine = (lines.shop_id == shop_id, lines.status == "placed", lines.kind == "product", lines.product_id.notnull())
    orders = unbound("orders")
    regions = orders.filter(orders.shop_id == shop_id).select("order_id", "region")
    bought = lines.filter(*mine, lines.quantity > 0).select("order_id", "customer_id", "product_id", "ordered_at")
    return bought.left_join(regions, "order_id").select("order_id", "customer_id", "product_id", "ordered_at", "region")


def answers_to_lists(shop_id: str) -> ir.Table:
    """Our lists that were seen or chosen from."""
    events = unbound("events")
    mine = (events.shop_id == shop_id, events.event.isin((SEEN, CHOSEN)), events.list_id.startswith(LIST), ~events.is_bot)
    return events.filter(*mine).select("event", "list_id", "product_id", "properties")


def segments_of(shop_id: str) -> ir.Table:
    """The segments that `customer_id` is in."""
    members = unbound("segment_members")
    return members.filter(members.shop_id == shop_id, members.customer_id == placeholder("customer_id")).select("segment_id")


def members(shop_id: str) -> ir.Table:
    """Who is in the segment `segment_id`."""
    members = unbound("segment_members")
    return members.filter(members.shop_id == shop_id, members.segment_id == placeholder("segment_id")).select("customer_id")


def served_of(shop_id: str, placement: str, since: datetime) -> ir.Table:
    """How often each product was served in a placement since an instant."""
    shown = unbound("list_impressions")
    mine = shown.filter(shown.shop_id == shop_id, shown.placement == placement, shown.served_at >= _instant(since))
    return mine.group_by("product_id").aggregate(n=mine.count())


def seen_since(shop_id: str, since: datetime) -> ir.Table:
    """Whose lists were seen since an instant, with what stood in them."""
    events = unbound("events")
    mine = (events.shop_id == shop_id, events.event == SEEN, events.list_id.startswith(LIST), events.timestamp >= _instant(since))
    return events.filter(*mine, ~events.is_bot, events.customer_id.notnull()).select("customer_id", "properties")


def impressions(shop_id: str, begin: datetime, end: datetime, timezone: str) -> ir.Table:
    """Every product of every list served in a time: by whom it was seen and chosen, and when, as far as events tell.

    An event that names products tells of these; one that names only the list tells of all of it. What was chosen was seen.
    """
    shown = unbound("list_impressions")
    shown = shown.filter(shown.shop_id == shop_id, shown.served_at >= _instant(begin), shown.served_at < _instant(end))
    shown = shown.mutate(served_on=local_date(shown.served_at, timezone, begin, end))
    events = unbound("events")
    mine = (events.shop_id == shop_id, events.timestamp >= _instant(begin), ~events.is_bot, events.list_id.startswith(LIST))
    events = events.filter(*mine)
    looked = events.filter(events.event == SEEN).select("list_id", "customer_id", "properties")
    lists = looked.group_by("list_id").aggregate(list_seen_by=looked.customer_id.max())
    both = shown.select("list_id", "position", "product_id").join(looked, "list_id")
    quoted = ibis.literal('"') + both.product_id + ibis.literal('"')
    both = both.filter(~both.properties.contains('"products"') | both.properties.contains(quoted))
    seen = both.group_by("list_id", "position").aggregate(seen_by=both.customer_id.max(), times_seen=both.count())
    chose = events.filter(events.event == CHOSEN, events.product_id.notnull())
    chosen = chose.group_by("list_id", "product_id").aggregate(chosen_by=chose.customer_id.max(), chosen_at=chose.timestamp.min())
    rows = shown.left_join(lists, "list_id").drop("list_id_right")
    rows = rows.left_join(seen, ["list_id", "position"]).drop("list_id_right", "position_right")
    rows = rows.left_join(chosen, ["list_id", "product_id"]).drop("list_id_right", "product_id_right")
    return rows.mutate(
        list_seen=rows.list_seen_by.notnull(),
        seen=rows.times_seen.notnull() | rows.chosen_at.notnull(),
        chosen=rows.chosen_at.notnull(),
        visitor=ibis.coalesce(rows.seen_by, rows.list_seen_by, rows.chosen_by, rows.list_id),
    )


def counted(rows: ir.Table, by: tuple[str, ...]) -> ir.Table:
    """Impressions by some of their columns: how often served, seen and chosen, and how many lists began so."""
    return rows.group_by(*by).aggregate(
        lists=(rows.position == 1).cast("int64").sum(),
        served=rows.count(),
        seen=rows.seen.cast("int64").sum(),
        clicks=rows.chosen.cast("int64").sum(),
    )


def lists_of(rows: ir.Table) -> ir.Table:
    """How many lists hold something that was shown by the model, by lot, by popularity or by a rule."""
    each = rows.select("list_id", "placement", "model", "arm", "served_on", "shown_by").distinct()
    return each.group_by("placement", "model", "arm", "served_on", "shown_by").aggregate(lists=each.count())


def ordered(shop_id: str, rows: ir.Table, days: int, currency: str) -> ir.Table:
    """Order lines of products that the same person had chosen from a list within so many days; each line by the latest choice."""
    chosen = rows.filter(rows.chosen, rows.chosen_by.notnull()).select(
        "list_id", "placement", "position", "model", "arm", "shown_by", "served_on", "product_id", "chosen_at", "chosen_by"
    )
    lines = unbound("order_lines")
    mine = (lines.shop_id == shop_id, lines.status == "placed", lines.kind == "product", lines.currency == currency)
    bought = lines.filter(*mine, lines.quantity > 0).select(
        "order_id", "line_key", "customer_id", "ordered_at", "amount_minor", bought_id=lines.product_id
    )
    both = bought.join(chosen, [bought.customer_id == chosen.chosen_by, bought.bought_id == chosen.product_id])
    waited = microseconds(both.ordered_at) - microseconds(both.chosen_at)
    both = both.mutate(waited=waited)
    both = both.filter(both.waited >= 0, both.waited < days * 86_400_000_000)
    newest = ibis.row_number().over(
        ibis.window(group_by=["order_id", "line_key"], order_by=[both.waited, both.list_id, both.position])
    )
    both = both.mutate(newest=newest)
    found = both.filter(both.newest == 0)
    orders = unbound("orders")
    totals = orders.filter(orders.shop_id == shop_id).select("order_id", "items_minor")
    return found.left_join(totals, "order_id").select(
        "order_id", "line_key", "product_id", "placement", "position", "model", "arm", "shown_by", "served_on", "amount_minor",
        "items_minor",
    )  # fmt: skip


def given_back(shop_id: str, currency: str) -> ir.Table:
    """Refunds of orders, by order and (where it is told) product."""
    refunds = unbound("refunds")
    mine = refunds.filter(refunds.shop_id == shop_id, refunds.order_id.notnull(), refunds.currency == currency)
    return mine.group_by("order_id", "product_id").aggregate(minor=mine.amount_minor.sum())


def by_visitor(rows: ir.Table) -> ir.Table:
    """Impressions of each visitor in each placement, by what showed them."""
    return rows.group_by("placement", "arm", "shown_by", "visitor").aggregate(
        served=rows.count(), seen=rows.seen.cast("int64").sum(), clicks=rows.chosen.cast("int64").sum()
    )


def by_rank(rows: ir.Table) -> ir.Table:
    """Impressions under a lottery by place, and by the rank that the model had given: the lottery moves ranks to other places."""
    drawn = rows.filter(rows.propensity.notnull(), rows.shown_by.isin(("model", "random")))
    return drawn.group_by("placement", "position", "model_rank").aggregate(
        served=drawn.count(),
        seen=drawn.list_seen.cast("int64").sum(),
        clicks=drawn.chosen.cast("int64").sum(),
        clicks_seen=(drawn.list_seen & drawn.chosen).cast("int64").sum(),
    )


def spread(rows: ir.Table) -> ir.Table:
    """How often each product was served, by placement and day."""
    return rows.group_by("placement", "served_on", "product_id").aggregate(served=rows.count())


def units(shop_id: str, begin: datetime, end: datetime) -> ir.Table:
    """Order lines that each product had in a time: how popular it was."""
    lines = unbound("order_lines")
    mine = (lines.shop_id == shop_id, lines.status == "placed", lines.kind == "product", lines.product_id.notnull())
    inside = lines.filter(*mine, lines.ordered_at >= _instant(begin), lines.ordered_at < _instant(end))
    return inside.group_by("product_id").aggregate(n=inside.count())


def chosen_lists(shop_id: str, since: datetime, placements: tuple[str, ...]) -> ir.Table:
    """What was chosen from lists of some placements since an instant, by whom, from which place; one row per choice."""
    rows = impressions(shop_id, since, since + timedelta(days=3_650), "UTC")
    rows = rows.filter(rows.chosen, rows.chosen_by.notnull(), rows.placement.isin(placements))
    return rows.select("list_id", "placement", "position", "product_id", "served_at", "chosen_by")


def views_of_choosers(shop_id: str, since: datetime) -> ir.Table:
    """What those who chose from lists looked at since an instant."""
    events = unbound("events")
    mine = (events.shop_id == shop_id, events.event == CHOSEN, events.list_id.startswith(LIST), events.timestamp >= _instant(since))
    chose = events.filter(*mine, ~events.is_bot, events.customer_id.notnull()).select("customer_id").distinct()
    looked = _views(shop_id).select("customer_id", "product_id", "timestamp")
    looked = looked.filter(looked.timestamp >= _instant(since))
    return looked.semi_join(chose, "customer_id").order_by("customer_id", "timestamp", "product_id")


def _instant(moment: datetime) -> ir.TimestampScalar:
    """An instant as the warehouse keeps it."""
    return ibis.timestamp(moment.astimezone(UTC).replace(tzinfo=None))
